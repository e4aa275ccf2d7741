--- Settings of the region and secrets of integrations.
local audit = require("kit.audit")
local errors = require("kit.errors")
local json = require("core.json")
local policy = require("domain.settings.policy")
local secret = require("kit.secret")
local setting = require("kit.setting")
local settings = require("core.settings")
local store = require("domain.settings.store")
local transaction = require("kit.transaction")
local service = {}

--- Settings of kit.setting in the order of their modules: {field, value, is_changed, version, updated_at, who}.
---@return table[]? list
---@return kit.Error? err
function service.list(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local list, ids = setting.all(), {}
  for _, entry in ipairs(list) do
    ids[#ids + 1] = entry.updated_by
  end
  local names = store.names(ids)
  for _, entry in ipairs(list) do
    entry.who = entry.updated_by and names[entry.updated_by]
  end
  return list
end

local function entry_of(key)
  for _, entry in ipairs(setting.all()) do
    if entry.field.name == key then return entry end
  end
end

local function plain(value)
  if type(value) == "table" then return json.encode(json.array(value)) end
  return value
end

---@param input any as typed or as JSON
---@param version integer 0 while the default is in force
---@return table? entry
---@return kit.Error? err
function service.put(user, key, input, version)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local old = entry_of(key)
  if not old then return nil, errors.not_found("page", key) end
  return transaction.run(function()
    local value
    value, err = setting.put(key, input, version, user.id)
    if value == nil then return nil, err end
    audit.write("setting.put", "site_setting", nil, { [key] = { plain(old.value), plain(value) } })
    return { field = old.field, value = value, is_changed = true, version = version + 1 }
  end)
end

--- Puts the default in force again.
---@return table? entry
---@return kit.Error? err
function service.reset(user, key, version)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local old = entry_of(key)
  if not old then return nil, errors.not_found("page", key) end
  return transaction.run(function()
    ok, err = setting.reset(key, version)
    if not ok then return nil, err end
    audit.write("setting.reset", "site_setting", nil, { [key] = { plain(old.value), plain(old.field.default) } })
    return { field = old.field, value = old.field.default, is_changed = false, version = 0 }
  end)
end

--- What the machine was told, with where each value came from; secrets say only whether they are set.
---@return core.SettingDescription[]? list
---@return kit.Error? err
function service.machine(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  return settings.described()
end

-- ---- secrets

--- Declared secrets and those that modules keep besides: {name, label, reason, set_at, who}.
---@return table[]? list
---@return kit.Error? err
function service.secrets(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local list, by_name, ids = {}, {}, {}
  for _, entry in ipairs(secret.declared()) do
    local row = { name = entry.name, label = entry.label, reason = entry.reason }
    list[#list + 1], by_name[entry.name] = row, row
  end
  for _, row in ipairs(secret.list("")) do
    local known = by_name[row.name]
    if not known then
      known = {
        name = row.name,
        label = row.name,
        reason = "Задан на странице своего раздела.",
        is_foreign = true,
      }
      list[#list + 1] = known
    end
    known.set_at, known.set_by = row.set_at, row.set_by
    ids[#ids + 1] = row.set_by
  end
  local names = store.names(ids)
  for _, row in ipairs(list) do
    row.who = row.set_by and names[row.set_by]
  end
  return list
end

local function is_declared(name)
  for _, entry in ipairs(secret.declared()) do
    if entry.name == name then return true end
  end
  return false
end

---@return true? ok
---@return kit.Error? err
function service.put_secret(user, name, value)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not is_declared(name) then return nil, errors.not_found("page", name) end
  return transaction.run(function()
    secret.put(name, value)
    return true
  end)
end

---@return boolean? was_there
---@return kit.Error? err
function service.forget_secret(user, name)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not is_declared(name) then return nil, errors.not_found("page", name) end
  return transaction.run(function() return secret.remove(name) end)
end

return service
