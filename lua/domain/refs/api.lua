--- JSON of the reference books.
local errors = require("kit.errors")
local fields = require("domain.refs.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.refs.service")
local shape = require("kit.shape")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function item_json(item)
  return {
    id = tostring(item.id),
    code = item.code,
    name = item.name,
    parent = null(item.parent),
    sort = item.sort,
    valid_from = null(item.valid_from),
    valid_to = null(item.valid_to),
    external = json.raw(item.external or "{}"),
    is_archived = item.archived_at ~= nil,
    is_system = item.is_system,
    version = item.version,
  }
end

local function id_of(request) return math.tointeger(tonumber(request.params.id:match("^%d+$"))) end

local function books(request)
  local found, err = service.books(request.user, {})
  if not found then return nil, err end
  local items = {}
  for i, book in ipairs(found) do
    items[i] =
      { code = book.code, title = book.title, is_system = book.is_system, active = book.active, archived = book.archived }
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function create_book(request)
  local input, err = request:json()
  if input then
    input, err = form.parse(fields.BOOK, input)
  end
  if not input then return nil, err end
  local book
  book, err = service.create_book(request.user, input)
  if not book then return nil, err end
  return respond.json({ code = book.code, title = book.title, is_system = book.is_system, active = 0, archived = 0 }, 201)
end

local function list(request)
  local found, err = service.items(request.user, request.params.book, request.query_all)
  if not found then return nil, err end
  local items = {}
  for i, item in ipairs(found.rows) do
    items[i] = item_json(item)
  end
  return respond.json({ items = json.array(items), next_cursor = null(found.next_cursor) })
end

local function create(request)
  local input, err = request:json()
  if input then
    input, err = form.parse(fields.ITEM, input)
  end
  if not input then return nil, err end
  local item
  item, err = service.create_item(request.user, request.params.book, input)
  if not item then return nil, err end
  return respond.json(item_json(item), 201)
end

local function show(request)
  local item, err, book = service.item(request.user, request.params.book, id_of(request))
  if not item then return nil, err end
  local body = item_json(item)
  body.uses = json.array(service.uses(book.code, item))
  return respond.json(body)
end

-- Given fields over what is stored.
local function merged(item, patch)
  local input = {
    name = item.name,
    parent = item.parent,
    sort = item.sort,
    valid_from = item.valid_from,
    valid_to = item.valid_to,
    external = item.external_text,
    version = patch.version,
  }
  for name, value in pairs(patch) do
    if value == require("core.db").null then value = nil end
    input[name] = value
  end
  return input
end

local function update(request)
  local patch, err = request:json()
  if patch then
    patch, err = form.parse(fields.CHANGE, patch, { partial = true })
  end
  if not patch then return nil, err end
  local item
  item, err = service.item(request.user, request.params.book, id_of(request))
  if not item then return nil, err end
  local input = merged(item, patch)
  if not input.name then return nil, errors.invalid("name", "required", "Заполните поле «Название»") end
  item, err = service.update_item(request.user, request.params.book, item.id, input)
  if not item then return nil, err end
  return respond.json(item_json(item))
end

local function archive(is_archived)
  return function(request)
    local input, err = request:json()
    if input then
      input, err = form.parse(fields.VERSION, input)
    end
    if not input then return nil, err end
    local item
    item, err = service.archive_item(request.user, request.params.book, id_of(request), is_archived, input.version)
    if not item then return nil, err end
    return respond.json(item_json(item))
  end
end

local function delete(request)
  local ok, err = service.delete_item(request.user, request.params.book, id_of(request))
  if not ok then return nil, err end
  return respond.empty()
end

local maybe, text = shape.maybe, shape.text
local BOOK =
  shape.object({ code = text, title = text, is_system = shape.boolean, active = shape.integer, archived = shape.integer })
local ITEM = shape.object({
  id = shape.id,
  code = text,
  name = text,
  parent = maybe(text),
  sort = shape.integer,
  valid_from = maybe(shape.date),
  valid_to = maybe(shape.date),
  external = shape.any,
  is_archived = shape.boolean,
  is_system = shape.boolean,
  version = shape.integer,
}, { uses = shape.any })
local READ, MANAGE = { "ref.read" }, { "ref.manage" }
local ONE = "/api/v1/refs/{book}/{id}"

return {
  schemas = { RefBook = BOOK, RefItem = ITEM },
  { "GET", "/api/v1/refs", books, access = READ, returns = "RefBookList", summary = "Справочники" },
  {
    "POST",
    "/api/v1/refs",
    create_book,
    access = MANAGE,
    body = fields.BOOK,
    returns = "RefBook",
    summary = "Новый справочник",
  },
  {
    "GET",
    "/api/v1/refs/{book}",
    list,
    access = READ,
    query = fields.LIST,
    returns = "RefItemList",
    summary = "Элементы справочника",
  },
  {
    "POST",
    "/api/v1/refs/{book}",
    create,
    access = MANAGE,
    body = fields.ITEM,
    returns = "RefItem",
    summary = "Новый элемент",
  },
  { "GET", ONE, show, access = READ, returns = "RefItem", summary = "Элемент и где он используется" },
  {
    "PATCH",
    ONE,
    update,
    access = MANAGE,
    body = fields.CHANGE,
    returns = "RefItem",
    summary = "Изменить элемент",
  },
  { "DELETE", ONE, delete, access = MANAGE, summary = "Удалить элемент" },
  {
    "POST",
    ONE .. "/archive",
    archive(true),
    access = MANAGE,
    body = fields.VERSION,
    returns = "RefItem",
    summary = "Убрать в архив",
  },
  {
    "POST",
    ONE .. "/unarchive",
    archive(false),
    access = MANAGE,
    body = fields.VERSION,
    returns = "RefItem",
    summary = "Вернуть из архива",
  },
}
