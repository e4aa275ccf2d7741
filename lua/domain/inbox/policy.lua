--- Who sees the list, and how much of it.
local access = require("kit.access")
local errors = require("kit.errors")
local policy = {}

--- "own" for those who only have applications of their own, otherwise the narrowing of the list.
---@return "own"|"list"|nil kind
---@return table|kit.Error scope filters that the user cannot change, or the error
function policy.scope(user)
  local role = user.grant and user.grant.role or "learner"
  if role == "learner" then return "own", {} end
  local scope = access.scope(user, "application.list")
  if scope == "all" then return "list", {} end
  if scope == "organization" then return "list", { own_organization = user.grant.organization_id } end
  return nil, errors.forbidden("Список заявок открыт сотрудникам центра и организаций-партнёров.")
end

return policy
