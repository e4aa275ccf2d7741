--- Tables that people send (XLSX, CSV) as rows of named values: the first row names the columns, each further one is checked
--- by a schema of kit.form. Streaming: only the row at hand is held.
---
---   local sheet, err = sheet_reader.open(files.path(stored.sha256), fields.IMPORT, { name = stored.name, max_rows = 20000 })
---   if not sheet then return nil, err end                    -- «В таблице нет столбца «СНИЛС».»
---   for row in sheet:rows() do                               -- row.number, row.typed, row.input or row.err
---     if row.input then add(row.input) else report(row.number, row.err) end
---   end
---   if sheet.err then return nil, sheet.err end              -- the file is broken further down
---
--- A column is known by the label of its field, by its name, or by one of `aliases`; letter case, ё and spaces do not matter.
--- Columns that no field knows are kept in sheet.unknown. Dates come as 2026-11-27, leading zeros stay.
local errors = require("kit.errors")
local form = require("kit.form")
local rows = require("core.rows")
local russian = require("kit.russian")
local text = require("core.text")
local sheet_reader = {}
local Sheet = {}
Sheet.__index = Sheet

local MAX_ROWS = 100000

local WORDS = {
  invalid = "Таблица не читается. Сохраните её как «Книга Excel (.xlsx)» или «CSV» и загрузите снова.",
  limit = "Таблица слишком велика: в строке может быть 256 столбцов, в ячейке 32 000 знаков. Разделите её на части.",
}

local function fault(err, field)
  if WORDS[err.code] then return errors.invalid(field, "bad_table", WORDS[err.code]) end
  error(err, 0)
end

-- «Дата рождения *», "дата  рождения" and birth_date are one column.
local function key_of(title)
  return (text.fold(text.trim(title)):gsub("[%s\u{A0}]+", " "):gsub("[ *:]+$", ""))
end

local function known_columns(schema)
  local known = {}
  for _, field in ipairs(schema) do
    for _, name in ipairs({ field.label, field.name, table.unpack(field.aliases or {}) }) do known[key_of(name)] = field end
  end
  return known
end

-- Column number → field; what is missing or given twice is an error that names it.
local function match(sheet, titles, schema)
  local known, seen = known_columns(schema), {}
  for index, title in ipairs(titles) do
    local field = known[key_of(title)]
    if field and seen[field.name] then
      return errors.invalid(sheet.field, "column_twice", ("Столбец «%s» есть дважды. Оставьте один."):format(field.label))
    elseif field then
      seen[field.name], sheet.columns[index] = true, field
    elseif title ~= "" then
      table.insert(sheet.unknown, title)
    end
  end
  local missing = {}
  for _, field in ipairs(schema) do
    if field.required and not seen[field.name] then missing[#missing + 1] = "«" .. field.label .. "»" end
  end
  if #missing == 0 then return nil end
  return errors.invalid(sheet.field, "no_column", ("В таблице нет %s %s. Названия столбцов должны стоять в первой строке."):format(
    #missing == 1 and "столбца" or "столбцов", table.concat(missing, ", ")))
end

--- Opens a table and reads its heading.
---@param path string in tmp/ or files/
---@param schema kit.Field[] besides the usual keys: aliases = other headings
---@param options {field: string?, max_rows: integer?}? field: which field of the upload form an error names
---@return kit.Sheet? sheet
---@return kit.Error? err
function sheet_reader.open(path, schema, options)
  local given = options or {}
  local field = given.field or "file"
  local reader, err = rows.open(path)
  if not reader then return nil, fault(err, field) end
  local sheet = setmetatable({
    reader = reader, schema = schema, field = field, max_rows = given.max_rows or MAX_ROWS, columns = {}, unknown = {}, count = 0,
  }, Sheet)
  local number, titles = reader:next()
  if not number and titles then return nil, fault(titles, field) end
  if not number then return nil, errors.invalid(field, "empty_table", "Таблица пуста.") end
  err = match(sheet, titles, schema)
  if err then return nil, err end
  return sheet
end

-- Our own CSV disarms what a spreadsheet would run by an apostrophe: coming back it is none of the value.
local function cell(value)
  if value:find("^'[=@\t+-]") then value = value:sub(2) end
  return value
end

-- What people write for what the schema wants.
local spellings = {}
function spellings.date(_, value) -- a date cell may carry a time: the day counts
  return value:match("^(%d%d%d%d%-%d%d%-%d%d) %d%d:%d%d$") or value
end
function spellings.boolean(_, value)
  local word = text.lower(value)
  return (word == "да" or word == "+") and "1" or (word == "нет" or word == "-") and "0" or value
end
function spellings.enum(field, value)
  for _, option in ipairs(field.options or {}) do
    if type(option) == "table" and key_of(option.label) == key_of(value) then return option.value end
  end
  return value
end

local function typed_of(sheet, cells)
  local typed = {}
  for index, field in pairs(sheet.columns) do
    local value, spell = text.trim(cell(cells[index] or "")), spellings[field.type]
    typed[field.name] = spell and spell(field, value) or value
  end
  return typed
end

--- The rows below the heading. Ends early, with sheet.err set, when the file is broken or too long.
---@return fun(): {number: integer, typed: table<string, string>, input: table?, err: kit.Error?}?
function Sheet:rows()
  return function()
    local number, cells = self.reader:next()
    if not number then
      self.err = cells and fault(cells, self.field) or nil
      return nil
    end
    self.count = self.count + 1
    if self.count > self.max_rows then
      self.err = errors.invalid(self.field, "too_many_rows", ("В таблице больше %s. Разделите её на части."):format(
        russian.plural(self.max_rows, "%s строки", "%s строк", "%s строк")))
      self.reader:close()
      return nil
    end
    local row = { number = number, typed = typed_of(self, cells) }
    row.input, row.err = form.parse(self.schema, row.typed)
    return row
  end
end

return sheet_reader
