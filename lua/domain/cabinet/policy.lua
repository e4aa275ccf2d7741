--- What a cabinet shows depends on the grant in force alone; each page behind a menu item checks its own rights.
local access = require("kit.access")
local policy = {}

local SHIPPED = { learner = true, teacher = true, partner = true, customer = true, staff = true, coordinator = true, admin = true }

--- The role whose cabinet is shown; an account without a valid grant gets that of a learner.
---@return string
function policy.role(user)
  local grant = user.grant
  return grant and (grant.cabinet or grant.role) or "learner"
end

local function is_for(roles, role)
  if not roles then return true end
  for _, name in ipairs(roles) do
    if name == role then return true end
  end
  return false
end

--- Does this user hold one of the permissions?
---@param needs string|string[]|nil
---@return boolean
function policy.holds(user, needs)
  if not needs then return true end
  for _, permission in ipairs(type(needs) == "table" and needs or { needs }) do
    if access.can(user, permission) then return true end
  end
  return false
end

--- May this line of the menu be shown? Roles of a region's own have no lines written for them: a permission opens those.
---@param item table of fields.MENU
---@return boolean
function policy.shows(user, item)
  local role = policy.role(user)
  if item.private and user.preview then return false end
  if not policy.holds(user, item.needs) then return false end
  if SHIPPED[role] then return is_for(item.roles, role) end
  return item.roles == nil or item.needs ~= nil
end

--- A partner sees what is its own; the others the region.
---@return integer?
function policy.own_organization(user)
  return policy.role(user) == "partner" and user.grant.organization_id or nil
end

return policy
