--- Menus of the site: one document each, kept in the memory of every worker.
local access = require("kit.access")
local audit = require("kit.audit")
local cached = require("kit.cached")
local errors = require("kit.errors")
local fields = require("domain.menus.fields")
local form = require("kit.form")
local json = require("core.json")
local log = require("core.log")
local store = require("domain.menus.store")
local transaction = require("kit.transaction")
local urls = require("kit.urls")
local service = {}

local PERMISSION, TOPIC = "site.manage", "menus"

local kept = cached.new(TOPIC, function()
  local menus = {}
  for _, row in ipairs(store.all()) do menus[row.code] = { items = json.decode(row.items), version = row.version } end
  return menus
end)

-- An error page must come even when the database does not.
local function stored()
  local ok, menus = pcall(kept.get)
  if ok then return menus end
  log.warn("menus are not there, defaults serve", { reason = tostring(type(menus) == "table" and (menus.text or menus.code) or menus) })
  return {}
end

--- Items of a menu. Shared: do not change.
---@param code "header"|"footer"
---@return table items, integer version 0: the default
function service.get(code)
  local menu = stored()[code]
  if not menu then return fields.DEFAULTS[code], 0 end
  return menu.items, menu.version
end

--- What the editor shows.
---@return table? menu {items, version}
---@return kit.Error? err
function service.edit(user, code)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  if not fields.CODES[code] then return nil, errors.not_found("page", code) end
  local items, version = service.get(code)
  return { items = items, version = version }
end

local function is_address(href)
  return (href:find("^/[^/\\]") or href == "/" or href:find("^https?://[^%s]+$") or href:find("^mailto:") or href:find("^tel:")) and urls.safe(href) ~= "#"
end

local function check_item(item, faults, is_column)
  local values, err = form.parse({ fields.LABEL, fields.HREF }, { label = item.label, href = item.href })
  if not values then
    for _, fault in ipairs(err.fields) do faults[#faults + 1] = { field = item.id .. "." .. fault.field, code = fault.code, message = fault.message } end
    return { label = item.label, href = item.href }
  end
  if not values.href and not is_column then
    faults[#faults + 1] = { field = item.id .. ".href", code = "required", message = "Укажите, куда ведёт пункт" }
  elseif values.href and not is_address(values.href) then
    faults[#faults + 1] = { field = item.id .. ".href", code = "link", message = "Начните с / для страницы этого сайта или с https://" }
  end
  return values
end

--- Saves a menu.
---@param items table[] {id, label, href, items}; an item with items needs no address
---@return table? saved {version}
---@return kit.Error? err
function service.save(user, code, items, version)
  local menu, err = service.edit(user, code)
  if not menu then return nil, err end
  local faults, list = {}, json.array({})
  for index, item in ipairs(items) do
    local made = check_item(item, faults, #(item.items or {}) > 0)
    made.items = json.array({})
    for position, child in ipairs(item.items or {}) do made.items[position] = check_item(child, faults) end
    list[index] = made
  end
  if #faults > 0 then return nil, errors.invalid(faults) end
  return transaction.run(function()
    local saved = store.save(code, json.encode(list), version, user.id)
    if not saved then
      return nil, errors.conflict("stale", "Меню уже изменил кто-то другой. Ваши правки ниже: откройте меню в соседней вкладке, сравните и сохраните снова.")
    end
    audit.write("menu.save", "site_menu", nil, { menu = { nil, code }, items = #list })
    cached.changed(TOPIC)
    return saved
  end)
end

--- Puts the menu of the product in force again.
---@return true? ok
---@return kit.Error? err
function service.reset(user, code, version)
  local menu, err = service.edit(user, code)
  if not menu then return nil, err end
  return transaction.run(function()
    if store.reset(code, version) == 0 then return nil, errors.conflict("stale", "Меню уже изменил кто-то другой. Обновите страницу.") end
    audit.write("menu.reset", "site_menu", nil, { menu = { code, nil } })
    cached.changed(TOPIC)
    return true
  end)
end

return service
