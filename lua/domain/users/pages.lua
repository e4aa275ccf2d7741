--- Pages of users: the list, a card, an invitation, actions on an account.
local access = require("kit.access")
local audit = require("domain.audit")
local bulk = require("domain.users.list_pages")
local fields = require("domain.users.fields")
local form = require("kit.form")
local invite = require("domain.users.invite")
local merge = require("domain.users.merge")
local people = require("domain.people")
local present = require("domain.users.present")
local respond = require("kit.respond")
local roles = require("kit.roles")
local russian = require("kit.russian")
local service = require("domain.users.service")
local urls = require("kit.urls")

local BASE = "/admin/users"
local CRUMBS = { { label = "Пользователи", href = BASE } }

local function row_view(row)
  return { href = BASE .. "/" .. row.public_id, cells = {
    { text = row.name or row.email or "Без имени", sub = row.name and row.email or nil, href = BASE .. "/" .. row.public_id },
    present.grant_words(row.grants),
    { text = present.state(row.state), tone = fields.TONES[row.state] },
    present.login_words(row.last_login_at),
  } }
end

local function login_head(input, query)
  local current = input.sort or "newest"
  local is_login = current:find("login", 1, true) ~= nil
  return { label = "Последний вход", nowrap = true, dir = is_login and (current == "login" and "desc" or "asc") or nil,
    sort = urls.with(BASE, query, { sort = current == "login" and "-login" or "login", cursor = false }) }
end

local function list_page(request, input, found)
  local rows, query, choices = {}, request.query_all, service.choices()
  for index, row in ipairs(found.rows) do rows[index] = row_view(row) end
  return respond.page(request, "users/list", {
    title = "Пользователи", nav = "users", rows = rows, input = input, query = query, choices = choices, states = fields.STATES,
    logins = fields.LOGINS, columns = { { label = "Пользователь", lead = true, wide = true }, { label = "Роли" }, { label = "Состояние" },
      login_head(input, query) },
    total = russian.number(found.count) .. (found.is_capped and "+" or ""),
    next_page = found.next_cursor and urls.with(BASE, query, { cursor = found.next_cursor }) or nil,
  })
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  if input.q then
    local public_id, is_snils = service.find_by_snils(request.user, input.q)
    if public_id then return respond.redirect(BASE .. "/" .. public_id) end
    if is_snils then return respond.redirect(BASE, { notice = "Учётной записи с таким СНИЛС нет.", tone = "info" }) end
  end
  local found
  found, err = service.list(request.user, input)
  if not found then return nil, err end
  return list_page(request, input, found)
end

local function grant_view(grant)
  return { id = grant.id, name = roles.name(grant.role), organization = grant.organization, sets = present.set_words(grant.sets),
    chosen = grant.sets, period = grant.valid_to and russian.period(grant.valid_from, grant.valid_to) or "с " .. russian.date(grant.valid_from, "long"),
    is_in_force = grant.is_in_force, is_open = grant.is_in_force or grant.is_to_come, is_to_come = grant.is_to_come, by = grant.created_by }
end

local function card_page(request, found, typed, err)
  local grants = {}
  for index, grant in ipairs(found.grants) do grants[index] = grant_view(grant) end
  return respond.page(request, "users/show", {
    title = found.name or found.email, nav = "users", account = found, held = grants, crumbs = CRUMBS, choices = service.choices(),
    state = present.state(found.state), tone = fields.TONES[found.state], login = present.login_words(found.last_login_at),
    snils = people.mask_snils(found.snils), typed = typed or {}, fault = err, by_field = err and err.by_field or {},
    person_href = found.person_id and access.can(request.user, "person.read") and "/cabinet/people/" .. found.person_id or nil,
    timeline = audit.timeline(request.user, "user_account", found.id), is_self = found.id == request.user.id, audited = { "user_account", found.id },
  }, err and err.status or 200)
end

local function show(request)
  local found, err = service.get(request.user, request.params.id)
  if not found then return nil, err end
  return card_page(request, found)
end

local function new_page(request, typed, err)
  return respond.page(request, "users/new", { title = "Приглашение", nav = "users", crumbs = CRUMBS, choices = service.choices(), typed = typed,
    fault = err, by_field = err and err.by_field or {} }, err and err.status or 200)
end

local function new(request) return new_page(request, {}) end

-- Tick boxes of sets come as several values of one name.
local function typed_of(request)
  local typed = request:form()
  typed.sets = request:form_all().sets
  return typed
end

local function create(request)
  local typed = typed_of(request)
  local input, err = form.parse(fields.NEW, typed)
  local found
  if input then found, err = invite.create(request.user, input) end
  if found then return respond.redirect(BASE .. "/" .. found.public_id, { notice = "Приглашение отправлено на " .. input.email }) end
  if err.status == 403 then return nil, err end
  return new_page(request, typed, err)
end

-- Actions of the card: what is refused is said on it.
local function act(schema, fn, done)
  return function(request)
    local back = BASE .. "/" .. request.params.id
    local input, err = form.parse(schema, typed_of(request))
    local ok
    if input then ok, err = fn(request.user, request.params, input) end
    if ok then return respond.redirect(back, { notice = done }) end
    if err.status == 403 or err.status == 404 then return nil, err end
    return respond.redirect(back, { notice = err.text, tone = "bad" })
  end
end

local function grant_id(params) return math.tointeger(tonumber(params.grant)) or 0 end

local function add_grant(request)
  local typed = typed_of(request)
  local input, err = form.parse(fields.GRANT, typed)
  local ok
  if input then ok, err = service.add_grant(request.user, request.params.id, input) end
  if ok then return respond.redirect(BASE .. "/" .. request.params.id, { notice = "Роль дана. Она действует сразу." }) end
  if err.status == 403 or err.status == 404 then return nil, err end
  local found, fault = service.get(request.user, request.params.id)
  if not found then return nil, fault end
  return card_page(request, found, typed, err)
end

local function merge_page(request)
  local both, err = merge.preview(request.user, request.params.id, request.params.duplicate)
  if not both then
    if err.status ~= 409 then return nil, err end
    return respond.redirect(BASE .. "/" .. request.params.id, { notice = err.text, tone = "bad" })
  end
  local moves = {}
  for index, move in ipairs(both.moves) do moves[index] = present.move(move) end
  for _, person in ipairs({ both.stays, both.duplicate }) do person.snils = people.mask_snils(person.snils) end
  return respond.page(request, "users/merge", { title = "Объединение записей", nav = "users", crumbs = CRUMBS, stays = both.stays,
    duplicate = both.duplicate, moves = moves, back = BASE .. "/" .. request.params.id })
end

local block = act(fields.REASON, function(user, params, input) return service.block(user, params.id, input) end,
  "Учётная запись заблокирована, все её сеансы завершены.")
local unblock = act(fields.REASON, function(user, params, input) return service.unblock(user, params.id, input) end, "Учётная запись открыта.")
local reset = act(fields.REASON, function(user, params, input) return service.reset_password(user, params.id, input) end,
  "Пароль сброшен, сеансы завершены, ссылка отправлена.")
local factor = act(fields.REASON, function(user, params, input) return service.reset_second_factor(user, params.id, input) end,
  "Второй фактор снят.")
local again = act({}, function(user, params) return invite.resend(user, params.id) end, "Приглашение отправлено ещё раз.")
local finish = act(fields.REASON, function(user, params, input) return service.end_grant(user, params.id, grant_id(params), input) end,
  "Роль завершена.")
local sets = act(fields.SETS, function(user, params, input) return service.set_sets(user, params.id, grant_id(params), input) end,
  "Наборы прав сохранены.")
local run_merge = act(fields.MERGE, function(user, params, input) return merge.run(user, params.id, input) end,
  "Записи объединены. Что переехало, записано в журнал действий.")

local ACCESS = { "user.manage" }

local routes = {
  { "GET", BASE, list, access = ACCESS, query = fields.LIST, summary = "Пользователи" },
  { "GET", BASE .. "/new", new, access = ACCESS, summary = "Форма приглашения" },
  { "POST", BASE, create, access = ACCESS, proof = true, body = fields.NEW, summary = "Пригласить пользователя" },
  { "GET", BASE .. "/{id}", show, access = ACCESS, summary = "Карточка пользователя" },
  { "POST", BASE .. "/{id}/block", block, access = ACCESS, proof = true, body = fields.REASON, summary = "Заблокировать" },
  { "POST", BASE .. "/{id}/unblock", unblock, access = ACCESS, body = fields.REASON, summary = "Разблокировать" },
  { "POST", BASE .. "/{id}/reset-password", reset, access = ACCESS, proof = true, body = fields.REASON, summary = "Сбросить пароль" },
  { "POST", BASE .. "/{id}/reset-second-factor", factor, access = ACCESS, proof = true, body = fields.REASON, summary = "Снять второй фактор" },
  { "POST", BASE .. "/{id}/invite", again, access = ACCESS, summary = "Отправить приглашение ещё раз" },
  { "POST", BASE .. "/{id}/grants", add_grant, access = ACCESS, proof = true, body = fields.GRANT, summary = "Дать роль" },
  { "POST", BASE .. "/{id}/grants/{grant}/end", finish, access = ACCESS, proof = true, body = fields.REASON, summary = "Завершить роль" },
  { "POST", BASE .. "/{id}/grants/{grant}/sets", sets, access = ACCESS, proof = true, body = fields.SETS, summary = "Наборы прав роли" },
  { "GET", BASE .. "/{id}/merge/{duplicate}", merge_page, access = ACCESS, summary = "Что переедет при объединении" },
  { "POST", BASE .. "/{id}/merge", run_merge, access = ACCESS, proof = true, body = fields.MERGE, summary = "Объединить записи" },
}
table.move(bulk, 1, #bulk, #routes + 1, routes)

return routes
