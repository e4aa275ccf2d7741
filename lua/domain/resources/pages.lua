--- Pages of resources. One set for all kinds: what differs stands in their declarations.
local audit = require("domain.audit")
local clock = require("core.clock")
local fields = require("domain.resources.fields")
local form = require("kit.form")
local import_pages = require("domain.resources.pages_import")
local list = require("domain.resources.list")
local parts = require("domain.resources.parts")
local photos = require("domain.resources.photos")
local policy = require("domain.resources.policy")
local present = require("domain.resources.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.resources.service")

local BASE = "/cabinet/resources"

local function key(value) return math.tointeger(tonumber((value or ""):match("^%d+$"))) end

-- Handlers get the kind of the address: 404 for an unknown one.
local function with_kind(fn)
  return function(request)
    local kind, err = service.kind(request.params.kind)
    if not kind then return nil, err end
    return fn(request, kind, key(request.params.id))
  end
end

local function nav_of(kind) return kind.is_person and "staff" or "resources" end
local function path(kind, id, rest) return ("%s/%s%s%s"):format(BASE, kind.code, id and "/" .. id or "", rest or "") end

-- ---- all kinds, and one

local function overview(request)
  local found, err = service.overview(request.user)
  if not found then return nil, err end
  return respond.page(request, "resources/overview", { title = "Ресурсы", nav = "resources", kinds = found })
end

-- One of the kind's own filters as a field; nil for a hidden one without a value.
local function filter_field(kind, filter, input, choices)
  local value, known = input[filter.name], kind.by_name[filter.name]
  local label = filter.label or known and known.label
  if filter.hidden then return value and { name = filter.name, type = "hidden", value = value } or nil end
  if filter.type == "boolean" then
    return { name = filter.name, type = "select", label = label, empty = label .. ": неважно", value = value and "1" or nil,
      options = { { value = "1", label = label } } }
  end
  return { name = filter.name, type = "select", label = label, empty = label .. ": любое", value = type(value) == "table" and value[1] or value,
    options = choices[filter.ref] or known.options }
end

local function filter_fields(kind, input, own)
  local shown = { { name = "state", type = "checks", label = "Состояние", value = input.state, options = fields.STATES } }
  if not own then
    shown[2] = { name = "organization_id", type = "select", label = "Организация", empty = "Все организации", value = input.organization_id,
      options = service.organizations() }
  end
  local choices = service.choices(kind, own, kind.filters)
  for _, filter in ipairs(kind.filters or {}) do shown[#shown + 1] = filter_field(kind, filter, input, choices) end
  return shown
end

local show_list = with_kind(function(request, kind)
  local found, err = list.read(request.user, kind, request.query_all)
  if not found then return nil, err end
  local own = policy.own_organization(request.user)
  return respond.page(request, "resources/list", {
    title = kind.title, nav = nav_of(kind), kind = kind, base = path(kind), rows = present.rows(kind, found.rows, clock.date()),
      columns = present.heads(kind, found),
    total = found.total, count = found.count, next_page = found.next, chosen = found.chosen, input = found.input, query = request.query_all,
    filters = filter_fields(kind, found.input, own), can_add = policy.need_manage(request.user, kind, { organization_id = own }) ~= nil,
      kinds = service.overview(request.user),
  })
end)

local csv = with_kind(function(request, kind) return list.csv(request.user, kind, request.query_all) end)
local xlsx = with_kind(function(request, kind) return list.xlsx(request.user, kind, request.query_all) end)

-- ---- the card

local function card_page(request, kind, id, err, typed)
  local card, fault = service.card(request.user, kind, id)
  if not card then return nil, fault end
  local tables = {}
  for i, part in ipairs(card.tables) do tables[i] = present.part(part) end
  return respond.page(request, "resources/card", {
    title = card.label, nav = nav_of(kind), kind = kind, card = card, base = path(kind, id), list = path(kind), facts = present.facts(kind, card),
    bookings = present.bookings(card, policy.own_organization(request.user)), load = present.load(card), tables = tables,
    history = present.history(card.history), journal = audit.timeline(request.user, kind.table, id), fault = err, typed = typed or {},
    accept = fields.PHOTO_ACCEPT, max_bytes = fields.PHOTO_MAX_BYTES, photos_max = fields.PHOTOS_MAX,
  }, err and err.status or 200)
end

local show = with_kind(function(request, kind, id) return card_page(request, kind, id) end)

-- ---- forms

local KINDS_OF_INPUT = { boolean = "checkbox", date = "date", time = "time", integer = "number", enum = "select", snils = "snils", text = "text", name = "text" }

local function control(field)
  if field.ref or field.type == "list" then return "select" end
  return field.multiline and "textarea" or KINDS_OF_INPUT[field.type] or "text"
end

-- A field of the schema as views/parts/field.html takes it.
local function input_of(field, choices)
  field.multiple, field.inputmode = field.type == "list" or nil, field.type == "decimal" and "decimal" or nil
  field.options, field.type = field.ref and choices[field.ref] or field.options, control(field)
  if field.type == "select" and not field.multiple and field.default == nil then field.empty = "— не выбрано —" end
  if field.type == "text" then field.min, field.max = nil, nil end
  if field.type == "checkbox" then field.checked = field.value == true or field.value == "1" or field.value == "on" end
  return field
end

local function inputs(schema, typed, err, choices)
  local shown = {}
  for _, field in ipairs(form.render(schema, typed, err)) do
    if field.name ~= "version" and field.name ~= "organization_id" then shown[#shown + 1] = input_of(field, choices) end
  end
  return shown
end

local function form_page(request, kind, data, typed, err)
  local choices = service.choices(kind, data.organization_id)
  data.kind, data.nav, data.list, data.inputs = kind, nav_of(kind), path(kind), inputs(data.schema, typed, err, choices)
  data.errors, data.fault = err and err.fields or {}, err and not err.fields and err.text or nil
  return respond.page(request, "resources/edit", data, err and err.status or 200)
end

local function new_page(request, kind, organization_id, typed, err)
  local own = policy.own_organization(request.user)
  local ok, refused = policy.need_manage(request.user, kind, { organization_id = own })
  if not ok then return nil, refused end
  organization_id = own or organization_id
  if not organization_id then
    return respond.page(request, "resources/choose", { title = kind.new, kind = kind, nav = nav_of(kind), list = path(kind),
      organizations = service.organizations() })
  end
  return form_page(request, kind, { title = kind.new, is_new = true, action = path(kind), back = path(kind), schema = fields.CREATE[kind.code],
    organization_id = organization_id }, typed or {}, err)
end

local new = with_kind(function(request, kind) return new_page(request, kind, key(request.query.organization)) end)

-- What was typed, for showing it again: lists stay lists.
local function typed_of(schema, all)
  local typed = {}
  for _, field in ipairs(schema) do
    typed[field.name] = field.type == "list" and all[field.name] or all[field.name] and all[field.name][1]
  end
  return typed
end

local create = with_kind(function(request, kind)
  local all = request:form_all()
  local input, err = form.parse(fields.CREATE[kind.code], all)
  local card
  if input then card, err = service.create(request.user, kind, input) end
  if card then
    local notice = card.state == "draft" and "Карточка сохранена как черновик. Отправьте её на модерацию." or "Карточка добавлена"
    return respond.redirect(path(kind, card.id), { notice = notice })
  end
  if err.status == 403 or err.status == 404 then return nil, err end
  return new_page(request, kind, key(all.organization_id and all.organization_id[1]), typed_of(kind.fields, all), err)
end)

local function edit_page(request, kind, card, typed, err)
  return form_page(request, kind, { title = "Изменить карточку", action = path(kind, card.id), back = path(kind, card.id), schema = fields.CHANGE[kind.code],
    organization_id = card.organization_id, card = card, version = err and err.version or typed.version or card.version }, typed, err)
end

local edit = with_kind(function(request, kind, id)
  local card, err = service.editable(request.user, kind, id)
  if not card then return nil, err end
  return edit_page(request, kind, card, service.extras(kind, card))
end)

local function with_boxes(schema, all)
  for _, field in ipairs(schema) do
    if all[field.name] == nil and field.type == "boolean" then all[field.name] = { "0" } end
    if all[field.name] == nil and field.type == "list" then all[field.name] = { "" } end
  end
  return all
end

local save = with_kind(function(request, kind, id)
  local card, err = service.editable(request.user, kind, id)
  if not card then return nil, err end
  local schema = fields.CHANGE[kind.code]
  local all = with_boxes(schema, request:form_all())
  local input, saved
  input, err = form.parse(schema, all, { partial = true })
  if input then saved, err = service.save(request.user, kind, id, input) end
  if saved then
    return respond.redirect(path(kind, id), { notice = saved.state == "moderation" and card.state == "active"
      and "Правка отправлена на проверку" or "Карточка сохранена" })
  end
  if err.status == 403 then return nil, err end
  local typed = typed_of(schema, all)
  typed.version = err.extra and err.extra.version or typed.version
  return edit_page(request, kind, card, typed, err)
end)

-- ---- states

local function hold_page(request, kind, id, typed, err)
  local until_day = typed["until"] and typed["until"]:match("^%d%d%d%d%-%d%d%-%d%d$")
  local found, fault = service.hits(request.user, kind, id, until_day)
  if not found then return nil, fault end
  local rows = {}
  for i, lesson in ipairs(found.lessons) do
    rows[i] = { cells = { russian.date(lesson.held_on, "weekday") .. ", " .. lesson.starts, { text = lesson.title, href = "/cabinet/lessons/" .. lesson.id },
      { text = lesson.group_code, sub = lesson.organization }, { chip = { "lesson", lesson.state } } } }
  end
  return respond.page(request, "resources/hold", { title = "Вывести из работы", nav = nav_of(kind), kind = kind, card = found.card, base = path(kind,
    id), list = path(kind),
    rows = rows, typed = typed, until_day = until_day, fault = err }, err and err.status or 200)
end

local hold = with_kind(function(request, kind, id) return hold_page(request, kind, id, { ["until"] = request.query["until"] }) end)

local DONE = { submit = "Карточка на модерации", approve = "Карточка принята", reject = "Карточка возвращена с замечаниями",
  hold = "Выведено из работы, все, кого это касается, узнают",
  restore = "Снова в работе", retire = "Списано" }

local act = with_kind(function(request, kind, id)
  local typed = request:form()
  local card, err = service.transition(request.user, kind, id, { action = typed.action or "", reason = typed.reason, version = key(typed.version),
    data = { ["until"] = typed["until"], lessons = typed.lessons } })
  if card then return respond.redirect(path(kind, id), { notice = DONE[typed.action] or "Готово" }) end
  if err.status == 404 then return nil, err end
  if typed.action == "hold" then return hold_page(request, kind, id, typed, err) end
  return card_page(request, kind, id, err, typed)
end)

-- ---- photos and tables

local function done(request, kind, id, ok, err, notice)
  if ok then return respond.redirect(path(kind, id), { notice = notice }) end
  if err.status == 404 or err.status == 403 then return nil, err end
  return card_page(request, kind, id, err, request:form())
end

local add_photo = with_kind(function(request, kind, id)
  local input, err = form.parse(fields.CAPTION, request:form())
  local ok
  if input then ok, err = photos.add(request.user, kind, id, request:file("photo"), input.caption) end
  return done(request, kind, id, ok, err, "Снимок добавлен")
end)

local remove_photo = with_kind(function(request, kind, id)
  local ok, err = photos.remove(request.user, kind, id, key(request.params.photo))
  return done(request, kind, id, ok, err, "Снимок убран")
end)

local add_row = with_kind(function(request, kind, id)
  local schema = fields.PARTS[request.params.part]
  if not schema then return nil, (select(2, service.kind(nil))) end
  local input, err = form.parse(schema, request:form())
  local ok
  if input then ok, err = parts.add(request.user, kind, id, request.params.part, input) end
  return done(request, kind, id, ok, err, "Записано")
end)

local change_row = with_kind(function(request, kind, id)
  local typed, row_id = request:form(), key(request.params.row)
  local ok, err
  if typed.action == "remove" then
    ok, err = parts.remove(request.user, kind, id, request.params.part, row_id)
  else
    ok, err = parts.change(request.user, kind, id, request.params.part, row_id, typed.state)
  end
  return done(request, kind, id, ok, err, typed.action == "remove" and "Убрано" or "Записано")
end)

local READ, MANAGE = policy.ROUTE_READ, policy.ROUTE_MANAGE
local ONE = BASE .. "/{kind}/{id}"

local routes = {
  { "GET", BASE, overview, access = READ, summary = "Виды ресурсов" },
  { "GET", BASE .. "/{kind}", show_list, access = READ, summary = "Список ресурсов вида" },
  { "GET", BASE .. "/{kind}/export.csv", csv, access = READ, summary = "Выгрузка ресурсов в CSV" },
  { "GET", BASE .. "/{kind}/export.xlsx", xlsx, access = READ, summary = "Выгрузка ресурсов в XLSX" },
  { "GET", BASE .. "/{kind}/new", new, access = MANAGE, summary = "Форма новой карточки ресурса" },
  { "POST", BASE .. "/{kind}", create, access = MANAGE, summary = "Новая карточка ресурса" },
  { "GET", ONE, show, access = READ, summary = "Карточка ресурса" },
  { "GET", ONE .. "/edit", edit, access = MANAGE, summary = "Форма карточки ресурса" },
  { "POST", ONE, save, access = MANAGE, summary = "Сохранить карточку ресурса" },
  { "GET", ONE .. "/hold", hold, access = MANAGE, summary = "Что заденет вывод из работы" },
  { "POST", ONE .. "/transitions", act, access = MANAGE, summary = "Проверить, вывести из работы, вернуть, списать" },
  { "POST", ONE .. "/photos", add_photo, access = MANAGE, multipart = { max_bytes = fields.PHOTO_MAX_BYTES, max_files = 1 }, summary = "Добавить снимок" },
  { "POST", ONE .. "/photos/{photo}/remove", remove_photo, access = MANAGE, summary = "Убрать снимок" },
  { "POST", ONE .. "/parts/{part}", add_row, access = MANAGE, summary = "Добавить строку таблицы карточки" },
  { "POST", ONE .. "/parts/{part}/{row}", change_row, access = MANAGE, summary = "Изменить или убрать строку таблицы карточки" },
}
for _, route in ipairs(import_pages) do routes[#routes + 1] = route end

return routes
