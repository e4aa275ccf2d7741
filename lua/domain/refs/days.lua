--- The production calendar: which days differ from the plain week.
local audit = require("kit.audit")
local errors = require("kit.errors")
local policy = require("domain.refs.policy")
local store = require("domain.refs.store_items")
local transaction = require("kit.transaction")
local days = {}

--- Days of a year that differ: {day, kind, holiday, moved_from}.
---@return table[]? rows
---@return kit.Error? err
function days.of_year(user, year)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  return store.days(year)
end

local function weekday(day) -- 1 Monday … 7 Sunday
  local year, month, date = day:match("^(%d+)-(%d+)-(%d+)$")
  local a = (14 - month) // 1 // 12
  local y, m = math.tointeger(year) - a, math.tointeger(month) + 12 * a - 2
  return (math.tointeger(date) + y + y // 4 - y // 100 + y // 400 + 31 * m // 12 + 6) % 7 + 1
end

days.weekday = weekday

local function check(input)
  local is_weekend = weekday(input.day) > 5
  if input.kind == "working_weekend" and not is_weekend then
    return nil, errors.invalid("kind", "not_weekend", "Это будний день: он и так рабочий")
  end
  if input.kind == "short_day" and is_weekend then
    return nil, errors.invalid("kind", "weekend", "Это выходной: сокращать нечего")
  end
  return true
end

--- Says what day it is; «working» puts the plain week in force again.
---@return true? ok
---@return kit.Error? err
function days.put(user, input)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  ok, err = check(input)
  if not ok then return nil, err end
  return transaction.run(function()
    local old = store.day(input.day)
    if input.kind == "working" then
      store.drop_day(input.day)
    else
      store.put_day(input, user.id)
    end
    audit.write(
      "ref.calendar",
      "production_calendar",
      nil,
      {
        day = { input.day, input.day },
        kind = { old and old.kind or "working", input.kind },
        holiday = { old and old.holiday, input.holiday },
      }
    )
    return true
  end)
end

return days
