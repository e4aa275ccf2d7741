--- Load of workshops and sites over the network. Who may see it sees whose lessons they are, not who teaches or learns there.
local access = require("kit.access")
local clock = require("core.clock")
local errors = require("kit.errors")
local fields = require("domain.workload.fields")
local russian = require("kit.russian")
local store = require("domain.workload.store")
local service = {}

local function need(user) return access.need(user, "workload.read") end

local function asked_of(input)
  local asked = { kinds = fields.KINDS }
  for name, value in pairs(input) do asked[name] = value end
  return asked
end

local function share(busy, hours_open) return hours_open > 0 and math.floor(busy * 100 / hours_open + 0.5) or nil end

--- Half a year around today: {month, busy, hours_open, percent}.
local function months(asked, today)
  local first = today:sub(1, 7) .. "-01"
  local from, to = russian.add_days(first, -61):sub(1, 7) .. "-01", russian.add_days(first, 120)
  to = russian.add_days(to:sub(1, 7) .. "-01", -1)
  local list = store.months(asked, from, to)
  for _, row in ipairs(list) do row.percent = share(row.busy, row.hours_open) end
  return list
end

--- The four weeks from the shown one, by weekday and hour.
local function heat(asked, monday)
  local list = store.hours(asked, monday, russian.add_days(monday, 27))
  for _, row in ipairs(list) do row.percent = share(row.busy, row.hours_open) end
  return list
end

--- Heat map, months and the rooms of the week.
---@param input table values of fields.LOAD
---@return table? found {monday, sunday, heat, months, rooms, next_cursor}
---@return kit.Error? err
function service.load(user, input)
  local ok, err = need(user)
  if not ok then return nil, err end
  local asked, today = asked_of(input), clock.date()
  local monday = russian.monday(input.week or today)
  local busy, id = (input.cursor or ""):match("^(.-)~(%d+)$")
  local rooms = store.timeline(asked, monday, russian.add_days(monday, 6), fields.ROWS + 1, busy, id)
  local has_more = #rooms > fields.ROWS
  rooms[fields.ROWS + 1] = nil
  for _, room in ipairs(rooms) do room.percent = share(room.busy, room.hours_open) end
  local last = rooms[#rooms]
  return { monday = monday, sunday = russian.add_days(monday, 6), heat = heat(asked, monday), months = months(asked, today), rooms = rooms,
    next_cursor = has_more and ("%.17g~%d"):format(last.busy, last.id) or nil }
end

local function check_windows(asked)
  if asked.to < asked.from then return errors.invalid("to", "before_start", "Конец раньше начала.") end
  if russian.day_number(asked.to) - russian.day_number(asked.from) > fields.SPAN_MAX_DAYS then
    return errors.invalid("to", "too_long", ("Ищем не больше чем на %d дня вперёд: сузьте промежуток."):format(fields.SPAN_MAX_DAYS))
  end
  if asked.ends <= asked.starts then return errors.invalid("ends", "before_start", "Конец дня раньше начала.") end
  if asked.km and not asked.near then return errors.invalid("near", "required", "Выберите площадку, от которой считать расстояние.") end
end

--- Rooms that are free on working days in a row.
---@param input table values of fields.WINDOWS
---@return table[]? windows {first_day, last_day, days, id, name, site, organization, workplaces, km}
---@return kit.Error? err
function service.windows(user, input)
  local ok, err = need(user)
  if not ok then return nil, err end
  local asked = asked_of(input)
  asked.from = asked.from or russian.add_days(clock.date(), 1)
  asked.to = asked.to or russian.add_days(asked.from, 30)
  err = check_windows(asked)
  if err then return nil, err end
  return store.windows(asked, 100), nil, asked
end

--- Options of the filters by name.
function service.choices()
  local found = { competence = {}, organization = {}, site = {} }
  for _, row in ipairs(store.choices()) do table.insert(found[row.name], { value = row.value, label = row.label }) end
  return found
end

return service
