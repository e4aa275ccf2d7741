--- «Мои дети»: what a guardian sees and does; and the page behind the link of a request.
local consents = require("domain.people.consents")
local fields = require("domain.people.fields")
local form = require("kit.form")
local guardians = require("domain.people.guardians")
local respond = require("kit.respond")
local service = require("domain.people.service")

local PATH = "/cabinet/children"
local RELATIONS = {}
for _, option in ipairs(fields.RELATIONS) do RELATIONS[option.value] = option.label end

local function key(value) return math.tointeger(tonumber((value or ""):match("^%d+$"))) end

local function children(request)
  local list = {}
  for _, link in pairs(guardians.wards(request.user)) do
    link.relation_name, link.may_act = RELATIONS[link.relation] or link.relation, guardians.acts_for(request.user, link.minor_id)
    list[#list + 1] = link
  end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

local function list_page(request, typed, err)
  return respond.page(request, "people/children", {
    title = "Мои дети", nav = "children", children = children(request), relations = fields.RELATIONS, typed = typed or {},
    by_field = err and err.by_field or {}, fault = err and not err.by_field and err.text or nil,
  }, err and err.status or 200)
end

local function show(request) return list_page(request) end

local function ask(request)
  local typed = request:form()
  local input, err = form.parse(fields.ASK_CHILD, typed)
  local ok
  if input then ok, err = guardians.ask_child(request.user, input.email, input.relation) end
  if not ok then return list_page(request, typed, err) end
  return respond.redirect(PATH, { notice = "Если такая учётная запись есть, на неё ушло письмо. Ребёнок подтвердит связь по ссылке." })
end

local function form_page(request, typed, err)
  return respond.page(request, "people/child_new", {
    title = "Добавить ребёнка", nav = "children", typed = typed, errors = err and err.fields or {}, by_field = err and err.by_field or {},
    fault = err and not err.by_field and err.text or nil, options = service.options(), genders = fields.GENDERS, citizenships = fields.CITIZENSHIPS,
    relations = fields.RELATIONS, wording = consents.wording("personal_data"),
  }, err and err.status or 200)
end

local function new(request) return form_page(request, { citizenship = fields.RUSSIA }) end

local function add(request)
  local typed = request:form()
  local input, err = form.parse(fields.CHILD, typed)
  local link
  if input then link, err = guardians.add_child(request.user, input) end
  if not link then return form_page(request, typed, err) end
  return respond.redirect(PATH, { notice = "Ребёнок добавлен: за него можно подать заявку" })
end

local function consent(is_given)
  return function(request)
    local ok, err = guardians.consent(request.user, key(request.params.link), is_given)
    if not ok then return nil, err end
    return respond.redirect(PATH, { notice = is_given and "Согласие дано" or "Согласие отозвано: новых заявок ребёнок не подаст" })
  end
end

local function revoke(request)
  local ok, err = guardians.revoke(request.user, key(request.params.link))
  if not ok then return nil, err end
  return respond.redirect(respond.local_path(request:form().back, PATH), { notice = "Связь прекращена" })
end

-- ---- the link of a letter

local function dead(request, err)
  return respond.page(request, "accounts/message", { title = "Ссылка не действует", heading = "Ссылка не действует", icon = "clock-pause",
    text = err.text, href = "/cabinet", action = "В кабинет" }, err.status)
end

local function request_page(request, link, err)
  return respond.page(request, "people/guardian_request", {
    title = "Законный представитель", link = link, token = request.params.token, relation = RELATIONS[link.relation] or link.relation,
    is_guest = request.user.is_guest, fault = err and err.text, name = request.user.name,
  }, err and err.status or 200)
end

local function show_request(request)
  local link, err = guardians.find_request(request.params.token)
  if not link then return dead(request, err) end
  return request_page(request, link)
end

local function answer(request)
  local link, err = guardians.find_request(request.params.token)
  if not link then return dead(request, err) end
  local typed = request:form()
  if typed.action == "decline" then
    local done, fault = guardians.decline(request.user, request.params.token)
    if not done then return dead(request, fault) end
    return respond.redirect("/cabinet", { notice = "Вы отказались. Связи не будет." })
  end
  local ok
  ok, err = guardians.confirm(request.user, request.params.token, { consent = typed.consent == "1" })
  if not ok then return request_page(request, link, err) end
  return respond.redirect(link.asked_by == "minor" and PATH or "/cabinet/profile", { notice = "Связь подтверждена" })
end

return {
  { "GET", PATH, show, access = "user", private = true, summary = "Мои дети" },
  { "POST", PATH .. "/ask", ask, access = "user", private = true, summary = "Отправить запрос ребёнку с учётной записью" },
  { "GET", PATH .. "/new", new, access = "user", private = true, summary = "Добавить ребёнка до 14 лет" },
  { "POST", PATH, add, access = "user", private = true, summary = "Сохранить ребёнка до 14 лет" },
  { "POST", PATH .. "/{link}/consent", consent(true), access = "user", private = true, summary = "Дать согласие на обучение ребёнка" },
  { "POST", PATH .. "/{link}/consent/withdraw", consent(false), access = "user", private = true, summary = "Отозвать согласие на обучение ребёнка" },
  { "POST", PATH .. "/{link}/revoke", revoke, access = "user", private = true, summary = "Прекратить связь" },
  { "GET", "/guardian/{token}", show_request, access = "public", summary = "Запрос законному представителю или ребёнку" },
  { "POST", "/guardian/{token}", answer, access = "user", private = true, summary = "Подтвердить связь или отказаться" },
}
