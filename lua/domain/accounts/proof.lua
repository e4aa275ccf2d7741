--- Proof of identity before a dangerous act (routes with `proof = true`). A form that was sent too late comes back as a page
--- that asks for password or code and carries what was typed: one more button, and the act goes on where it was.
local errors = require("kit.errors")
local reauth = require("kit.reauth")
local respond = require("kit.respond")
local security = require("domain.accounts.security")
local proof = {}

local PAGE = reauth.PAGE
local PASSWORD, CODE, CSRF = "_proof_password", "_proof_code", "_csrf"

-- Fields of the form that waits, as {name, value} for hidden inputs.
local function carried(request)
  local list = {}
  for name, values in pairs(request:form_all()) do
    if name ~= PASSWORD and name ~= CODE and name ~= CSRF then
      for _, value in ipairs(values) do list[#list + 1] = { name = name, value = value } end
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

local function status_of(err, waiting)
  if err then return err.status end
  return waiting and 403 or 200
end

-- What of the page depends on whether a form waits: where it goes, and names that no form of ours has.
local function form_of(request, waiting)
  if not waiting then return { action = PAGE, waiting = {}, code = "code", password = "password" } end
  return { action = request.path, waiting = waiting, code = CODE, password = PASSWORD }
end

--- The page that asks. Without `waiting` it is the one at PAGE, which leads to `next`.
---@param options {next: string?, waiting: table[]?, fault: kit.Error?}
---@return kit.Response
function proof.page(request, options)
  local err, form = options.fault, form_of(request, options.waiting)
  local response = respond.page(request, "accounts/confirm", {
    title = "Подтвердите, что это вы", has_otp = request.session.has_otp, has_password = security.overview(request.user).password_hash ~= nil,
    ways = {}, action = form.action, waiting = form.waiting, code_name = form.code, password_name = form.password, wants_proof = true,
    next = respond.local_path(options.next, "/cabinet/security"), by_field = err and err.by_field or {},
    fault = err and not err.by_field and err.text or nil,
  }, status_of(err, options.waiting))
  if err and err.retry_after then response.headers["retry-after"] = tostring(err.retry_after) end
  return response
end

-- The answer is the page that asks, with what was typed in it.
local function ask(err, fault)
  err.page = function(request)
    return proof.page(request, { next = reauth.path_back(request), waiting = carried(request), fault = fault })
  end
  return nil, err
end

--- Gate of kit.app: has the owner of the session proved himself, or does he with this very form?
---@return true? ok
---@return kit.Error? err
function proof.gate(request, route)
  if not route.proof or request.user.is_guest then return true end
  local is_form = request.method == "POST" and request:media_type() == "application/x-www-form-urlencoded"
  local ok, err = reauth.need(request, { is_strict = is_form })
  if ok or not is_form then return ok, err end
  local typed = request:form()
  local password, code = typed[PASSWORD], typed[CODE]
  if not password and not code then return ask(err) end
  local proved, fault = security.prove(request, { password = password, code = code })
  if proved then return true end
  if fault.by_field then fault = errors.invalid(fault.by_field.code and CODE or PASSWORD, fault.code, fault.text) end
  return ask(err, fault)
end

return proof
