--- Schemas of input: one description for checking, for OpenAPI and for rendering.
---
---   fields.GROUP = {
---     { name = "code", type = "text", label = "Код группы", required = true, max_length = 30, hint = "Например, СВ-2" },
---     { name = "starts_on", type = "date", label = "Начало занятий", required = true },
---   }
---   local values, err = form.parse(fields.GROUP, request:form())
---
--- Types → Lua value: text, email, snils, inn, ogrn, kpp, phone, name, uuid → string · integer, id → integer ·
--- decimal → string "12.50" · boolean → boolean · date → "2026-11-23" · time → "09:00" · enum → string (options) ·
--- list → array (items = "id" or "uuid" or "integer" checks each) · object → map · json → any · file → upload table.
--- Identifiers are strings in JSON: "id", an integer named `id` or `…_id`, and a list named `…_ids` with items take "12" as well as 12.
--- Other keys of a field: required, default, min, max (number, date or number of items), min_length, max_length
--- (characters; 2 000 by default), options (values or {value, label}), pattern (Lua) with message, message (replaces any
--- message but "required"), multiline, secret (kept as typed: no trimming), fields (of an object, or of the objects of a list), hint.
local checks = require("kit.checks")
local db = require("core.db")
local errors = require("kit.errors")
local json = require("core.json")
local strict = require("kit.strict")
local text = require("core.text")
local form = {}

---@class kit.Field
---@field name string
---@field type string
---@field label string
---@field required boolean?
---@field default any
---@field min any
---@field max any
---@field min_length integer?
---@field max_length integer?
---@field options any[]?
---@field pattern string?
---@field message string?
---@field items string?
---@field fields kit.Field[]?

local DEFAULT_LENGTH = 2000
local MAX_ITEMS = 1000

--- Body of POST …/transitions, for pages and API.
form.TRANSITION = {
  { name = "action", type = "text", label = "Действие", required = true, max_length = 40 },
  { name = "reason", type = "text", label = "Причина", max_length = 2000, multiline = true },
  { name = "data", type = "json", label = "Данные действия" },
  { name = "version", type = "integer", label = "Версия", min = 1 },
}

--- Paging of every list; add to the schema of its query.
form.PAGING = {
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 600 },
}

--- Is this field an identifier (a string of digits in JSON)?
---@param field kit.Field
---@return boolean
function form.is_id(field)
  return field.type == "id" or (field.type == "integer" and (field.name == "id" or field.name:find("_id$") ~= nil))
end

--- Values of options, whether given as plain values or as {value, label}.
---@param field kit.Field
---@return string[]
function form.values(field)
  local values = {}
  for i, option in ipairs(field.options or {}) do
    values[i] = type(option) == "table" and (option.value or option[1]) or option
  end
  return values
end

local readers = {}

local function read_text(field, value)
  if not text.is_valid(value) or value:find("\0", 1, true) then return nil, "encoding", "Текст записан не в UTF-8" end
  if field.secret then return value end
  value = text.trim(value)
  if field.multiline then
    value = value:gsub("\r\n?", "\n")
  end
  if value:find(field.multiline and "[\0-\8\11-\31\127]" or "%c") then
    return nil, "control_characters", "Уберите переводы строк и служебные знаки"
  end
  return value
end

readers.text = read_text
for _, kind in ipairs({ "snils", "inn", "ogrn", "kpp", "phone", "email", "date", "time", "decimal", "uuid", "name" }) do
  readers[kind] = function(field, value)
    local clean, code, message = read_text(field, value)
    if not clean then return nil, code, message end
    return checks[kind](clean)
  end
end
function readers.integer(_, value)
  return checks.integer(text.trim(value))
end
readers.id = readers.integer

local TRUE = { ["1"] = true, on = true, ["true"] = true, yes = true }
local FALSE = { ["0"] = true, off = true, ["false"] = true, no = true }
function readers.boolean(_, value)
  if TRUE[value] then return true end
  if FALSE[value] then return false end
  return nil, "format", "Здесь нужно да или нет"
end

function readers.enum(field, value)
  for _, option in ipairs(form.values(field)) do
    if option == value then return value end
  end
  return nil, "unknown_option", "Выберите одно из предложенных значений"
end

-- From a form, JSON comes as text.
function readers.json(_, value)
  local decoded = json.decode(value)
  if decoded == nil then return nil, "format", "Здесь нужен JSON" end
  return decoded
end

-- What JSON types a field takes: the value as text for the readers, or as it is with `true` when nothing is left to read.
local json_scalars = {}
function json_scalars.boolean(value)
  if type(value) == "boolean" then return value, true end
end
function json_scalars.id(value)
  if type(value) == "string" and value:find("^%d+$") then return value end
  if math.type(value) == "integer" then return tostring(value) end
end
function json_scalars.integer(value)
  if type(value) == "number" and math.tointeger(value) then return math.tointeger(value), true end
end
function json_scalars.decimal(value)
  if type(value) == "number" then return ("%.10g"):format(value) end
  if type(value) == "string" then return value end
end
function json_scalars.text(value)
  if type(value) == "string" then return value end
end

local function json_scalar(field, value)
  local kind = form.is_id(field) and "id" or field.type
  return (json_scalars[kind] or json_scalars.text)(value)
end

local TYPE_MESSAGE = {
  boolean = "Здесь нужно true или false", integer = "Здесь нужно целое число", id = "Здесь нужен номер строкой",
  list = "Здесь нужен список", object = "Здесь нужен объект", decimal = "Здесь нужно число",
}

local function wrong_type(field)
  return nil, "wrong_type", TYPE_MESSAGE[field.type] or "Здесь нужна строка"
end

local function read_scalar(field, value, is_strict)
  local done
  if is_strict then
    value, done = json_scalar(field, value)
    if value == nil then return wrong_type(field) end
  elseif type(value) == "table" then
    value = value[1]
  end
  if done or type(value) ~= "string" then return value end
  local reader = readers[field.type]
  if not reader then error(("field %s: no type %s"):format(field.name, tostring(field.type)), 0) end
  return reader(field, value)
end

local read_fields

-- Gathers the faults of an inner value under "name.inner".
local function nested(prefix, fields, value, faults)
  if type(value) ~= "table" or value[1] ~= nil then
    faults[#faults + 1] = { field = prefix, code = "wrong_type", message = TYPE_MESSAGE.object }
    return nil
  end
  return read_fields(fields, value, { strict = true, prefix = prefix .. "." }, faults)
end

local function is_array(value)
  return type(value) == "table" and (next(value) == nil or value[1] ~= nil)
end

local function read_item(field, item, is_strict)
  return read_scalar({ name = field.name, type = field.items or "text" }, item, is_strict)
end

local function read_items(field, value, is_strict, faults, name)
  local list = {}
  for i, item in ipairs(value) do
    if field.fields then
      list[i] = nested(("%s[%d]"):format(name, i - 1), field.fields, item, faults)
    else
      local clean, code, message = read_item(field, item, is_strict)
      if clean == nil then return nil, code, message end
      if clean ~= "" then list[#list + 1] = clean end
    end
  end
  return list
end

local function read_list(field, value, is_strict, faults, name)
  if is_strict and not is_array(value) then return wrong_type(field) end
  if type(value) ~= "table" then value = { value } end
  local most = field.max or MAX_ITEMS
  if #value > most then return nil, "too_many", ("Не больше %d значений"):format(most) end
  local list, code, message = read_items(field, value, is_strict, faults, name)
  if not list then return nil, code, message end
  if field.min and #list < field.min then return nil, "too_few", ("Не меньше %d значений"):format(field.min) end
  return list
end

local function compare(field, value)
  if field.min and value < field.min then return "too_small", ("Не меньше %s"):format(field.min) end
  if field.max and value > field.max then return "too_large", ("Не больше %s"):format(field.max) end
end

local function check_length(field, value)
  local length = text.len(value)
  local most = field.max_length or DEFAULT_LENGTH
  if length > most then return "too_long", ("Не длиннее %d знаков, сейчас %d"):format(most, length) end
  if field.min_length and length < field.min_length then
    return "too_short", ("Не короче %d знаков"):format(field.min_length)
  end
  if field.pattern and not value:find(field.pattern) then return "format", field.message or "Запись не подходит" end
end

local function check_limits(field, value)
  local kind = field.type
  if kind == "integer" or kind == "id" then return compare(field, value) end
  if kind == "decimal" and (field.min or field.max) then return compare(field, tonumber(value)) end
  if kind == "date" or kind == "time" then return compare(field, value) end
  if type(value) == "string" then return check_length(field, value) end
end

local function is_empty(field, value, is_strict)
  if value == nil or value == json.null then return true end
  if is_strict then return type(value) == "string" and not field.secret and not value:find("[^%s]") end
  if type(value) == "table" and field.type ~= "list" and field.type ~= "json" and field.type ~= "object"
    and field.type ~= "file" then
    value = value[1]
  end
  if field.secret then return value == nil or value == "" end
  return value == nil or (type(value) == "string" and not value:find("[^%s]"))
end

local function read_value(field, value, is_strict, faults, name)
  if field.type == "list" then return read_list(field, value, is_strict, faults, name) end
  if field.type == "file" then return value end
  if field.type == "json" and is_strict then return value end
  if field.type == "object" then
    if type(value) ~= "table" then return wrong_type(field) end
    return nested(name, field.fields or {}, value, faults)
  end
  local clean, code, message = read_scalar(field, value, is_strict)
  if clean == nil then return nil, code, message end
  code, message = check_limits(field, clean)
  if code then return nil, code, message end
  return clean
end

local function required_message(field)
  return field.required_message or ("Заполните поле «%s»"):format(field.label or field.name)
end

local function add_fault(faults, name, code, message)
  faults[#faults + 1] = { field = name, code = code, message = message }
end

-- Nothing was given. An unticked box of a form is "no"; in a PATCH an empty value clears the column.
local function read_nothing(field, given, name, options, faults, values)
  if options.partial and given == nil then return end
  if field.required then add_fault(faults, name, "required", required_message(field)) end
  if field.type == "boolean" and not options.strict and not options.partial then
    values[field.name] = field.default or false
  elseif options.partial then
    values[field.name] = db.null
  elseif not field.required then
    values[field.name] = field.default
  end
end

local function read_field(field, input, options, faults, values)
  local given = input[field.name]
  local name = (options.prefix or "") .. field.name
  if is_empty(field, given, options.strict) then return read_nothing(field, given, name, options, faults, values) end
  local before = #faults
  local value, code, message = read_value(field, given, options.strict, faults, name)
  if value == nil and #faults == before then
    add_fault(faults, name, code or "format", field.message or message or "Запись не подходит")
  elseif value == false and field.required and not options.strict then
    add_fault(faults, name, "required", required_message(field)) -- the box must be ticked
  end
  values[field.name] = value
end

function read_fields(schema, input, options, faults)
  local values, known = {}, {}
  for _, field in ipairs(schema) do
    known[field.name] = true
    read_field(field, input, options, faults, values)
  end
  if options.strict then
    local unknown = {}
    for name in pairs(input) do
      if not known[name] then unknown[#unknown + 1] = tostring(name) end
    end
    table.sort(unknown)
    for _, name in ipairs(unknown) do
      faults[#faults + 1] = { field = (options.prefix or "") .. name, code = "unknown_field", message = "Такого поля нет" }
    end
  end
  return values
end

--- Checks input against a schema; all faults come at once. Bodies from request:json() are checked strictly: types
--- must fit and unknown fields are refused. Form and query input is text; unknown fields there are ignored.
---@param schema kit.Field[]
---@param input table request:form(), request:form_all(), request.query_all or request:json()
---@param options {partial: boolean?, strict: boolean?}? partial: absent fields stay absent, empty ones become db.null (PATCH)
---@return table? values
---@return kit.Error? err
function form.parse(schema, input, options)
  local is_strict = options and options.strict
  if is_strict == nil then is_strict = strict.is_marked(input) end
  local faults = {}
  local values = read_fields(schema, input, { strict = is_strict, partial = options and options.partial }, faults)
  if #faults > 0 then return nil, errors.invalid(faults) end
  return values
end

--- Reads the JSON body of a request by a schema.
---@param schema table[]
---@param request kit.Request
---@return table? values
---@return kit.Error? err 400 bad_json, 415, 422 with the fields
function form.json(schema, request)
  local body, err = request:json()
  if not body then return nil, err end
  return form.parse(schema, body)
end

--- Fields for the part "field", with what was typed and the message of each: for pages that render a form from its schema.
---@param schema kit.Field[]
---@param typed table? what to show as values
---@param err kit.Error? of form.parse() or of a service
---@return table[] fields
function form.render(schema, typed, err)
  local shown = {}
  for i, field in ipairs(schema) do
    local copy = {}
    for key, value in pairs(field) do copy[key] = value end
    local value = typed and typed[field.name]
    if value == nil or value == db.null then value = field.default end
    copy.value = not field.secret and value or nil
    copy.error = err and err.by_field and err.by_field[field.name] or nil
    shown[i] = copy
  end
  return shown
end

--- Describes types that lists of objects and plain fields share, for OpenAPI.
form.DEFAULT_LENGTH = DEFAULT_LENGTH

return form
