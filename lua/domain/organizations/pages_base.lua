--- The base of partners and customers: list, card, moderation, editing.
local audit = require("domain.audit")
local fields = require("domain.organizations.fields")
local form = require("kit.form")
local list = require("domain.organizations.list")
local papers = require("domain.organizations.papers")
local present = require("domain.organizations.present")
local respond = require("kit.respond")
local service = require("domain.organizations.service")
local store = require("domain.organizations.store")

local BASE = list.PATH

local function id_of(request) return math.tointeger(tonumber(request.params.id:match("^%d+$"))) end

-- ---- the list

local function row_view(row)
  return { href = BASE .. "/" .. row.id, cells = {
    { text = row.short_name, sub = row.kind_name, href = BASE .. "/" .. row.id },
    { text = list.sides(row) }, { text = row.inn or "—", sub = row.kpp and "КПП " .. row.kpp }, { text = row.municipality or "—" },
    { chip = { "organization", row.state } },
  } }
end

local function show_list(request)
  local found, err = list.read(request.user, request.query_all)
  if not found then return nil, err end
  local rows = {}
  for index, row in ipairs(found.rows) do rows[index] = row_view(row) end
  local name = found.columns[1]
  return respond.page(request, "organizations/list", {
    title = "Партнёры и заказчики", nav = "organizations", rows = rows, total = found.total, count = found.count, next_page = found.next,
    chosen = found.chosen, input = found.input, query = request.query_all, kinds = store.kinds(), states = fields.STATES, sides = fields.SIDES,
    columns = { { label = "Организация", wide = true, lead = true, sort = name.sort, dir = name.dir }, { label = "Сторона" }, { label = "ИНН", nowrap = true },
      { label = "Муниципалитет" }, { label = "Состояние" } },
    can_add = service.can_add(request.user),
  })
end

local function csv(request) return list.csv(request.user, request.query_all) end
local function xlsx(request) return list.xlsx(request.user, request.query_all) end

-- ---- the card

local function card_page(request, err, typed)
  local card, fault = service.card(request.user, id_of(request))
  if not card then return nil, fault end
  return respond.page(request, "organizations/card", present.card(card, {
    title = card.short_name, nav = "organizations", base = BASE .. "/" .. card.id, fault = err and err.text, typed = typed or {},
    by_field = err and err.by_field or {}, journal = audit.timeline(request.user, "organization", card.id), audited = { "organization", card.id },
  }), err and err.status or 200)
end

local function show(request) return card_page(request) end

local DONE = { take = "Организация на проверке", approve = "Организация подтверждена", reject = "Отказано, заявитель узнает причину",
  suspend = "Работа организации приостановлена", resume = "Организация снова работает", close = "Организация закрыта" }

local function act(request)
  local typed = request:form()
  local ok, err = service.transition(request.user, id_of(request), { action = typed.action or "", reason = typed.reason,
    version = math.tointeger(tonumber(typed.version)), data = { successor_id = typed.successor_id ~= "" and typed.successor_id or nil } })
  if not ok then
    if err.status == 404 then return nil, err end
    return card_page(request, err, typed)
  end
  return respond.redirect(BASE .. "/" .. ok.id, { notice = DONE[typed.action] or "Готово" })
end

-- ---- forms

local function form_page(request, data, err)
  data.kinds, data.errors, data.by_field = store.kinds(), err and err.fields or {}, err and err.by_field or {}
  data.fault, data.nav = err and not err.by_field and err.text or nil, data.nav or "organizations"
  return respond.page(request, "organizations/edit", data, err and err.status or 200)
end

local function new_page(request, typed, err)
  return form_page(request, { title = "Новая организация", is_new = true, action = BASE, back = BASE, fields = fields.CREATE,
    typed = typed }, err)
end

local function new(request)
  return new_page(request, { is_partner = true, kind = "poo" })
end

local function create(request)
  local typed = request:form()
  local input, err = form.parse(fields.CREATE, typed)
  local organization
  if input then organization, err = service.create(request.user, input) end
  if not organization then
    if err.status == 403 then return nil, err end
    return new_page(request, typed, err)
  end
  local notice = input.curator_email and "Организация создана, приглашение отправлено" or "Организация создана"
  return respond.redirect(BASE .. "/" .. organization.id, { notice = notice })
end

-- A curator comes from the page of his own organisation, and goes back there.
local function edit_page(request, organization, typed, err)
  local back = present.home(request.user, organization.id)
  return form_page(request, { title = "Изменить карточку", action = BASE .. "/" .. organization.id, back = back, fields = service.schema(request.user),
    typed = typed, organization = organization }, err)
end

local function edit(request)
  local organization, err = service.editable(request.user, id_of(request))
  if not organization then return nil, err end
  return edit_page(request, organization, organization)
end

local function save(request)
  local organization, err = service.editable(request.user, id_of(request))
  if not organization then return nil, err end
  local typed, schema = request:form(), service.schema(request.user)
  local input, ok
  input, err = form.parse(schema, present.with_boxes(schema, typed), { partial = true })
  if input then ok, err = service.save(request.user, organization.id, input) end
  if ok then return respond.redirect(present.home(request.user, organization.id), { notice = "Карточка сохранена" }) end
  return edit_page(request, organization, typed, err)
end

-- ---- contacts and agreements

local function done(request, ok, err, notice)
  if not ok then
    if err.status == 404 or err.status == 403 then return nil, err end
    return card_page(request, err, request:form())
  end
  return respond.redirect(respond.local_path(request:form().back, BASE .. "/" .. request.params.id), { notice = notice })
end

local function add_contact(request)
  local input, err = form.parse(fields.CONTACT, request:form())
  local ok
  if input then ok, err = papers.add_contact(request.user, id_of(request), input) end
  return done(request, ok, err, "Контакт добавлен")
end

local function key(value) return math.tointeger(tonumber((value or ""):match("^%d+$"))) end

local function remove_contact(request)
  local ok, err = papers.remove_contact(request.user, id_of(request), key(request.params.contact))
  return done(request, ok, err, "Контакт убран")
end

local function add_agreement(request)
  local input, err = form.parse(fields.AGREEMENT, request:form())
  local ok
  if input then ok, err = papers.add_agreement(request.user, id_of(request), input, request:file("file")) end
  return done(request, ok, err, "Соглашение добавлено")
end

local function end_agreement(request)
  local ok, err = papers.end_agreement(request.user, id_of(request), key(request.params.agreement))
  return done(request, ok, err, "Соглашение расторгнуто")
end

return {
  { "GET", BASE, show_list, access = { "organization.list" }, query = fields.LIST, summary = "Партнёры и заказчики" },
  { "GET", BASE .. "/export.csv", csv, access = { "organization.list" }, query = fields.LIST, summary = "Выгрузка организаций в CSV" },
  { "GET", BASE .. "/export.xlsx", xlsx, access = { "organization.list" }, query = fields.LIST, summary = "Выгрузка организаций в XLSX" },
  { "GET", BASE .. "/new", new, access = { "organization.moderate" }, summary = "Новая организация" },
  { "POST", BASE, create, access = { "organization.moderate" }, summary = "Добавить организацию и пригласить куратора" },
  { "GET", BASE .. "/{id}", show, access = { "organization.list" }, summary = "Карточка организации" },
  { "GET", BASE .. "/{id}/edit", edit, access = { "organization.manage" }, summary = "Форма карточки" },
  { "POST", BASE .. "/{id}", save, access = { "organization.manage" }, summary = "Сохранить карточку" },
  { "POST", BASE .. "/{id}/transitions", act, access = { "organization.moderate" }, summary = "Проверить, подтвердить, отказать, приостановить, закрыть" },
  { "POST", BASE .. "/{id}/contacts", add_contact, access = { "organization.manage" }, summary = "Добавить контакт" },
  { "POST", BASE .. "/{id}/contacts/{contact}/remove", remove_contact, access = { "organization.manage" }, summary = "Убрать контакт" },
  { "POST", BASE .. "/{id}/agreements", add_agreement, access = { "organization.moderate" }, multipart = { max_bytes = fields.FILE_MAX_BYTES, max_files = 1 },
    summary = "Добавить соглашение" },
  { "POST", BASE .. "/{id}/agreements/{agreement}/end", end_agreement, access = { "organization.moderate" }, summary = "Расторгнуть соглашение" },
}
