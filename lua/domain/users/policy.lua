--- Users are managed by those whose right reaches everybody.
local access = require("kit.access")
local errors = require("kit.errors")
local policy = {}

---@return true? ok
---@return kit.Error? err
function policy.need_manage(user)
  if access.scope(user, "user.manage") == "all" then return true end
  local err = errors.forbidden()
  err.permission = "user.manage"
  return nil, err
end

return policy
