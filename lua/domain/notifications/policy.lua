--- Notifications are everybody's own; a kind is offered to those whom it can reach.
local access = require("kit.access")
local policy = {}

local function is_one_of(name, list)
  for _, item in ipairs(list) do
    if item == name then return true end
  end
  return false
end

---@return boolean
function policy.concerns(user, kind)
  local grant = user.grant
  if kind.roles and not is_one_of(grant and (grant.cabinet or grant.role) or "learner", kind.roles) then return false end
  if not kind.needs then return true end
  for _, permission in ipairs(type(kind.needs) == "table" and kind.needs or { kind.needs }) do
    if access.can(user, permission) then return true end
  end
  return false
end

return policy
