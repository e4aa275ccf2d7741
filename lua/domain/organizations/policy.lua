--- Who may do what with an organisation. Rights are data in rules/permissions; membership in an organisation is looked up where
--- the role in force does not say it.
local access = require("kit.access")
local errors = require("kit.errors")
local policy = {}

--- The base of partners and customers.
function policy.need_list(user) return access.need(user, "organization.list") end

--- Checks, invites, decides in anybody's place.
---@return boolean
function policy.is_moderator(user) return (access.can(user, "organization.moderate")) end

function policy.need_moderate(user) return access.need(user, "organization.moderate") end

--- 404 for a stranger: what the organisation keeps is its own affair.
---@return true? ok
---@return kit.Error? err
function policy.need_read(user, organization)
  if access.can(user, "organization.list", organization) then return true end
  if user.grant and user.grant.organization_id == organization.id then return true end
  return nil, errors.not_found("organization", organization.id)
end

--- The staff, or its curator.
---@return true? ok
---@return kit.Error? err
function policy.need_edit(user, organization)
  local ok, err = policy.need_read(user, organization)
  if not ok then return nil, err end
  return access.need(user, "organization.manage", organization)
end

---@return true? ok
---@return kit.Error? err
function policy.need_members(user, organization)
  local ok, err = policy.need_read(user, organization)
  if not ok then return nil, err end
  return access.need(user, "organization.members", organization)
end

return policy
