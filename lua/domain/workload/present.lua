--- Load as views show it.
local json = require("core.json")
local russian = require("kit.russian")
local present = {}

local DAYS = { "Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс" }
local DAY_NAMES = { "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье" }
local PURPOSES = { lesson = "занятие", event = "мероприятие", exam = "экзамен", maintenance = "обслуживание", absence = "отсутствие" }

-- Step of the colour: 0 nothing … 5 full, "over" beyond the open hours, nil closed.
local function step(percent)
  if percent == nil then return nil end
  if percent > 100 then return "over" end
  return percent == 0 and 0 or math.min(5, percent // 20 + 1)
end

--- {hours = {8, 9 …}, rows = { {day, name, cells = { {percent, step, text} | {} } } }}.
function present.heat(list)
  local by, first, last = {}, 24, 0
  for _, row in ipairs(list) do
    if row.hours_open > 0 or row.busy > 0 then
      by[row.weekday * 100 + row.hour] = row
      first, last = math.min(first, row.hour), math.max(last, row.hour)
    end
  end
  local found = { hours = {}, rows = {} }
  for hour = first, last do found.hours[#found.hours + 1] = hour end
  for weekday = 1, 7 do
    local cells = {}
    for i, hour in ipairs(found.hours) do
      local row = by[weekday * 100 + hour]
      cells[i] = row and { percent = row.percent or 100, step = row.percent and step(row.percent) or "over" } or {}
    end
    found.rows[weekday] = { day = DAYS[weekday], name = DAY_NAMES[weekday], cells = cells }
  end
  return found
end

function present.months(list)
  local shown = {}
  for i, row in ipairs(list) do
    shown[i] = { label = russian.date(row.month, "month"), value = math.min(row.percent or 0, 100), max = 100, text = (row.percent or 0) .. " %",
      sub = ("%s из %s ч"):format(russian.number(math.floor(row.busy + 0.5)), russian.number(math.floor(row.hours_open + 0.5))) }
  end
  return shown
end

local function minute(text) return tonumber(text:sub(1, 2)) * 60 + tonumber(text:sub(4, 5)) end

-- Bars of a day: x and width in percent of 07:00 … 22:00.
local FROM, TO = 7 * 60, 22 * 60
local function bar(booking)
  local starts, ends = minute(booking.starts:sub(12)), minute(booking.ends:sub(12))
  if booking.ends:sub(1, 10) > booking.starts:sub(1, 10) then ends = 24 * 60 end
  local left, right = math.max(starts, FROM), math.min(ends, TO)
  local what = booking.group and ("группа %s, %s"):format(booking.group, booking.organization) or PURPOSES[booking.purpose] or "занято"
  return { x = ("%.1f%%"):format((left - FROM) * 100 / (TO - FROM)), width = ("%.1f%%"):format(math.max(right - left, 10) * 100 / (TO - FROM)),
    text = ("%s–%s %s"):format(booking.starts:sub(12), booking.ends:sub(12), what), tone = booking.purpose }
end

--- Rooms of the week with bars by day.
function present.rooms(rooms, monday)
  local list = {}
  for i, room in ipairs(rooms) do
    local days, by_date = {}, {}
    for k = 1, 7 do
      local date = russian.add_days(monday, k - 1)
      days[k] = { label = DAYS[k] .. " " .. tonumber(date:sub(9, 10)), name = russian.date(date, "weekday"), bars = {} }
      by_date[date] = days[k]
    end
    for _, booking in ipairs(room.list and json.decode(room.list) or {}) do
      local day = by_date[booking.starts:sub(1, 10)]
      if day then table.insert(day.bars, bar(booking)) end
    end
    list[i] = { id = room.id, name = room.name, site = room.site, organization = room.organization, percent = room.percent or 0, days = days,
      hours = ("%s из %s ч"):format(russian.number(math.floor(room.busy + 0.5)), russian.number(math.floor(room.hours_open + 0.5))) }
  end
  return list
end

function present.windows(list)
  local rows = {}
  for i, w in ipairs(list) do
    rows[i] = { cells = { { text = russian.period(w.first_day, w.last_day), sub = russian.plural(w.days, "%s рабочий день", "%s рабочих дня", "%s рабочих дней") },
      { text = w.name, sub = w.site }, w.organization, tostring(w.workplaces), w.km and (tostring(w.km):gsub("%.", ",") .. " км") or "—" } }
  end
  return rows
end

return present
