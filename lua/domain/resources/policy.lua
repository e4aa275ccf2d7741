--- Who may do what with resources. Rights are data in rules/permissions.
local access = require("kit.access")
local errors = require("kit.errors")
local policy = {}

local READ = { "resource.read", "staff_resource.read" }
policy.ROUTE_READ, policy.ROUTE_MANAGE = READ, { "resource.manage" }

--- Filters that the user's rights add to the list of a kind; nil, err: none of it is for him.
---@return table? scope
---@return kit.Error? err
function policy.scope(user, kind)
  local ok, err = access.need(user, kind.read)
  if not ok then return nil, err end
  local scope = access.scope(user, kind.read)
  if scope == "organization" then return { organization_id = user.grant.organization_id } end
  if scope == "own" then return { person_id = user.person_id or 0 } end
  return {}
end

--- A stranger does not learn that the card is there.
function policy.need_read(user, kind, card)
  if access.can(user, kind.read, card) then return true end
  local ok, err = access.need(user, kind.read)
  if not ok then return nil, err end
  return nil, errors.not_found(kind.table, card.id)
end

function policy.need_manage(user, kind, card)
  local ok, err = policy.need_read(user, kind, card)
  if not ok then return nil, err end
  return access.need(user, "resource.manage", card)
end

---@return boolean
function policy.can_manage(user, card) return (access.can(user, "resource.manage", card)) end
---@return boolean
function policy.is_moderator(user) return (access.can(user, "resource.moderate")) end

--- The organisation for which the user makes cards: his own, or any for whom manages all.
---@return integer? own
function policy.own_organization(user)
  return access.scope(user, "resource.manage") == "organization" and user.grant.organization_id or nil
end

return policy
