--- Pages of the dispatcher's board.
local access = require("kit.access")
local board = require("domain.lessons.board")
local clock = require("core.clock")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local live = require("kit.live")
local present = require("domain.lessons.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local urls = require("kit.urls")

local BASE = "/cabinet/schedule"
local LIST_ROWS = 50

-- Days that a view shows, and how far its arrows go.
local function span(view, day)
  if view == "day" or view == "rooms" then return day, day, 1 end
  if view == "list" then return day, russian.add_days(day, 13), 14 end
  local monday = russian.monday(day)
  return monday, russian.add_days(monday, 6), 7
end

local FILTER_NAMES = { "organization", "program", "group", "teacher", "room" }
local FILTER_EMPTY = { organization = "Все организации", program = "Все программы", group = "Все группы", teacher = "Все преподаватели", room = "Все помещения" }
local FILTER_LABELS = { organization = "Организация", program = "Программа", group = "Группа", teacher = "Преподаватель", room = "Помещение" }

local function filter_fields(input, choices)
  local shown = {}
  for i, name in ipairs(FILTER_NAMES) do
    shown[i] = { name = name, label = FILTER_LABELS[name], type = "select", options = choices[name], value = input[name], empty = FILTER_EMPTY[name],
      attrs = { ["data-autosubmit"] = "1" } }
  end
  return shown
end

local function asked_filters(input)
  local asked = {}
  for _, name in ipairs(FILTER_NAMES) do asked[name] = input[name] end
  return asked
end

local function view_tabs(input, query)
  local items = {}
  for i, view in ipairs(fields.VIEWS) do
    items[i] = { label = view.label, href = urls.with(BASE, query, { view = view.value, cursor = false }), current = view.value == input.view }
  end
  return items
end

local function range_title(view, from, to)
  if view == "day" or view == "rooms" then return russian.date(from, "weekday") end
  return russian.period(from, to)
end

-- Lists of the page: seven days, or rows of a table with the address of what follows.
local function listed(view, from, rows, more, query, rooms)
  local week = view ~= "list" and present.week(russian.monday(from), rows, present.card)
  if view == "rooms" then return { days = week, rooms = present.room_bars(rooms, rows), scripts = { "board.js" } } end
  if week then return { days = week, scripts = { "board.js" } } end
  return { rows = present.rows(rows), next_page = more and urls.with(BASE, query, { cursor = more }) }
end

--- The board; its lists are what phones and browsers without scripts see.
local function show(request)
  local input, err = form.parse(fields.BOARD, request.query_all)
  if not input then return nil, err end
  local view, day, query = input.view or "week", input.week or clock.date(), request.query_all
  input.view = view
  local from, to, step = span(view, day)
  local chosen, asked = asked_filters(input), asked_filters(input)
  asked.from, asked.to, asked.cursor, asked.limit = from, to, input.cursor, view == "list" and LIST_ROWS or nil
  local rows, more = board.range(asked, request.user)
  if not rows then return nil, more end
  local function move(days) return urls.with(BASE, query, { week = days and russian.add_days(day, days), cursor = false }) end
  local data = listed(view, from, rows, more, query, view == "rooms" and board.rooms(input, request.user) or nil)
  data.title, data.nav, data.styles, data.legend, data.input = "Расписание", "schedule", { "board.css" }, present.BOARD_LEGEND, input
  data.view, data.range, data.from, data.to, data.day = view, range_title(view, from, to), from, to, day
  data.count, data.has_more, data.can_plan = #rows, more ~= nil, access.can(request.user, "lesson.plan")
  data.previous, data.following, data.today, data.tabs = move(-step), move(step), move(false), view_tabs(input, query)
  data.filters, data.hidden = filter_fields(input, board.choices(input, request.user)), { { name = "view", value = view }, { name = "week", value = day } }
  data.reset = next(chosen) and urls.with(BASE, { view = view, week = day })
  data.data_query = urls.with("", chosen):gsub("^%?", "")
  board.side(data, chosen, request.user)
  return respond.page(request, "lessons/board", data)
end

-- Boards of all dispatchers keep in step.
local function events(request)
  return live.open(request, {
    topics = { "schedule" },
    begin = function(send) send("refresh", {}) end,
    on = function(_, data, send) send("changed", data or {}) end,
  })
end

return {
  show = show,
  routes = { { "GET", BASE .. "/events", events, access = { "lesson.plan", "lesson.read" }, summary = "Поток: изменения расписания" } },
}
