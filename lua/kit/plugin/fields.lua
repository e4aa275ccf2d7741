--- Fields in a manifest: settings and schemas of routes, as kit.form takes them.
local fields = {}

local SETTING_TYPES = { integer = true, text = true, boolean = true, enum = true, email = true }
local TYPES = { integer = true, text = true, boolean = true, enum = true, date = true, time = true, decimal = true, id = true, uuid = true,
  email = true, list = true }
local KEYS = {}
for _, key in ipairs({ "name", "type", "label", "title", "reason", "required", "default", "min", "max", "min_length", "max_length", "options",
  "pattern", "message", "multiline", "items", "hint", "fields" }) do KEYS[key] = true end
local MAX_PATTERN = 100

local function copy(entry)
  local made = {}
  for key, value in pairs(entry) do made[key] = value end
  return made
end

local function default_fits(entry)
  local value = entry.default
  if entry.type == "integer" then
    return math.type(value) == "integer" and value >= (entry.min or value) and value <= (entry.max or value)
  end
  if entry.type == "boolean" then return type(value) == "boolean" end
  return type(value) == "string"
end

--- A setting as kit.setting declares it; nil when anything is wrong.
function fields.setting(check, owner, key, entry)
  if type(key) ~= "string" or not key:find("^[a-z][a-z0-9_]*$") then
    return check:fault(owner, key, "имя настройки: строчные латинские буквы, цифры и _")
  end
  check:only(entry, KEYS, "settings." .. key)
  local kind = check:get(entry, "type", "string", true)
  if kind and not SETTING_TYPES[kind] then
    return check:fault(entry, "type", "«type» настройки бывает integer, text, boolean, enum, email; пароли и ключи — в secrets")
  end
  local title = check:text(entry, "title", "%S", "нужны слова для людей", true)
  if entry.default == nil then return check:fault(entry, nil, "настройке «%s» нужно значение по умолчанию (default)", key) end
  if not default_fits(entry) then return check:fault(entry, "default", "«default» не подходит к типу или пределам") end
  if kind == "enum" and type(entry.options) ~= "table" then return check:fault(entry, nil, "для enum перечислите options") end
  local field = copy(entry)
  field.key, field.label, field.title, field.reason = key, title, nil, entry.reason or "Настройка плагина"
  return field
end

local function field_of(check, list, i)
  local entry = check:get(list, i, "table")
  if not entry then return nil end
  check:only(entry, KEYS, "поле")
  check:text(entry, "name", "^[a-z][a-z0-9_]*$", "строчные латинские буквы, цифры и _", true)
  local kind = check:get(entry, "type", "string", true)
  if kind and not TYPES[kind] then check:fault(entry, "type", "типа «%s» нет", kind) end
  -- A pattern of the plugin runs in our own state: it is short and has no repeats inside of repeats to speak of.
  local pattern = check:get(entry, "pattern", "string")
  if pattern and (#pattern > MAX_PATTERN or select(2, pattern:gsub("[%*%+%-]", "")) > 2) then
    check:fault(entry, "pattern", "образец слишком сложен: не длиннее 100 знаков и не больше двух повторов")
  end
  local made = copy(entry)
  made.label = entry.label or entry.title or entry.name
  if made.fields then made.fields = fields.schema(check, entry, "fields") end
  return made
end

--- A schema of kit.form under a key; nil when it is not there.
function fields.schema(check, owner, key)
  local list = check:get(owner, key, "table")
  if not list then return nil end
  local made = {}
  for i in ipairs(list) do made[#made + 1] = field_of(check, list, i) end
  if #made == 0 then check:fault(owner, key, "«%s»: нужен список полей", key) end
  return made
end

return fields
