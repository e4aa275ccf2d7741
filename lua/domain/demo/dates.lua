--- Dates as day numbers (1970-01-01 is 0), so that they can be counted with. Pure.
local dates = {}

--- Day number of a civil date (proleptic Gregorian; algorithm of H. Hinnant).
function dates.day(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = year // 400
  local of_era = year - era * 400
  local of_year = (153 * (month + (month > 2 and -3 or 9)) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

---@param text string "2026-11-23"
---@return integer
function dates.parse(text)
  local year, month, day = text:match("^(%d%d%d%d)-(%d%d)-(%d%d)")
  return dates.day(tonumber(year), tonumber(month), tonumber(day))
end

---@return integer year, integer month, integer day
function dates.civil(number)
  number = number + 719468
  local era = number // 146097
  local of_era = number - era * 146097
  local year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
  local shifted = (5 * of_year + 2) // 153
  local month = shifted < 10 and shifted + 3 or shifted - 9
  return year_of_era + era * 400 + (month <= 2 and 1 or 0), month, of_year - (153 * shifted + 2) // 5 + 1
end

function dates.text(number) return ("%04d-%02d-%02d"):format(dates.civil(number)) end

--- 1 is Monday, 7 is Sunday.
function dates.weekday(number) return (number + 3) % 7 + 1 end

function dates.monday(number) return number - (number + 3) % 7 end

--- A local moment for timestamptz, in the zone of the session.
function dates.moment(number, minute) return ("%s %02d:%02d:00"):format(dates.text(number), minute // 60, minute % 60) end

function dates.minute(text)
  local hour, minute = text:match("^(%d+):(%d+)")
  return tonumber(hour) * 60 + tonumber(minute)
end

function dates.time(minute) return ("%02d:%02d"):format(minute // 60, minute % 60) end

--- Which days are worked, as is_working_day() of the database says.
---@param rows table {day, kind}
function dates.calendar(rows)
  local kinds = {}
  for _, row in ipairs(rows) do kinds[row.day] = row.kind end
  local calendar = {}

  function calendar.is_working(number)
    local kind = kinds[dates.text(number)]
    if kind then return kind ~= "day_off" end
    return dates.weekday(number) < 6
  end

  --- The `days`-th working day after `number`.
  function calendar.add(number, days)
    while days > 0 do
      number = number + 1
      if calendar.is_working(number) then days = days - 1 end
    end
    return number
  end

  --- `number` itself, or the last working day before it.
  function calendar.last_working(number)
    while not calendar.is_working(number) do number = number - 1 end
    return number
  end

  return calendar
end

return dates
