--- Reference books: reading and keeping them. The same functions stand behind the pages and the API.
local access_policy = require("domain.refs.policy")
local audit = require("kit.audit")
local errors = require("kit.errors")
local json = require("core.json")
local russian = require("kit.russian")
local store = require("domain.refs.store_items")
local table_list = require("kit.table")
local transaction = require("kit.transaction")
local usage = require("domain.refs.usage")
local fields = require("domain.refs.fields")
local service = {}

-- ---- external codes: {system = code} ⇄ lines

--- «frdo = 12» on a line each, in the order of the names.
---@param external string? JSON
---@return string
function service.external_text(external)
  local lines = {}
  for name, value in pairs(external and json.decode(external) or {}) do
    lines[#lines + 1] = ("%s = %s"):format(name, tostring(value))
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

--- Codes of other systems as JSON.
---@return string? json
---@return kit.Error? err
function service.external_json(text)
  local codes = {}
  for line in (text or ""):gmatch("[^\n;]+") do
    if line:find("%S") then
      local name, value = line:match("^%s*([%w_%-%.а-яёА-ЯЁ ]-)%s*=%s*(.-)%s*$")
      if not name or name == "" or value == "" then
        return nil,
          errors.invalid(
            "external",
            "format",
            ("Строку «%s» нужно записать так: система = код"):format(line)
          )
      end
      codes[name] = value
    end
  end
  return json.encode(json.object(codes))
end

-- ---- reading

local function book_of(code)
  local book = store.book(code)
  if not book then return nil, errors.not_found("page", code) end
  return book
end

---@return table[]? books {code, title, is_system, active, archived}
---@return kit.Error? err
function service.books(user, input)
  local ok, err = access_policy.need_read(user)
  if not ok then return nil, err end
  return store.books(input.q)
end

---@return table? book
---@return kit.Error? err
function service.book(user, code)
  local ok, err = access_policy.need_read(user)
  if not ok then return nil, err end
  return book_of(code)
end

local function scope_of(book, query)
  local state = type(query.state) == "table" and query.state[1] or query.state or "active"
  return { book = book.code, state = false, active = state == "active" or nil, archived = state == "archived" or nil }
end

--- Items of a book as a list for people; also what is exported.
---@return kit.List
function service.list_of(book)
  local path = "/admin/refs/" .. book.code
  return table_list.new({
    keyset = store.LIST,
    schema = fields.LIST,
    path = path,
    columns = {
      { key = "code", label = "Код", sort = "code", width = 20 },
      { key = "name", label = "Название", sort = "name", width = 60 },
      { key = "parent", label = "Входит в", width = 20 },
      { key = "sort", label = "Порядок", sort = "order" },
      { key = "valid_from", label = "Действует с", width = 14 },
      { key = "valid_to", label = "Действует по", width = 14 },
      {
        key = "external",
        label = "Внешние коды",
        width = 40,
        value = function(row) return (service.external_text(row.external):gsub("\n", "; ")) end,
      },
    },
  }),
    scope_of
end

--- A page of items.
---@return table? found of kit.table's read() with `book`
---@return kit.Error? err
function service.items(user, code, query_all)
  local book, err = service.book(user, code)
  if not book then return nil, err end
  local found
  found, err = service.list_of(book):read(query_all, scope_of(book, query_all))
  if not found then return nil, err end
  found.book = book
  return found
end

--- An item with where it is used.
---@return table? item with `uses` = { {label, count, is_capped} }, `book`
---@return kit.Error? err
function service.item(user, code, id)
  local book, err = service.book(user, code)
  if not book then return nil, err end
  local item = id and store.item(code, id)
  if not item then return nil, errors.not_found("page", id) end
  item.external_text = service.external_text(item.external)
  return item, nil, book
end

local function uses_of(book, item, ask)
  local sql, labels = usage.statement(book)
  local uses = {}
  for _, row in ipairs(ask(sql, item.code, item.id)) do
    if row.uses > 0 then
      uses[#uses + 1] = { label = labels[row.n], count = math.min(row.uses, usage.CAP), is_capped = row.uses > usage.CAP }
    end
  end
  return uses
end

--- Where an item is used.
---@return {label: string, count: integer, is_capped: boolean}[]
function service.uses(book, item) return uses_of(book, item, store.uses) end

--- Sections of a book: the items above its own.
function service.sections(user, book)
  local ok, err = access_policy.need_read(user)
  if not ok then return nil, err end
  return store.parents(book.code, 500)
end

-- ---- changing

local function stale(item)
  return nil,
    errors.conflict(
      "stale",
      "Элемент уже изменил кто-то другой. Обновите страницу и проверьте, что стало.",
      { version = item.version }
    )
end

-- Input as columns; `id` is nil for a new item.
local function columns_of(book, input, id)
  local external, err = service.external_json(input.external)
  if not external then return nil, err end
  local item = {
    code = input.code,
    name = input.name,
    external = external,
    sort = input.sort or 100,
    valid_from = input.valid_from,
    valid_to = input.valid_to,
  }
  if item.valid_from and item.valid_to and item.valid_to < item.valid_from then
    return nil, errors.invalid("valid_to", "order", "Окончание раньше начала")
  end
  if not input.parent then return item end
  if not book.parent_book then
    return nil,
      errors.invalid(
        "parent",
        "no_hierarchy",
        "В этом справочнике элементы не входят друг в друга"
      )
  end
  local parent = store.parent_of(book.parent_book, input.parent)
  if not parent then
    return nil,
      errors.invalid(
        "parent",
        "unknown",
        ("В справочнике «%s» нет кода %s"):format(book.parent_title, input.parent)
      )
  end
  if id and store.is_below(id, parent.id) then
    return nil, errors.invalid("parent", "cycle", "Элемент не может входить сам в себя")
  end
  item.parent_id = parent.id
  return item
end

local function managed_book(user, code)
  local ok, err = access_policy.need_manage(user)
  if not ok then return nil, err end
  return book_of(code)
end

---@return table? item
---@return kit.Error? err
function service.create_item(user, code, input)
  local book, err = managed_book(user, code)
  if not book then return nil, err end
  return transaction.run(function()
    local item
    item, err = columns_of(book, input)
    if not item then return nil, err end
    local row, refused = store.insert_item(code, item, user.id)
    if not row then
      if refused.constraint == "ref_item_book_code_key" then
        return nil, errors.invalid("code", "taken", "Такой код в справочнике уже есть")
      end
      return nil, refused
    end
    audit.write("ref.create", "ref_item", row.id, { book = { nil, code }, code = { nil, item.code }, name = { nil, item.name } })
    return store.item(code, row.id)
  end)
end

local function locked(code, id, version)
  local item = id and store.lock_item(code, id)
  if not item then return nil, errors.not_found("page", id) end
  if version and item.version ~= version then return stale(item) end
  return item
end

---@return table? item
---@return kit.Error? err
function service.update_item(user, code, id, input)
  local book, err = managed_book(user, code)
  if not book then return nil, err end
  return transaction.run(function()
    local old, item
    old, err = locked(code, id, input.version)
    if not old then return nil, err end
    item, err = columns_of(book, input, id)
    if not item then return nil, err end
    local diff = audit.diff(
      old,
      { name = item.name, sort = item.sort, valid_from = item.valid_from, valid_to = item.valid_to, external = item.external }
    )
    if old.parent ~= input.parent then
      diff = diff or {}
      diff.parent = { old.parent, input.parent }
    end
    if not diff then return old end
    store.update_item(id, item, old.version, user.id)
    audit.write("ref.update", "ref_item", id, diff)
    return store.item(code, id)
  end)
end

--- Takes an item out of use, or brings it back: it stays where it is used.
---@return table? item
---@return kit.Error? err
function service.archive_item(user, code, id, is_archived, version)
  local book, err = managed_book(user, code)
  if not book then return nil, err end
  return transaction.run(function()
    local old
    old, err = locked(code, id, version)
    if not old then return nil, err end
    if (old.archived_at ~= nil) == is_archived then return old end
    store.archive_item(id, is_archived, old.version, user.id)
    audit.write(is_archived and "ref.archive" or "ref.unarchive", "ref_item", id, { name = { old.name, old.name } })
    return store.item(code, id)
  end)
end

--- «Программы: вид — 12, Заявки: категория — больше 1 000».
---@return string
function service.uses_words(uses)
  local words = {}
  for i, use in ipairs(uses) do
    words[i] = ("%s — %s%s"):format(use.label, use.is_capped and "больше " or "", russian.number(use.count))
  end
  return table.concat(words, ", ")
end

--- Removes an item that nothing uses and that did not come with the product.
---@return true? ok
---@return kit.Error? err
function service.delete_item(user, code, id, version)
  local book, err = managed_book(user, code)
  if not book then return nil, err end
  return transaction.run(function()
    local item
    item, err = locked(code, id, version)
    if not item then return nil, err end
    if item.is_system then
      return nil,
        errors.conflict(
          "system_item",
          "Этот элемент пришёл с платформой: удалить его нельзя, можно убрать в архив."
        )
    end
    store.lock_tables(usage.lock(code))
    local uses = uses_of(code, item, store.uses_in_transaction)
    if #uses > 0 then
      return nil,
        errors.conflict(
          "item_used",
          "Элемент используется, поэтому его нельзя удалить, можно убрать в архив. Где: "
            .. service.uses_words(uses)
            .. ".",
          { uses = uses }
        )
    end
    store.delete_item(id)
    audit.write("ref.delete", "ref_item", id, { book = { code, nil }, code = { item.code, nil }, name = { item.name, nil } })
    return true
  end)
end

-- ---- books of one's own

---@return table? book
---@return kit.Error? err
function service.create_book(user, input)
  local ok, err = access_policy.need_manage(user)
  if not ok then return nil, err end
  return transaction.run(function()
    local row, refused = store.insert_book(input.code, input.title, input.is_tree and input.code or nil, user.id)
    if not row then
      if refused.constraint == "ref_book_pkey" then
        return nil, errors.invalid("code", "taken", "Справочник с таким кодом уже есть")
      end
      return nil, refused
    end
    audit.write("ref.create_book", "ref_book", nil, { code = { nil, input.code }, title = { nil, input.title } })
    return store.book(input.code)
  end)
end

---@return table? book
---@return kit.Error? err
function service.rename_book(user, code, input)
  local book, err = managed_book(user, code)
  if not book then return nil, err end
  return transaction.run(function()
    if store.update_book(code, input.title, input.version or book.version, user.id) == 0 then return stale(book) end
    audit.write("ref.rename_book", "ref_book", nil, { code = { code, code }, title = { book.title, input.title } })
    return store.book(code)
  end)
end

--- Removes an own book without items.
---@return true? ok
---@return kit.Error? err
function service.delete_book(user, code)
  local book, err = managed_book(user, code)
  if not book then return nil, err end
  if book.is_system then
    return nil,
      errors.conflict(
        "system_item",
        "Этот справочник пришёл с платформой: удалить его нельзя."
      )
  end
  return transaction.run(function()
    local count, refused = store.delete_book(code)
    if not count then
      if refused.constraint then
        return nil,
          errors.conflict("book_used", "В справочнике есть элементы. Сначала удалите их.")
      end
      return nil, refused
    end
    audit.write("ref.delete_book", "ref_book", nil, { code = { code, nil }, title = { book.title, nil } })
    return true
  end)
end

return service
