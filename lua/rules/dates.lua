--- Days without a clock: what rules may ask of a date that they were given.
local dates = {}

--- Number of the day of "2026-11-23" or "2026-11-23 10:00:00+05": differences of two are days.
---@param value string
---@return integer?
function dates.day_number(value)
  local year, month, day = value:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)")
  if not year then return nil end
  year, month, day = math.tointeger(tonumber(year)), math.tointeger(tonumber(month)), math.tointeger(tonumber(day))
  if month <= 2 then year, month = year - 1, month + 12 end
  local era = year // 400
  local of_era = year - era * 400
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + (153 * (month - 3) + 2) // 5 + day - 1 - 719468
end

return dates
