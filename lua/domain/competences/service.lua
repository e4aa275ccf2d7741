--- Which competences the region puts first.
local access = require("kit.access")
local audit = require("kit.audit")
local cached = require("kit.cached")
local errors = require("kit.errors")
local fields = require("domain.competences.fields")
local store = require("domain.competences.store")
local text = require("core.text")
local transaction = require("kit.transaction")
local service = {}

local PERMISSION, TOPIC = "competence.prioritize", "competences"

-- Every first page shows them. Numbers of programmes change with programmes, hence the timer of init, which drops the list.
local in_force = cached.new(TOPIC, store.in_force)
service.TOPIC = TOPIC

--- Icon and tone of a sector.
---@return string icon, string tone
function service.look(sector)
  local words = text.lower(sector or "")
  for _, look in ipairs(fields.SECTOR_LOOKS) do
    if words:find(look[1], 1, true) then return look[2], look[3] end
  end
  return "tools", "n"
end

--- Priorities of this year in their order. Shared: do not change.
function service.list() return in_force.get() end

--- The same by sectors: {name, icon, tone, items}.
function service.by_sector()
  local sectors, found = {}, {}
  for _, row in ipairs(service.list()) do
    local name = row.sector or "Другие отрасли"
    local sector = found[name]
    if not sector then
      local icon, tone = service.look(row.sector)
      sector = { name = name, sort = row.sector_sort or math.maxinteger, icon = icon, tone = tone, items = {} }
      found[name], sectors[#sectors + 1] = sector, sector
    end
    table.insert(sector.items, row)
  end
  return sectors
end

---@return table? competence
---@return kit.Error? err
function service.get(code)
  local found = store.by_code(code)
  if not found then return nil, errors.not_found("competence", code) end
  found.workshops = store.workshops(code)
  return found
end

-- ---- what staff do

function service.all(user)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  return store.all()
end

function service.find(user, id)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  local found = store.find(id)
  if not found then return nil, errors.not_found("competence", id) end
  return found
end

function service.choices() return store.choices() end

local function explained(err)
  if err.constraint == "regional_priority_years" then
    return errors.invalid("year_from", "overlap", "Эта компетенция уже в списке на часть этих лет. Измените прежнюю запись или годы.")
  end
  if err.sqlstate == "23503" then return errors.invalid("competence", "unknown", "Такой компетенции нет в справочнике.") end
  return err
end

local function check_years(input)
  if input.year_to < input.year_from then
    return errors.invalid("year_to", "order", "Последний год раньше первого. Поменяйте их местами.")
  end
end

---@param id integer? nil: a new one
---@return table? priority {id, version}
---@return kit.Error? err
function service.save(user, id, input)
  local ok, err = access.need(user, PERMISSION)
  if not ok then return nil, err end
  err = check_years(input)
  if err then return nil, err end
  return transaction.run(function()
    local row, refused
    if id then row, refused = store.update(id, input, user.id) else row, refused = store.insert(input, user.id) end
    if not row then
      return nil, refused and explained(refused)
        or errors.conflict("stale", "Запись уже изменил кто-то другой. Откройте её заново и повторите правку.")
    end
    audit.write(id and "competence.update" or "competence.add", "regional_priority", row.id,
      { competence = { nil, input.competence }, years = { nil, input.year_from .. "–" .. input.year_to } })
    cached.changed(TOPIC)
    return row
  end)
end

---@return true? ok
---@return kit.Error? err
function service.delete(user, id, version)
  local found, err = service.find(user, id)
  if not found then return nil, err end
  return transaction.run(function()
    if store.delete(id, version) == 0 then return nil, errors.conflict("stale", "Запись уже изменил кто-то другой. Обновите страницу.") end
    audit.write("competence.remove", "regional_priority", id, { competence = { found.name, nil } })
    cached.changed(TOPIC)
    return true
  end)
end

---@return true? ok
---@return kit.Error? err
function service.move(user, id, direction)
  local found, err = service.find(user, id)
  if not found then return nil, err end
  return transaction.run(function()
    store.move(id, direction == "up")
    audit.write("competence.order", "regional_priority", id, { move = direction })
    cached.changed(TOPIC)
    return true
  end)
end

return service
