--- JSON of the settings. Secrets are written in the browser only.
local fields = require("domain.settings.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.settings.service")
local shape = require("kit.shape")

local function entry_json(entry)
  local value = entry.value
  if type(value) == "table" then value = json.array(value) end
  return {
    key = entry.field.name,
    label = entry.field.label,
    type = entry.field.type,
    value = value,
    is_changed = entry.is_changed,
    revision = entry.version,
  }
end

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local items = {}
  for i, entry in ipairs(found) do
    items[i] = entry_json(entry)
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function put(request)
  local input, err = request:json()
  if input then
    input, err = form.parse(fields.PUT, input)
  end
  if not input then return nil, err end
  local value = input.value
  if type(value) == "number" then value = tostring(math.tointeger(value) or value) end
  if type(value) == "boolean" then value = value and "true" or "false" end
  local entry
  entry, err = service.put(request.user, request.params.key, value, input.version)
  if not entry then return nil, err end
  return respond.json(entry_json(entry))
end

return {
  schemas = {
    Setting = shape.object(
      { key = shape.text, label = shape.text, type = shape.text, is_changed = shape.boolean, revision = shape.integer },
      { value = {} }
    ),
  },
  { "GET", "/api/v1/settings", list, access = { "setting.manage" }, returns = "SettingList", summary = "Настройки" },
  {
    "PUT",
    "/api/v1/settings/{key}",
    put,
    access = { "setting.manage" },
    body = fields.PUT,
    returns = "Setting",
    summary = "Изменить настройку",
  },
}
