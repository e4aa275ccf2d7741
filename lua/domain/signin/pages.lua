--- Pages of coming in through a provider: the way there and back, newcomers, organisations of a head, linking.
local providers = require("domain.signin.providers")
local respond = require("kit.respond")
local service = require("domain.signin.service")

local HOME, SECURITY, OFFERS = "/cabinet", "/cabinet/security", "/cabinet/offers"

-- The provider is somewhere else: an address that only a driver makes.
local function leave_for(url)
  return { status = 303, headers = { location = url, ["cache-control"] = "no-store" } }
end

local function fault_page(request, err, href, action)
  local response = respond.page(request, "accounts/message", {
    title = "Войти не вышло", heading = "Войти не вышло", icon = "alert-circle", text = err.text, href = href or "/login", action = action or "Ко входу",
  }, err.status)
  if err.retry_after then response.headers["retry-after"] = tostring(err.retry_after) end
  return response
end

local function begin(request, purpose, next_path, back)
  local url, err = service.begin(request, request.params.provider, { purpose = purpose, next = next_path })
  if url then return leave_for(url) end
  if err.status == 404 then return nil, err end
  return fault_page(request, err, back)
end

local function login(request)
  return begin(request, "login", respond.local_path(request.query.next, HOME))
end

local function link(request)
  return begin(request, "link", SECURITY, SECURITY)
end

local function prove(request)
  return begin(request, "prove", respond.local_path(request.query.next, SECURITY), SECURITY)
end

-- ---- the way back

local function come_in(request, result)
  local known, err = service.come_in(result)
  if not known then return fault_page(request, err) end
  if not known.account then
    service.keep_newcomer(request, result, result.attempt.next)
    return respond.redirect("/login/new")
  end
  local path = service.enter(request, known.account, result.attempt.next)
  if path == result.attempt.next and #service.offers({ id = known.account.id }) > 0 then path = OFFERS end
  return respond.redirect(path, known.notice and { notice = known.notice } or nil)
end

local function after_link(request, result)
  local notice, err = service.link(request, result)
  if not notice then return fault_page(request, err, SECURITY, "К безопасности") end
  return respond.redirect(#service.offers(request.user) > 0 and OFFERS or SECURITY, { notice = notice })
end

local function after_proof(request, result)
  local ok, err = service.prove(request, result)
  if not ok then return fault_page(request, err, SECURITY, "К безопасности") end
  return respond.redirect(result.attempt.next)
end

local AFTER = { login = come_in, link = after_link, prove = after_proof }

local function callback(request)
  local result, err = service.answer(request, request.params.provider)
  if not result then
    if err.status == 404 then return nil, err end
    return fault_page(request, err)
  end
  return AFTER[result.attempt.purpose](request, result)
end

-- ---- newcomers

local function too_late()
  return respond.redirect("/login", { notice = "Время вышло. Начните вход ещё раз.", tone = "warn" })
end

local function show_newcomer(request)
  local found = service.newcomer(request)
  if not found then return too_late() end
  local provider = providers.all()[found.profile.provider]
  return respond.page(request, "signin/newcomer", {
    title = "Впервые у нас?", profile = found.profile, provider = provider, email_is_taken = found.email_is_taken,
    link_next = SECURITY .. "/link/" .. provider.code,
  })
end

local function make_account(request)
  local result, err = service.make_account(request)
  if not result then
    if err.status == 410 then return too_late() end
    return fault_page(request, err)
  end
  local path = service.enter(request, result.account, result.next)
  if #service.offers({ id = result.account.id }) > 0 then path = OFFERS end
  return respond.redirect(path, { notice = "Учётная запись создана. Проверьте профиль." })
end

-- ---- organisations of a head

local function show_offers(request)
  local offers = service.offers(request.user)
  if #offers == 0 then return respond.redirect(HOME) end
  return respond.page(request, "signin/offers", { title = "Ваши организации", offers = offers })
end

local function accept(request)
  local id = math.tointeger(tonumber(request.params.id))
  local ok, err = service.accept(request.user, id or 0)
  if not ok then return nil, err end
  return respond.redirect(#service.offers(request.user) > 0 and OFFERS or HOME,
    { notice = "Вы куратор организации. Переключиться на эту роль можно, нажав на своё имя." })
end

local function decline(request)
  service.decline(request.user)
  return respond.redirect(HOME)
end

local function unlink(request)
  local ok, err = service.unlink(request.user, request.params.provider)
  if not ok then
    if err.code ~= "last_way_in" then return nil, err end
    return respond.redirect(SECURITY, { notice = err.text, tone = "warn" })
  end
  return respond.redirect(SECURITY, { notice = "Отвязано" })
end

local routes = {
  { "GET", "/login/with/{provider}", login, access = "public", summary = "Вход через внешний сервис" },
  { "GET", "/login/callback/{provider}", callback, access = "public", before_otp = true, summary = "Возврат из внешнего сервиса входа" },
  { "GET", "/login/new", show_newcomer, access = "public", summary = "Новый человек из внешнего сервиса" },
  { "POST", "/login/new", make_account, access = "public", summary = "Создать учётную запись по данным внешнего сервиса" },
  { "GET", SECURITY .. "/link/{provider}", link, access = "user", private = true, proof = true, summary = "Привязать внешний вход" },
  { "GET", SECURITY .. "/prove/{provider}", prove, access = "user", private = true, before_otp = true, summary = "Подтвердить личность внешним входом" },
  { "POST", SECURITY .. "/link/{provider}/remove", unlink, access = "user", private = true, proof = true, summary = "Отвязать внешний вход" },
  { "GET", OFFERS, show_offers, access = "user", private = true, summary = "Организации, которые вы возглавляете" },
  { "POST", OFFERS .. "/decline", decline, access = "user", private = true, summary = "Не становиться куратором" },
  { "POST", OFFERS .. "/{id}/accept", accept, access = "user", private = true, summary = "Стать куратором своей организации" },
}

for _, list in ipairs({ "domain.signin.admin_pages", "domain.signin.mock_pages" }) do
  for _, route in ipairs(require(list)) do routes[#routes + 1] = route end
end

return routes
