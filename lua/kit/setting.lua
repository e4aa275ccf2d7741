--- Settings that an administrator changes in the browser (config/default.lua holds those that need a restart). A module
--- declares its own in `settings` of its init, as fields of kit.form with a reason; the page of settings is made from them:
---
---   accounts.settings = {
---     { key = "otp_required_roles", type = "list", options = {"admin", "staff"}, default = { "admin" },
---       label = "Кому обязателен второй шаг входа", reason = "…" },
---   }
---   setting.get("accounts.otp_required_roles")
---
--- Table site_setting holds only what differs from the default; each worker keeps it in memory (kit.cached).
local cached = require("kit.cached")
local errors = require("kit.errors")
local form = require("kit.form")
local json = require("core.json")
local store = require("kit.store")
local setting = {}

---@class kit.Setting: kit.Field  name is the full key
---@field module string
---@field reason string

local declared, order = {}, {}

local changed = cached.new("settings", function()
  local rows = {}
  for _, row in ipairs(store.settings()) do
    rows[row.key] = { value = json.decode(row.value), version = row.version, updated_at = row.updated_at, updated_by = row.updated_by }
  end
  return rows
end)

--- Adds the settings of a module: called by boot.
---@param module string
---@param list table[] fields of kit.form with `key` and `reason`
function setting.declare(module, list)
  for _, entry in ipairs(list) do
    local field = { module = module, name = module .. "." .. entry.key }
    for name, value in pairs(entry) do field[name] = value end
    if not (entry.key and entry.label and entry.reason) or entry.default == nil then
      error(("lua/domain/%s/init.lua:0: setting %s lacks key, label, reason or default"):format(module, tostring(entry.key)), 0)
    end
    if not declared[field.name] then order[#order + 1] = field.name end
    declared[field.name] = field
  end
end

local function field_of(key)
  return declared[key] or error("no setting named " .. tostring(key), 3)
end

--- The value in force.
---@param key string "accounts.otp_required_roles"
---@return any
function setting.get(key)
  local field = field_of(key)
  local row = changed.get()[key]
  if row == nil then return field.default end
  return row.value
end

--- What make() makes of settings, made again after one of them has changed; shared, so nobody may change it.
---@param make fun(): any
---@return fun(): any
function setting.derived(make)
  local made_of, value
  return function()
    local rows = changed.get()
    if made_of ~= rows then value, made_of = make(), rows end
    return value
  end
end

--- All settings in the order of their declaration, for the page of settings.
---@return {field: kit.Setting, value: any, is_changed: boolean, version: integer, updated_at: string?, updated_by: integer?}[]
function setting.all()
  local list, rows = {}, changed.get()
  for i, key in ipairs(order) do
    local row = rows[key]
    list[i] = { field = declared[key], value = setting.get(key), is_changed = row ~= nil, version = row and row.version or 0,
      updated_at = row and row.updated_at, updated_by = row and row.updated_by }
  end
  return list
end

local function stale()
  return nil, errors.conflict("stale", "Настройку уже изменил кто-то другой. Обновите страницу и проверьте значение.")
end

--- Sets a value, inside the transaction of a service that has checked the right and writes the audit.
---@param key string
---@param input any as typed or as JSON; checked as a field of kit.form
---@param version integer of setting.all(): 0 while the default is in force
---@param user_id integer?
---@return any value as stored
---@return kit.Error? err 422, or 409 when somebody else was faster
function setting.put(key, input, version, user_id)
  local field = field_of(key)
  local values, err = form.parse({ field }, { [key] = input })
  if not values then return nil, err end
  local value = values[key]
  if value == nil then value = field.type == "list" and json.array({}) or "" end
  if store.put_setting(key, json.encode(value), version, user_id) == 0 then return stale() end
  cached.changed("settings")
  return value
end

--- Puts the default in force again; like put().
---@return true? ok
---@return kit.Error? err
function setting.reset(key, version)
  field_of(key)
  if store.drop_setting(key, version) == 0 then return stale() end
  cached.changed("settings")
  return true
end

return setting
