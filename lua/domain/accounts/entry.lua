--- Letting an account in that has proved itself by its first factor, whichever it was.
local security = require("domain.accounts.security")
local service = require("domain.accounts.service")
local entry = {}

--- Opens the session, or begins the second step where the account has one.
---@param request kit.Request
---@param account {id: integer, email: string?, otp_since: string?}
---@param next_path string
---@return string path where the browser goes
function entry.enter(request, account, next_path)
  if account.otp_since then
    security.begin_step(request, account, next_path)
    return "/login/code"
  end
  service.open(request, account, "web")
  return next_path
end

return entry
