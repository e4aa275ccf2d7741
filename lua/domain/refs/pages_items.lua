--- Pages of the items of a reference book.
local fields = require("domain.refs.fields")
local form = require("kit.form")
local json = require("core.json")
local paths = require("domain.refs.paths")
local policy = require("domain.refs.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.refs.service")

local BASE, READ, MANAGE = paths.BASE, { "ref.read" }, { "ref.manage" }

local function period(item)
  if not item.valid_from and not item.valid_to then return "" end
  return (item.valid_from and "с " .. russian.date(item.valid_from) or "")
    .. (item.valid_to and " по " .. russian.date(item.valid_to) or "")
end

local function item_row(book, item)
  return {
    href = paths.of(book.code, item.id),
    cells = {
      { text = item.name, href = paths.of(book.code, item.id), sub = item.archived_at and "в архиве" or nil },
      { text = item.code },
      { text = item.parent_name or "", href = item.parent_id and paths.of(book.code) .. "?parent_id=" .. item.parent_id or nil },
      { text = period(item) },
      { text = (service.external_text(item.external):gsub("\n", ", ")) },
    },
  }
end

local function list(request)
  local found, err = service.items(request.user, request.params.book, request.query_all)
  if not found then return nil, err end
  local book, rows = found.book, {}
  for i, item in ipairs(found.rows) do
    rows[i] = item_row(book, item)
  end
  return respond.page(request, "refs/list", {
    title = book.title,
    nav = "refs",
    book = book,
    rows = rows,
    found = found,
    states = fields.STATES,
    can_manage = policy.can_manage(request.user),
    base = paths.of(book.code),
  })
end

local function sections(request)
  local book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  local found
  found, err = service.sections(request.user, book)
  if not found then return nil, err end
  local rows = {}
  for i, section in ipairs(found) do
    local href = paths.of(book.code) .. "?parent_id=" .. section.id
    rows[i] = { href = href, cells = { { text = section.name, sub = section.code, href = href }, russian.number(section.items) } }
  end
  return respond.page(
    request,
    "refs/sections",
    { title = book.title, nav = "refs", book = book, rows = rows, base = paths.of(book.code) }
  )
end

-- What the form shows of a stored item.
local function typed_of(item)
  return {
    code = item.code,
    name = item.name,
    parent = item.parent,
    sort = item.sort,
    valid_from = item.valid_from,
    valid_to = item.valid_to,
    external = item.external_text,
    version = item.version,
  }
end

local function shown_fields(book, schema, typed, fault)
  local shown = {}
  for _, field in ipairs(form.render(schema, typed, fault)) do
    if field.name ~= "version" and (field.name ~= "parent" or book.parent_book) then
      if field.name == "parent" then
        field.hint = ("Код из справочника «%s»"):format(book.parent_title)
        field.attrs = { ["data-options"] = "/admin/refs/" .. book.parent_book .. "/options" }
      end
      if field.multiline then
        field.type, field.rows = "textarea", 3
      end
      if field.type == "integer" then field.type = "number" end
      if field.name == "name" then field.wide = true end
      shown[#shown + 1] = field
    end
  end
  return shown
end

local function item_page(request, typed, fault, status)
  local item, err, book = service.item(request.user, request.params.book, paths.id(request))
  if not item then return nil, err end
  return respond.page(request, "refs/item", {
    title = item.name,
    nav = "refs",
    book = book,
    item = item,
    uses = service.uses(book.code, item),
    can_manage = policy.can_manage(request.user),
    fields = shown_fields(book, fields.CHANGE, typed or typed_of(item), fault),
    version = typed and typed.version or item.version,
    fault = fault,
    base = paths.of(book.code),
    path = paths.of(book.code, item.id),
    period = period(item),
    audited = { "ref_item", item.id },
    history = require("domain.audit").timeline(request.user, "ref_item", item.id),
  }, status)
end

local function show(request) return item_page(request) end

local function new_page(request, typed, fault, status)
  local book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  return respond.page(
    request,
    "refs/new",
    {
      title = "Новый элемент",
      nav = "refs",
      book = book,
      base = paths.of(book.code),
      fields = shown_fields(book, fields.ITEM, typed, fault),
      fault = fault,
    },
    status
  )
end

local function new(request) return new_page(request, request.query) end

local function create(request)
  local typed = request:form()
  local input, err = form.parse(fields.ITEM, typed)
  local item
  if input then
    item, err = service.create_item(request.user, request.params.book, input)
  end
  if item then
    return respond.redirect(paths.of(request.params.book, item.id), { notice = ("Добавлено: %s"):format(item.name) })
  end
  if err.status == 422 then return new_page(request, typed, err, 422) end
  return nil, err
end

local function update(request)
  local typed = request:form()
  local input, err = form.parse(fields.CHANGE, typed)
  local item
  if input then
    item, err = service.update_item(request.user, request.params.book, paths.id(request), input)
  end
  if item then return respond.redirect(paths.of(request.params.book, item.id), { notice = "Сохранено" }) end
  if err.status == 422 or err.status == 409 then return item_page(request, typed, err, err.status) end
  return nil, err
end

-- A button of the item's page.
local function act(run, back, notice)
  return function(request)
    local input, err = form.parse(fields.VERSION, request:form())
    if not input then return nil, err end
    local ok
    ok, err = run(request.user, request.params.book, paths.id(request), input.version)
    local here = paths.of(request.params.book, request.params.id)
    if ok then return respond.redirect(back and paths.of(request.params.book) or here, { notice = notice }) end
    if err.status == 403 or err.status == 404 then return nil, err end
    return respond.redirect(here, { notice = err.text, tone = "bad" })
  end
end

local archive = act(
  function(user, book, id, version) return service.archive_item(user, book, id, true, version) end,
  false,
  "Убрано в архив"
)
local unarchive = act(
  function(user, book, id, version) return service.archive_item(user, book, id, false, version) end,
  false,
  "Возвращено из архива"
)
local delete = act(service.delete_item, true, "Элемент удалён")

--- For fields that name an item: code and name of those that fit what was typed.
local function options(request)
  local found, err = service.items(request.user, request.params.book, { q = { request.query.q }, limit = { "20" } })
  if not found then return nil, err end
  local items = {}
  for i, item in ipairs(found.rows) do
    items[i] = { value = item.code, label = item.name }
  end
  return respond.json({ items = json.array(items) })
end

return {
  { "GET", BASE .. "/{book}", list, access = READ, query = fields.LIST, summary = "Элементы справочника" },
  { "POST", BASE .. "/{book}", create, access = MANAGE, body = fields.ITEM, summary = "Новый элемент" },
  { "GET", BASE .. "/{book}/sections", sections, access = READ, summary = "Разделы справочника" },
  { "GET", BASE .. "/{book}/options", options, access = READ, summary = "Элементы для выбора в форме" },
  { "GET", BASE .. "/{book}/new", new, access = MANAGE, summary = "Форма нового элемента" },
  { "GET", BASE .. "/{book}/{id}", show, access = READ, summary = "Элемент справочника" },
  { "POST", BASE .. "/{book}/{id}", update, access = MANAGE, body = fields.CHANGE, summary = "Изменить элемент" },
  { "POST", BASE .. "/{book}/{id}/archive", archive, access = MANAGE, body = fields.VERSION, summary = "Убрать в архив" },
  { "POST", BASE .. "/{book}/{id}/unarchive", unarchive, access = MANAGE, body = fields.VERSION, summary = "Вернуть из архива" },
  { "POST", BASE .. "/{book}/{id}/delete", delete, access = MANAGE, body = fields.VERSION, summary = "Удалить элемент" },
}
