--- What every page of the site knows: contacts and numbers.
local cached = require("kit.cached")
local fields = require("domain.site.fields")
local log = require("core.log")
local russian = require("kit.russian")
local setting = require("kit.setting")
local settings = require("core.settings")
local store = require("domain.site.store")
local service = {}

local TOPIC = "site_numbers"
local INSTALLED = { "code", "name", "zone", "short", "full", "address", "phone", "email", "site" }

local numbers = cached.new(TOPIC, function()
  local rows = store.numbers()
  if #rows == 0 then
    store.count_numbers()
    rows = store.numbers()
  end
  local by_code = {}
  for _, row in ipairs(rows) do by_code[row.code] = row.value end
  return by_code
end)

--- Counts anew: a timer.
function service.count()
  store.count_numbers()
  cached.changed(TOPIC)
  return true
end

--- Numbers of the first page for the part `stats`; those that are nought are left out.
function service.numbers()
  local items, counted = {}, numbers.get()
  for _, number in ipairs(fields.NUMBERS) do
    local value = counted[number.code] or 0
    if value > 0 then
      items[#items + 1] = { value = russian.number(value), label = russian.plural(value, number.one, number.few, number.many) }
    end
  end
  return items
end

-- What the installation was told, under what an administrator has set. An error page must come even without a database.
local function make_region()
  local region = {}
  for _, key in ipairs(INSTALLED) do
    local value = settings.region and settings.region[key]
    if value ~= "" then region[key] = value end
  end
  for key, name in pairs(fields.REGION) do
    local value = setting.get("site." .. key)
    if value ~= "" then region[name] = value end
  end
  region.phone_href = region.phone and region.phone:gsub("[^%d+]", "")
  return region
end

local region_in_force = setting.derived(make_region)

--- The line of the region and its contacts, for layouts; nil when settings cannot be read. Shared: do not change.
function service.region()
  local ok, region = pcall(region_in_force)
  if ok then return region end
  log.warn("settings are not there, those of the installation serve", { reason = tostring(type(region) == "table" and region.text or region) })
  return nil
end

service.places = store.places

return service
