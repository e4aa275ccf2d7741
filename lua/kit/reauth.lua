--- Dangerous acts want a fresh proof of who is asking: a password or a code given within the last minutes, stamped on the session.
--- A route says so with `proof = true`; a handler may ask by itself:
---
---   local ok, err = reauth.need(request)
---   if not ok then return nil, err end      -- leads to the page of proof and back; the API answers 403 reauth_required
local errors = require("kit.errors")
local setting = require("kit.setting")
local urls = require("kit.urls")
local reauth = {}

reauth.PAGE = "/cabinet/security/confirm"
local FORM_MINUTES = 30

--- Where a visitor goes on after the proof: this page, or the one that sent the form.
---@param request kit.Request
---@return string path
function reauth.path_back(request)
  if request.method == "GET" or request.method == "HEAD" then return request:full_path() end
  local from = request:header("referer")
  local origin = request:origin()
  return from and from:sub(1, #origin + 1) == origin .. "/" and from:sub(#origin + 1) or "/cabinet/security"
end

--- Has the owner of the session proved himself lately? A form that cannot be carried over the proof (a file in it) has some time
--- more for being filled in: its page has asked already.
---@param request kit.Request
---@param options {is_strict: boolean?}? is_strict: no time more
---@return true? ok
---@return kit.Error? err 403 reauth_required; pages are led to the proof
function reauth.need(request, options)
  local most = setting.get("accounts.reauth_minutes")
  if request.method ~= "GET" and not request.is_api and not (options and options.is_strict) then most = most + FORM_MINUTES end
  local session = request.session
  if session and session.proved_s <= most * 60 then return true end
  local text = request.is_api and "Токен выдан давно. Получите новый по паролю и повторите." or "Подтвердите, что это вы: введите пароль или код ещё раз."
  return nil, errors.new(403, "reauth_required", text, { location = urls.with(reauth.PAGE, { next = reauth.path_back(request) }) })
end

return reauth
