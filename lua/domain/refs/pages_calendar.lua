--- The production calendar as a year of months.
local days = require("domain.refs.days")
local fields = require("domain.refs.fields")
local form = require("kit.form")
local policy = require("domain.refs.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local clock = require("core.clock")

local BASE = "/admin/calendar"
local MONTHS = {
  "Январь",
  "Февраль",
  "Март",
  "Апрель",
  "Май",
  "Июнь",
  "Июль",
  "Август",
  "Сентябрь",
  "Октябрь",
  "Ноябрь",
  "Декабрь",
}
local LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local WORDS = { day_off = "выходной", short_day = "короче на час", working_weekend = "рабочий" }

local function month_length(year, month)
  local is_leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and is_leap and 29 or LENGTHS[month]
end

local IS_WORKING = { working = true, short_day = true, working_weekend = true }

local function cell_of(date, day, row, counts)
  local kind = row and row.kind or days.weekday(day) > 5 and "weekend" or "working"
  local side = IS_WORKING[kind] and "working" or "off"
  counts[side] = counts[side] + 1
  return { date = date, day = day, kind = kind, words = row and (row.holiday or WORDS[row.kind]) or nil }
end

-- Weeks of seven cells; a cell is false outside of the month.
local function month_of(year, month, marked, counts)
  local weeks, week = {}, {}
  local first = days.weekday(("%d-%02d-01"):format(year, month))
  for _ = 1, first - 1 do
    week[#week + 1] = false
  end
  for date = 1, month_length(year, month) do
    local day = ("%d-%02d-%02d"):format(year, month, date)
    week[#week + 1] = cell_of(date, day, marked[day], counts)
    if #week == 7 then
      weeks[#weeks + 1], week = week, {}
    end
  end
  while #week > 0 and #week < 7 do
    week[#week + 1] = false
  end
  if #week > 0 then weeks[#weeks + 1] = week end
  return { name = MONTHS[month], weeks = weeks }
end

local function page(request, year, typed, fault)
  local rows, err = days.of_year(request.user, year)
  if not rows then return nil, err end
  local marked, months, counts = {}, {}, { working = 0, off = 0 }
  local listed = {}
  for i, row in ipairs(rows) do
    marked[row.day] = row
    listed[i] = {
      cells = {
        russian.date(row.day),
        { text = WORDS[row.kind], tone = row.kind == "day_off" and "bad" or "info" },
        row.holiday or "",
        row.moved_from and russian.date(row.moved_from) or "",
      },
    }
  end
  for month = 1, 12 do
    months[month] = month_of(year, month, marked, counts)
  end
  return respond.page(request, "refs/calendar", {
    title = "Производственный календарь",
    nav = "refs",
    year = year,
    months = months,
    counts = counts,
    rows = listed,
    fault = fault,
    fields = form.render(fields.DAY, typed, fault),
    can_manage = policy.can_manage(request.user),
  }, fault and 422)
end

local function show(request)
  local input, err = form.parse(fields.YEAR, request.query_all)
  if not input then return nil, err end
  return page(request, input.year or math.tointeger(tonumber(clock.date():sub(1, 4))), { day = request.query.day })
end

local function put(request)
  local typed = request:form()
  local input, err = form.parse(fields.DAY, typed)
  local ok
  if input then
    ok, err = days.put(request.user, input)
  end
  if ok then
    return respond.redirect(
      BASE .. "?year=" .. input.day:sub(1, 4),
      { notice = ("Сохранено: %s"):format(russian.date(input.day)) }
    )
  end
  if err.status ~= 422 then return nil, err end
  local year = math.tointeger(tonumber((typed.day or ""):match("^(%d%d%d%d)%-") or clock.date():sub(1, 4)))
  return page(request, math.max(2000, math.min(2100, year)), typed, err)
end

return {
  {
    "GET",
    BASE,
    show,
    access = { "ref.read" },
    query = fields.YEAR,
    summary = "Производственный календарь",
  },
  { "POST", BASE, put, access = { "ref.manage" }, body = fields.DAY, summary = "Какой это день" },
}
