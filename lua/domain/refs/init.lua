--- Reference books that come with the product.
local books = require("domain.refs.books")
local calendar = require("domain.refs.calendar")
local crypto = require("core.crypto")
local csv = require("domain.refs.csv")
local json = require("core.json")
local store = require("domain.refs.store")
local transaction = require("kit.transaction")
local tree = require("core.tree")
local refs = {}

local function read(name)
  local bytes, err = tree.read("data/" .. name .. ".csv")
  if not bytes then error(("data/%s.csv: %s"):format(name, err and err.text or "not there"), 0) end
  return bytes
end

--- Rows of a table below data/, keyed by its header.
---@param name string path without the ending, "demo/programs"
---@return table rows
function refs.table(name) return csv.parse(read(name)) end

--- Days that differ from the plain week, as the import writes them.
---@return table rows {day, kind, holiday?}
---@return integer year the last one with a decree
function refs.calendar() return calendar.days(refs.table("production_calendar"), refs.table("statutory_holidays")) end

local function value_of(row, column)
  if type(column) == "function" then return column(row) end
  return row[column]
end

local function externals(row, columns)
  local found
  for _, column in ipairs(columns or {}) do
    if row[column] ~= "" then
      found = found or {}
      found[column] = row[column]
    end
  end
  return found
end

local function items_of(book)
  local items = {}
  for index, row in ipairs(refs.table(book.file)) do
    items[index] = {
      code = value_of(row, book.columns.code),
      name = row[book.columns.name],
      sort = index * 10,
      parent = book.parent and value_of(row, book.parent[2]) or nil,
      external = externals(row, book.external),
    }
  end
  return items
end

local function book_code(list, name)
  if list.prefix == "" then return name end
  return list.prefix .. assert(books.FRDO_NAMES[name], "no book for the list " .. name)
end

local function frdo_title(list, name)
  return ("ФРДО %s: %s"):format(list.prefix == "frdo_dpo_" and "ДПО" or "ПО", books.FRDO_TITLES[books.FRDO_NAMES[name]])
end

-- The small lists by book, in the order of their files.
local function small_lists()
  local found_books, items = {}, {}
  for _, list in ipairs(books.LISTS) do
    for _, row in ipairs(refs.table(list.file)) do
      local code = book_code(list, row.list)
      if not items[code] then
        found_books[#found_books + 1], items[code] = { code = code, title = books.TITLES[code] or frdo_title(list, row.list) }, {}
      end
      local found = items[code]
      found[#found + 1] = { code = row[list.code], name = row[list.name], sort = tonumber(row.sort) or #found * 10 + 10 }
    end
  end
  return found_books, items
end

local function import()
  local small, lists = small_lists()
  local heads = {}
  for _, book in ipairs(books.FILES) do
    heads[#heads + 1] = { code = book.code, title = book.title, sort = #heads * 10 + 10, parent = book.parent and book.parent[1] }
  end
  for _, book in ipairs(small) do
    heads[#heads + 1] = { code = book.code, title = book.title, sort = #heads * 10 + 10 }
  end
  store.insert_books(json.encode(heads))
  for _, book in ipairs(books.FILES) do
    store.insert_items(book.code, json.encode(items_of(book)), book.parent and book.parent[1])
  end
  for _, book in ipairs(small) do
    store.insert_items(book.code, json.encode(lists[book.code]), nil)
  end
end

local function import_calendar(known)
  local days, decreed_year = refs.calendar()
  if known then store.forget_guesses(known.decreed_year, decreed_year) end
  store.insert_calendar(json.encode(days))
  return decreed_year
end

-- Changes with every byte of every table, so that a newer product imports what it brings.
local function digest()
  local parts, seen = {}, {}
  for _, group in ipairs({ books.FILES, books.LISTS, { { file = "production_calendar" }, { file = "statutory_holidays" } } }) do
    for _, book in ipairs(group) do
      if not seen[book.file] then parts[#parts + 1] = crypto.sha256(read(book.file)) end
      seen[book.file] = true
    end
  end
  return crypto.sha256(table.concat(parts))
end

--- Imports the books and the production calendar. Adds what is missing, overwrites nothing; costs one query when
--- nothing has changed since the last time. Inside the caller's transaction or in its own.
---@return boolean imported false when all was there
function refs.load()
  local known, current = store.loaded(), digest()
  if known and known.digest == current then return false end
  return assert(transaction.run(function()
    import()
    store.save_loaded(current, import_calendar(known))
    return true
  end))
end

refs.jobs = { ["refs.import"] = function(payload) return require("domain.refs.transfer").run(payload) end }

return refs
