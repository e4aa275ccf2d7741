--- Dangerous acts want a fresh proof of who is asking: a password or a code given within the last minutes, stamped on the
--- session. A page asks before it shows its form, and its POST asks again, with some time more for filling it in:
---
---   local ok, err = reauth.need(request)
---   if not ok then return nil, err end      -- leads to the page of proof and back; the API answers 403 reauth_required
local errors = require("kit.errors")
local setting = require("kit.setting")
local urls = require("kit.urls")
local reauth = {}

reauth.PAGE = "/cabinet/security/confirm"
local FORM_MINUTES = 30

local function path_back(request)
  if request.method == "GET" or request.method == "HEAD" then return request:full_path() end
  local from = request:header("referer")
  local origin = request:origin()
  return from and from:sub(1, #origin + 1) == origin .. "/" and from:sub(#origin + 1) or "/cabinet/security"
end

--- Has the owner of the session proved himself lately?
---@param request kit.Request
---@param minutes integer? default: the setting accounts.reauth_minutes
---@return true? ok
---@return kit.Error? err 403 reauth_required; pages are led to the proof
function reauth.need(request, minutes)
  local most = minutes or setting.get("accounts.reauth_minutes")
  if request.method ~= "GET" then most = most + FORM_MINUTES end
  local session = request.session
  if session and session.proved_s <= most * 60 then return true end
  return nil, errors.new(403, "reauth_required", "Подтвердите, что это вы: введите пароль или код ещё раз.",
    { location = urls.with(reauth.PAGE, { next = path_back(request) }) })
end

return reauth
