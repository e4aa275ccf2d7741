--- Pages of the reference books.
local errors = require("kit.errors")
local fields = require("domain.refs.fields")
local form = require("kit.form")
local policy = require("domain.refs.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.refs.service")
local transfer = require("domain.refs.transfer")

local BASE = "/admin/refs"

local function path_of(...) return table.concat({ BASE, ... }, "/") end

local function id_of(request) return math.tointeger(tonumber(request.params.id:match("^%d+$"))) end

-- ---- books

local function books_page(request, typed, fault)
  local input, err = form.parse(fields.BOOKS, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.books(request.user, input)
  if not found then return nil, err end
  local rows = {}
  for i, book in ipairs(found) do
    rows[i] = {
      href = path_of(book.code),
      cells = {
        { text = book.title, sub = book.code, href = path_of(book.code) },
        russian.number(book.active),
        russian.number(book.archived),
        { text = book.is_system and "С платформой" or "Свой", tone = book.is_system and "neu" or "info" },
        book.updated_at and russian.datetime(book.updated_at) or "",
      },
    }
  end
  return respond.page(request, "refs/books", {
    title = "Справочники",
    nav = "refs",
    rows = rows,
    input = input,
    can_manage = policy.can_manage(request.user),
    fields = form.render(fields.BOOK, typed, fault),
    fault = fault,
  }, fault and 422)
end

local function books(request) return books_page(request) end

local function create_book(request)
  local typed = request:form()
  local input, err = form.parse(fields.BOOK, typed)
  local book
  if input then
    book, err = service.create_book(request.user, input)
  end
  if book then
    return respond.redirect(path_of(book.code), { notice = ("Справочник «%s» создан"):format(book.title) })
  end
  if err.status == 422 then return books_page(request, typed, err) end
  return nil, err
end

local function rename_book(request)
  local code = request.params.book
  local input, err = form.parse(fields.BOOK_CHANGE, request:form())
  local book
  if input then
    book, err = service.rename_book(request.user, code, input)
  end
  if book then return respond.redirect(path_of(code), { notice = "Название изменено" }) end
  if err.status == 403 or err.status == 404 then return nil, err end
  return respond.redirect(path_of(code), { notice = err.text, tone = "bad" })
end

local function delete_book(request)
  local ok, err = service.delete_book(request.user, request.params.book)
  if ok then return respond.redirect(BASE, { notice = "Справочник удалён" }) end
  if err.status == 403 or err.status == 404 then return nil, err end
  return respond.redirect(path_of(request.params.book), { notice = err.text, tone = "bad" })
end

-- ---- items

local function period(item)
  if not item.valid_from and not item.valid_to then return "" end
  return (item.valid_from and "с " .. russian.date(item.valid_from) or "")
    .. (item.valid_to and " по " .. russian.date(item.valid_to) or "")
end

local function item_row(book, item)
  return {
    href = path_of(book.code, item.id),
    cells = {
      { text = item.name, href = path_of(book.code, item.id), sub = item.archived_at and "в архиве" or nil },
      { text = item.code },
      { text = item.parent_name or "", href = item.parent_id and path_of(book.code) .. "?parent_id=" .. item.parent_id or nil },
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
    base = path_of(book.code),
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
    local href = path_of(book.code) .. "?parent_id=" .. section.id
    rows[i] = { href = href, cells = { { text = section.name, sub = section.code, href = href }, russian.number(section.items) } }
  end
  return respond.page(
    request,
    "refs/sections",
    { title = book.title, nav = "refs", book = book, rows = rows, base = path_of(book.code) }
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
  local item, err, book = service.item(request.user, request.params.book, id_of(request))
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
    base = path_of(book.code),
    path = path_of(book.code, item.id),
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
      base = path_of(book.code),
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
    return respond.redirect(path_of(request.params.book, item.id), { notice = ("Добавлено: %s"):format(item.name) })
  end
  if err.status == 422 then return new_page(request, typed, err, 422) end
  return nil, err
end

local function update(request)
  local typed = request:form()
  local input, err = form.parse(fields.CHANGE, typed)
  local item
  if input then
    item, err = service.update_item(request.user, request.params.book, id_of(request), input)
  end
  if item then return respond.redirect(path_of(request.params.book, item.id), { notice = "Сохранено" }) end
  if err.status == 422 or err.status == 409 then return item_page(request, typed, err, err.status) end
  return nil, err
end

-- A button of the item's page.
local function act(run, back, notice)
  return function(request)
    local input, err = form.parse(fields.VERSION, request:form())
    if not input then return nil, err end
    local ok
    ok, err = run(request.user, request.params.book, id_of(request), input.version)
    local here = path_of(request.params.book, request.params.id)
    if ok then return respond.redirect(back and path_of(request.params.book) or here, { notice = notice }) end
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

-- ---- files

local function export(request)
  local book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  local table_list, scope_of = service.list_of(book)
  local scope = scope_of(book, request.query)
  if request.params.kind == "csv" then return table_list:csv(book.title, request.query_all, scope) end
  if request.params.kind == "xlsx" then
    return respond.file(table_list:write_xlsx(book.title, assert(table_list:ask(request.query_all, scope))))
  end
  return nil, errors.not_found("page")
end

local function import_page(request, fault)
  local book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  return respond.page(
    request,
    "refs/import",
    { title = "Загрузка таблицы", nav = "refs", book = book, base = path_of(book.code), fault = fault },
    fault and fault.status
  )
end

local function import_form(request) return import_page(request) end

local function upload(request)
  local id, err = transfer.try(request.user, request.params.book, request:file("file"))
  if not id then return import_page(request, err) end
  return respond.redirect(path_of(request.params.book, "import", id))
end

local VERDICTS = { new = { "Новый", "ok" }, changed = { "Изменится", "info" }, wrong = { "Ошибка", "bad" } }

local function progress(request)
  local run, err = transfer.find(request.user, id_of(request))
  if not run then return nil, err end
  local book
  book, err = service.book(request.user, request.params.book)
  if not book then return nil, err end
  local rows = {}
  for i, verdict in ipairs(run.result and run.result.verdicts or {}) do
    local words = VERDICTS[verdict.verdict]
    rows[i] = { cells = { tostring(verdict.row), verdict.code, { text = words[1], tone = words[2] }, verdict.text or "" } }
  end
  return respond.page(
    request,
    "refs/progress",
    {
      title = "Загрузка таблицы",
      nav = "refs",
      book = book,
      base = path_of(book.code),
      run = run,
      rows = rows,
      path = path_of(book.code, "import", run.id),
    }
  )
end

local function apply(request)
  local id, err = transfer.apply(request.user, request.params.book, id_of(request))
  if not id then return nil, err end
  return respond.redirect(path_of(request.params.book, "import", id))
end

--- For fields that name an item: code and name of those that fit what was typed.
local function options(request)
  local found, err = service.items(request.user, request.params.book, { q = { request.query.q }, limit = { "20" } })
  if not found then return nil, err end
  local items = {}
  for i, item in ipairs(found.rows) do
    items[i] = { value = item.code, label = item.name }
  end
  return respond.json({ items = require("core.json").array(items) })
end

local READ, MANAGE = { "ref.read" }, { "ref.manage" }

local routes = {
  { "GET", BASE, books, access = READ, query = fields.BOOKS, summary = "Справочники" },
  { "POST", BASE, create_book, access = MANAGE, body = fields.BOOK, summary = "Новый справочник" },
  { "GET", BASE .. "/{book}", list, access = READ, query = fields.LIST, summary = "Элементы справочника" },
  { "POST", BASE .. "/{book}", create, access = MANAGE, body = fields.ITEM, summary = "Новый элемент" },
  {
    "POST",
    BASE .. "/{book}/rename",
    rename_book,
    access = MANAGE,
    body = fields.BOOK_CHANGE,
    summary = "Название справочника",
  },
  { "POST", BASE .. "/{book}/delete", delete_book, access = MANAGE, summary = "Удалить справочник" },
  { "GET", BASE .. "/{book}/sections", sections, access = READ, summary = "Разделы справочника" },
  { "GET", BASE .. "/{book}/options", options, access = READ, summary = "Элементы для выбора в форме" },
  { "GET", BASE .. "/{book}/new", new, access = MANAGE, summary = "Форма нового элемента" },
  {
    "GET",
    BASE .. "/{book}/export/{kind}",
    export,
    access = READ,
    query = fields.LIST,
    summary = "Выгрузка справочника",
  },
  {
    "GET",
    BASE .. "/{book}/import",
    import_form,
    access = MANAGE,
    summary = "Загрузка справочника из таблицы",
  },
  {
    "POST",
    BASE .. "/{book}/import",
    upload,
    access = MANAGE,
    multipart = { max_bytes = 20 * 1024 * 1024, max_files = 1 },
    summary = "Проверить таблицу",
  },
  { "GET", BASE .. "/{book}/import/{id}", progress, access = MANAGE, summary = "Ход загрузки" },
  { "POST", BASE .. "/{book}/import/{id}/apply", apply, access = MANAGE, summary = "Записать проверенное" },
  { "GET", BASE .. "/{book}/{id}", show, access = READ, summary = "Элемент справочника" },
  { "POST", BASE .. "/{book}/{id}", update, access = MANAGE, body = fields.CHANGE, summary = "Изменить элемент" },
  {
    "POST",
    BASE .. "/{book}/{id}/archive",
    archive,
    access = MANAGE,
    body = fields.VERSION,
    summary = "Убрать в архив",
  },
  {
    "POST",
    BASE .. "/{book}/{id}/unarchive",
    unarchive,
    access = MANAGE,
    body = fields.VERSION,
    summary = "Вернуть из архива",
  },
  {
    "POST",
    BASE .. "/{book}/{id}/delete",
    delete,
    access = MANAGE,
    body = fields.VERSION,
    summary = "Удалить элемент",
  },
}

table.move(require("domain.refs.pages_calendar"), 1, 2, #routes + 1, routes)

return routes
