--- Registration: which of the three ways, the form of an employer and of a partner, following an invitation.
local accounts = require("domain.accounts")
local claims = require("domain.organizations.claims")
local errors = require("kit.errors")
local fields = require("domain.organizations.fields")
local form = require("kit.form")
local invitations = require("domain.organizations.invitations")
local respond = require("kit.respond")
local store = require("domain.organizations.store")

local WORDS = {
  customer = { path = "/register/employer", title = "Регистрация работодателя", sub = "Заявки на обучение работников, подбор выпускников" },
  partner = { path = "/register/partner", title = "Регистрация партнёра", sub = "Колледжи, вузы, школы: свои программы, группы и мастерские" },
}

local function choice(request)
  return respond.page(request, "organizations/choice", {
    title = "Регистрация", next = respond.local_path(request.query.next, "/cabinet"), is_partner_open = claims.is_open("partner"),
  })
end

local function closed_page(request)
  return respond.page(request, "accounts/message", {
    title = "Регистрация по приглашению", heading = "Партнёры регистрируются по приглашению", icon = "lock",
    text = "Чтобы стать партнёром, напишите в центр: вам пришлют приглашение со ссылкой.", href = "/register", action = "Другие способы",
  }, 403)
end

-- Kinds that a newcomer may name himself, by side.
local KINDS = { partner = { poo = true, vo = true, dpo = true, school = true, nko = true }, customer = { employer = true, nko = true, oiv = true } }

local function kind_options(role)
  local options = {}
  for _, kind in ipairs(store.kinds()) do
    if KINDS[role][kind.value] then options[#options + 1] = kind end
  end
  return options
end

local function form_page(request, role, typed, err)
  local known = err and err.organization
  return respond.page(request, "organizations/register", {
    title = WORDS[role].title, words = WORDS[role], role = role, typed = typed, errors = err and err.fields or {}, by_field = err and err.by_field or {},
    fault = err and not err.by_field and err.text or nil, is_guest = request.user.is_guest, known = known, kinds = kind_options(role),
    password_min = accounts.PASSWORD_MIN, wide = true,
  }, err and err.status or 200)
end

local function show(role)
  return function(request)
    if not claims.is_open(role) then return closed_page(request) end
    return form_page(request, role, { kind = role == "customer" and "employer" or "poo" })
  end
end

-- Faults of both halves of the form at once.
local function read(request, typed)
  local input, err = form.parse(fields.REGISTER, typed)
  if not request.user.is_guest then return input, err end
  local person, fault = form.parse(accounts.REGISTER, typed)
  if input and person then return input, nil, person end
  local all = {}
  for _, part in ipairs({ err or false, fault or false }) do
    for _, item in ipairs(part and part.fields or {}) do all[#all + 1] = item end
  end
  return nil, errors.invalid(all)
end

-- As a guest with an account to be made, or as whoever is logged in. Returns where to go and what to say.
local function register(request, role, input, person, wants_join)
  if person then
    local ok, err = claims.register_guest(person, input, role, wants_join, request.ip)
    return ok and respond.redirect("/register/sent"), err
  end
  local id, err = claims.register(request.user, input, role, wants_join)
  local notice = wants_join and "Запрос отправлен куратору" or "Организация отправлена на проверку"
  return id and respond.redirect("/cabinet/my-organizations", { notice = notice }), err
end

local function send(role)
  return function(request)
    if not claims.is_open(role) then return closed_page(request) end
    local typed = request:form()
    local input, err, person = read(request, typed)
    if not input then return form_page(request, role, typed, err) end
    local answer, refused = register(request, role, input, person, typed.action == "join")
    if answer then return answer end
    local page = form_page(request, role, typed, refused)
    if refused.retry_after then page.headers["retry-after"] = tostring(refused.retry_after) end
    return page
  end
end

-- ---- invitations

local function dead(request, err)
  return respond.page(request, "accounts/message", {
    title = "Приглашение не действует", heading = "Приглашение не действует", icon = "clock-pause", text = err.text, href = "/login", action = "Ко входу",
  }, err.status)
end

local function invitation_page(request, invitation, typed, err)
  return respond.page(request, "organizations/invitation", {
    title = "Приглашение", invitation = invitation, token = request.params.token, typed = typed or {}, errors = err and err.fields or {},
    by_field = err and err.by_field or {}, fault = err and not err.by_field and err.text or nil, is_guest = request.user.is_guest,
    email = request.user.email, capacity = fields.CAPACITY_NAMES[invitation.capacity], password_min = accounts.PASSWORD_MIN,
  }, err and err.status or 200)
end

local function show_invitation(request)
  local invitation, err = invitations.find(request.params.token)
  if not invitation then return dead(request, err) end
  return invitation_page(request, invitation)
end

local function accept_new(request, invitation)
  local typed = request:form()
  local input, err = form.parse(fields.ACCEPT, typed)
  local done
  if input then done, err = invitations.accept_new(request.params.token, input) end
  if not done then
    if err.status == 410 then return dead(request, err) end
    return invitation_page(request, invitation, typed, err)
  end
  return respond.redirect("/login", { notice = "Пароль сохранён. Войдите: организация уже в вашем кабинете." })
end

local function accept(request)
  local invitation, err = invitations.find(request.params.token)
  if not invitation then return dead(request, err) end
  if request.user.is_guest then return accept_new(request, invitation) end
  local done
  done, err = invitations.accept(request.user, request.params.token)
  if not done then return dead(request, err) end
  return respond.redirect("/cabinet/organization", { notice = "Вы приняты: " .. done.short_name })
end

return {
  { "GET", "/register", choice, access = "public", summary = "Регистрация: выбор способа" },
  { "GET", "/register/employer", show("customer"), access = "public", summary = "Регистрация работодателя" },
  { "POST", "/register/employer", send("customer"), access = "public", summary = "Зарегистрировать работодателя" },
  { "GET", "/register/partner", show("partner"), access = "public", summary = "Регистрация организации-партнёра" },
  { "POST", "/register/partner", send("partner"), access = "public", summary = "Зарегистрировать партнёра" },
  { "GET", "/invitation/{token}", show_invitation, access = "public", summary = "Приглашение в организацию" },
  { "POST", "/invitation/{token}", accept, access = "public", summary = "Принять приглашение" },
}
