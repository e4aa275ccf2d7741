--- Pages of registration, log-in and passwords.
local devices = require("domain.accounts.devices")
local entry = require("domain.accounts.entry")
local fields = require("domain.accounts.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local service = require("domain.accounts.service")

local HOME = "/cabinet"

local function next_path(value)
  return respond.local_path(value, HOME)
end

local function login_page(request, data, status)
  data.title, data.errors, data.next = "Вход", data.errors or {}, next_path(data.next)
  local row = service.confirmation(data.confirm)
  data.is_dead_link = data.confirm ~= nil and row == nil
  data.confirm = row and data.confirm
  data.confirm_email = row and row.email
  data.email = data.email or (row and row.email)
  return respond.page(request, "accounts/login", data, status)
end

local function show_login(request)
  local confirm = request.query.confirm
  if not request.user.is_guest and not confirm then return respond.redirect(next_path(request.query.next)) end
  return login_page(request, { next = request.query.next, confirm = confirm })
end

local function with_retry_after(response, err)
  if err.retry_after then response.headers["retry-after"] = tostring(err.retry_after) end
  return response
end

local function login(request)
  local typed = request:form()
  local again = { next = typed.next, email = typed.email, confirm = typed.confirm }
  local input, err = form.parse(fields.LOGIN, typed)
  if not input then
    again.errors = err.by_field
    return login_page(request, again, 422)
  end
  local account
  account, err = service.check(input, request.ip, { confirm = typed.confirm, device = devices.token(request) })
  if not account then
    again.fault = err.text
    return with_retry_after(login_page(request, again, err.status == 401 and 422 or err.status), err)
  end
  local path = entry.enter(request, account, next_path(typed.next))
  return respond.redirect(path, account.was_confirmed and { notice = "Почта подтверждена" } or nil)
end

local function show_logout(request)
  if request.user.is_guest then return respond.redirect("/login") end
  return respond.page(request, "accounts/logout", { title = "Выход" })
end

local function logout(request)
  service.close(request)
  local response = respond.redirect("/")
  response.headers["clear-site-data"] = '"cache", "storage"'
  return response
end

local function register_page(request, typed, err, next_after, status)
  return respond.page(request, "accounts/register", {
    title = "Регистрация", typed = typed, errors = err and err.fields or {}, by_field = err and err.by_field or {},
    next = next_path(next_after), password_min = fields.PASSWORD_MIN,
  }, status)
end

local function show_register(request)
  if not request.user.is_guest then return respond.redirect(next_path(request.query.next)) end
  return register_page(request, {}, nil, request.query.next)
end

local function register(request)
  local typed = request:form()
  local input, err = form.parse(fields.REGISTER, typed)
  local ok
  if input then ok, err = service.register(input, request.ip, next_path(typed.next)) end
  if ok then return respond.redirect("/register/sent") end
  if not err.by_field then return nil, err end
  return register_page(request, typed, err, typed.next, 422)
end

local function registered(request)
  return respond.page(request, "accounts/message", {
    title = "Проверьте почту", heading = "Проверьте почту",
    text = "Мы отправили письмо на указанный адрес. Откройте ссылку из него и войдите: так мы убедимся, что почта ваша.",
    hint = "Письмо идёт до пяти минут. Если его нет, загляните в «Спам» или зарегистрируйтесь ещё раз.",
    href = "/login", action = "Ко входу",
  })
end

local function reset_page(request, email, err, status)
  return respond.page(request, "accounts/reset", {
    title = "Восстановление пароля", email = email, by_field = err and err.by_field or {},
    fault = err and not err.by_field and err.text or nil,
  }, status)
end

local function show_reset(request)
  return reset_page(request)
end

local function ask_reset(request)
  local typed = request:form()
  local input, err = form.parse(fields.RESET, typed)
  local ok
  if input then ok, err = service.ask_reset(input.email, request.ip) end
  if not ok then return with_retry_after(reset_page(request, typed.email, err, err.status), err) end
  return respond.redirect("/password/sent")
end

local function reset_sent(request)
  return respond.page(request, "accounts/message", {
    title = "Проверьте почту", heading = "Проверьте почту",
    text = "Если такой адрес у нас есть, на него ушло письмо со ссылкой. Она действует час.",
    hint = "Письма нет? Проверьте «Спам» и правильно ли вы написали адрес.", href = "/password/reset", action = "Отправить ещё раз",
  })
end

local function dead_link(request, err)
  return respond.page(request, "accounts/message", {
    title = "Ссылка не действует", heading = "Ссылка не действует", icon = "clock-pause", text = err.text,
    href = "/password/reset", action = "Запросить новую ссылку",
  }, err.status)
end

local function new_password_page(request, email, err, status)
  return respond.page(request, "accounts/new_password", {
    title = "Новый пароль", token = request.params.token, email = email, by_field = err and err.by_field or {},
    password_min = fields.PASSWORD_MIN,
  }, status)
end

local function show_new_password(request)
  local row, err = service.reset_link(request.params.token)
  if not row then return dead_link(request, err) end
  return new_password_page(request, row.email)
end

local function set_password(request)
  local row, err = service.reset_link(request.params.token)
  if not row then return dead_link(request, err) end
  local input, ok
  input, err = form.parse(fields.NEW_PASSWORD, request:form())
  if input then ok, err = service.reset(request.params.token, input.password) end
  if ok then return respond.redirect("/login", { notice = "Пароль сохранён. Войдите с ним." }) end
  if err.status == 410 then return dead_link(request, err) end
  return new_password_page(request, row.email, err, 422)
end

local function switch_grant(request)
  local input, err = form.parse(fields.GRANT, request:form())
  if not input then return nil, err end
  local ok
  ok, err = service.switch_grant(request, input.grant_id)
  if not ok then return nil, err end
  return respond.redirect(HOME)
end

local routes = {
  { "GET", "/login", show_login, access = "public", summary = "Вход" },
  { "POST", "/login", login, access = "public", summary = "Вход: проверка почты и пароля" },
  { "GET", "/logout", show_logout, access = "public", before_otp = true, summary = "Выход" },
  { "POST", "/logout", logout, access = "public", preview = true, before_otp = true, summary = "Завершить сеанс" },
  { "GET", "/register/citizen", show_register, access = "public", summary = "Регистрация гражданина" },
  { "POST", "/register/citizen", register, access = "public", summary = "Зарегистрировать гражданина" },
  { "GET", "/register/sent", registered, access = "public", summary = "Письмо о регистрации отправлено" },
  { "GET", "/password/reset", show_reset, access = "public", summary = "Восстановление пароля" },
  { "POST", "/password/reset", ask_reset, access = "public", summary = "Запросить ссылку для нового пароля" },
  { "GET", "/password/sent", reset_sent, access = "public", summary = "Письмо со ссылкой отправлено" },
  { "GET", "/password/reset/{token}", show_new_password, access = "public", summary = "Новый пароль по ссылке" },
  { "POST", "/password/reset/{token}", set_password, access = "public", summary = "Сохранить новый пароль" },
  { "POST", "/cabinet/grant", switch_grant, access = "user", summary = "Сменить роль" },
}

for _, route in ipairs(require("domain.accounts.security_pages")) do routes[#routes + 1] = route end

return routes
