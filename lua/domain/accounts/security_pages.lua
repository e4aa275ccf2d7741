--- Pages of «Безопасность»: sessions, second factor, password, address, proofs of identity; the second step of a log-in.
local errors = require("kit.errors")
local factor = require("domain.accounts.second_factor")
local fields = require("domain.accounts.fields")
local form = require("kit.form")
local policy = require("domain.accounts.policy")
local proof = require("domain.accounts.proof")
local qr = require("domain.accounts.qr")
local reauth = require("kit.reauth")
local respond = require("kit.respond")
local security = require("domain.accounts.security")
local service = require("domain.accounts.service")

local HOME, PAGE = "/cabinet", "/cabinet/security"

-- ---- the second step of a log-in

local function code_page(request, err)
  local response = respond.page(request, "accounts/code", {
    title = "Код входа", fault = err and err.text or nil,
  }, err and (err.status == 401 and 422 or err.status) or 200)
  if err and err.retry_after then response.headers["retry-after"] = tostring(err.retry_after) end
  return response
end

local function no_step()
  return respond.redirect("/login", { notice = "Время на ввод кода вышло. Войдите ещё раз.", tone = "warn" })
end

local function show_code(request)
  if not security.step(request) then return no_step() end
  return code_page(request)
end

local function check_code(request)
  local step = security.step(request)
  if not step then return no_step() end
  local input, err = form.parse(fields.CODE, request:form())
  if not input then return code_page(request, err) end
  local account
  account, err = security.end_step(request, step, input.code)
  if not account then return code_page(request, err) end
  service.open(request, account, "web")
  return respond.redirect(respond.local_path(step.next, HOME))
end

-- ---- proofs of identity

local function show_confirm(request)
  return proof.page(request, { next = request.query.next })
end

local function confirm(request)
  local typed = request:form()
  local ok, err = security.prove(request, typed)
  if not ok then return proof.page(request, { next = typed.next, fault = err }) end
  return respond.redirect(respond.local_path(typed.next, PAGE))
end

-- ---- the page

local LOGIN_WORDS = {
  ["user.login"] = { text = "Вход", tone = "ok", icon = "check" },
  ["user.login_failed"] = { text = "Неверный пароль", tone = "bad", icon = "x" },
  ["user.otp_failed"] = { text = "Неверный код", tone = "bad", icon = "x" },
}

local function login_rows(logins)
  local rows = {}
  for index, row in ipairs(logins) do
    local device = row.device or (row.kind == "api" and "Приложение") or "—"
    rows[index] = { at = row.at, ip = row.ip or "—", device = device, chip = LOGIN_WORDS[row.action] }
  end
  return rows
end

local function show(request)
  local account, logins, change = security.overview(request.user)
  local list = security.sessions(request)
  return respond.page(request, "accounts/security", {
    title = "Безопасность", nav = "security", sessions = list, others = #list - 1, logins = login_rows(logins),
    email = account.email, has_password = account.password_hash ~= nil, otp_since = account.otp_since, change = change,
    codes_left = account.otp_since and factor.codes_left(request.user) or nil,
    must_have_otp = policy.must_have_otp(request.user.grants), links = {},
  })
end

local function end_session(request)
  local id = math.tointeger(tonumber(request.params.id))
  if not id then return nil, errors.not_found("session") end
  local ok, err = security.end_session(request.user, id)
  if not ok then return nil, err end
  return respond.redirect(PAGE, { notice = "Сеанс завершён" })
end

local function end_others(request)
  security.end_others(request)
  return respond.redirect(PAGE, { notice = "Остальные сеансы завершены" })
end

-- ---- time left: the page asks before the session ends

local function extend(request)
  local session = request.session
  return respond.json({ idle_s = session.idle_minutes * 60, left_s = session.left_s, csrf = require("kit.csrf").token(request) })
end

-- ---- password and address

local function password_page(request, err)
  local account = security.overview(request.user)
  return respond.page(request, "accounts/password", {
    title = "Смена пароля", nav = "security", email = account.email, has_password = account.password_hash ~= nil,
    by_field = err and err.by_field or {}, fault = err and not err.by_field and err.text or nil,
  }, err and err.status or 200)
end

local function show_password(request)
  local ok, err = reauth.need(request)
  if not ok and not security.overview(request.user).password_hash then return nil, err end
  return password_page(request)
end

local function change_password(request)
  if not security.overview(request.user).password_hash then
    local proved, refused = reauth.need(request)
    if not proved then return nil, refused end
  end
  local input, err = form.parse(fields.CHANGE_PASSWORD, request:form())
  local ok
  if input then ok, err = security.change_password(request, input) end
  if not ok then return password_page(request, err) end
  return respond.redirect(PAGE, { notice = "Пароль изменён, остальные сеансы завершены" })
end

local function email_page(request, typed, err)
  return respond.page(request, "accounts/email", {
    title = "Смена адреса", nav = "security", email = request.user.email, typed = typed, by_field = err and err.by_field or {},
  }, err and err.status or 200)
end

local function show_email(request)
  return email_page(request, {})
end

local function ask_email(request)
  local typed = request:form()
  local input, err = form.parse(fields.RESET, typed)
  local ok
  if input then ok, err = security.ask_email(request.user, input.email) end
  if not input or not ok then return email_page(request, typed, err) end
  return respond.redirect(PAGE, { notice = "Мы отправили письма на оба адреса. Откройте ссылки из них." })
end

local function dead_link(request, err)
  return respond.page(request, "accounts/message", {
    title = "Ссылка не действует", heading = "Ссылка не действует", icon = "clock-pause", text = err.text, href = PAGE, action = "К безопасности",
  }, err.status)
end

local function show_email_link(request)
  local link, err = security.email_link(request.params.token)
  if not link then return dead_link(request, err) end
  return respond.page(request, "accounts/email_link", { title = "Смена адреса", link = link, token = request.params.token })
end

local function agree_email(request)
  local result, err = security.agree_email(request.params.token)
  if not result then return dead_link(request, err) end
  return respond.page(request, "accounts/message", {
    title = "Смена адреса", heading = result.is_done and "Адрес изменён" or "Осталось одно письмо", icon = result.is_done and "check" or "mail",
    text = result.is_done and "Теперь входите с новым адресом." or "Адрес сменится, когда вы откроете ссылку и из второго письма.",
    href = PAGE, action = "К безопасности",
  })
end

-- ---- second factor

local function otp_page(request, err)
  local offer, refused = factor.offer(request.user)
  if not offer then return nil, refused end
  return respond.page(request, "accounts/otp", {
    title = "Второй фактор", nav = "security", picture = qr.svg(offer.address), key = offer.readable,
    is_must = policy.must_have_otp(request.user.grants), by_field = err and err.by_field or {},
    fault = err and not err.by_field and err.text or nil,
  }, err and err.status or 200)
end

local function show_otp(request)
  if request.session.has_otp then return respond.redirect(PAGE) end
  return otp_page(request)
end

local function codes_page(request, codes)
  return respond.page(request, "accounts/recovery_codes", { title = "Коды восстановления", nav = "security", codes = codes })
end

local function confirm_otp(request)
  local input, err = form.parse(fields.CODE, request:form())
  local codes
  if input then codes, err = factor.confirm(request.user, input.code) end
  if codes then
    require("kit.session").prove(request)
    return codes_page(request, codes)
  end
  if err.status == 409 then return respond.redirect(PAGE, { notice = err.text, tone = "warn" }) end
  return otp_page(request, err)
end

local function renew_codes(request)
  if not request.session.has_otp then return respond.redirect(PAGE) end
  return codes_page(request, factor.renew_codes(request.user))
end

local function disable_otp(request)
  local ok, err = factor.disable(request.user)
  if not ok then return respond.redirect(PAGE, { notice = err.text, tone = "warn" }) end
  return respond.redirect(PAGE, { notice = "Второй фактор отключён" })
end

local routes = {
  { "GET", "/login/code", show_code, access = "public", summary = "Вход: второй шаг" },
  { "POST", "/login/code", check_code, access = "public", summary = "Вход: проверка кода" },
  { "GET", PAGE, show, access = "user", summary = "Безопасность: сеансы, пароль, второй фактор" },
  { "GET", PAGE .. "/confirm", show_confirm, access = "user", before_otp = true, summary = "Подтвердить, что это вы" },
  { "POST", PAGE .. "/confirm", confirm, access = "user", before_otp = true, summary = "Подтвердить личность паролем или кодом" },
  { "POST", PAGE .. "/sessions/{id}/end", end_session, access = "user", summary = "Завершить один из своих сеансов" },
  { "POST", PAGE .. "/sessions/end", end_others, access = "user", summary = "Завершить все остальные сеансы" },
  { "POST", PAGE .. "/extend", extend, access = "user", before_otp = true, summary = "Продлить сеанс" },
  { "GET", PAGE .. "/password", show_password, access = "user", summary = "Смена пароля" },
  { "POST", PAGE .. "/password", change_password, access = "user", summary = "Сменить пароль" },
  { "GET", PAGE .. "/email", show_email, access = "user", proof = true, summary = "Смена адреса почты" },
  { "POST", PAGE .. "/email", ask_email, access = "user", proof = true, summary = "Запросить смену адреса" },
  { "GET", "/email/{token}", show_email_link, access = "public", summary = "Подтверждение смены адреса" },
  { "POST", "/email/{token}", agree_email, access = "public", summary = "Согласиться на смену адреса" },
  { "GET", PAGE .. "/otp", show_otp, access = "user", proof = true, before_otp = true, summary = "Включение второго фактора" },
  { "POST", PAGE .. "/otp", confirm_otp, access = "user", proof = true, before_otp = true, summary = "Включить второй фактор" },
  { "POST", PAGE .. "/otp/codes", renew_codes, access = "user", proof = true, summary = "Новые коды восстановления" },
  { "POST", PAGE .. "/otp/off", disable_otp, access = "user", proof = true, summary = "Отключить второй фактор" },
}

for _, route in ipairs(routes) do
  route.private = route.access == "user" or nil
end

return routes
