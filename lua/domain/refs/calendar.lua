--- The production calendar: days of the decrees, and for the years after them the holidays of the law. Pure.
local calendar = {}

local YEARS_AHEAD = 5

--- Rows of the decrees and of `YEARS_AHEAD` years beyond the last one.
---@param decreed table rows of production_calendar.csv
---@param statutory table rows of statutory_holidays.csv
---@return table rows {day, kind, holiday?, moved_from?}
---@return integer year the last one with a decree
function calendar.days(decreed, statutory)
  local rows, last_year = {}, 0
  local function text(value) return value ~= "" and value or nil end
  for _, row in ipairs(decreed) do
    rows[#rows + 1] = { day = row.date, kind = row.kind, holiday = text(row.holiday), moved_from = text(row.moved_from) }
    last_year = math.max(last_year, tonumber(row.date:sub(1, 4)))
  end
  for year = last_year + 1, last_year + YEARS_AHEAD do
    for _, row in ipairs(statutory) do
      rows[#rows + 1] = { day = year .. "-" .. row.month_day, kind = "day_off", holiday = row.holiday }
    end
  end
  return rows, math.tointeger(last_year)
end

return calendar
