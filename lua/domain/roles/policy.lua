--- Roles are changed by those who manage all users; who manages those of an organisation only grants what there is.
local access = require("kit.access")
local errors = require("kit.errors")
local policy = {}

function policy.need_manage(user)
  local ok, err = access.need(user, "user.manage")
  if not ok then return nil, err end
  if access.scope(user, "user.manage") == "all" then return true end
  err = errors.forbidden()
  err.permission = "user.manage"
  return nil, err
end

return policy
