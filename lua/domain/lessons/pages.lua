--- Pages of the timetable: the week, the form of a lesson, the calendar feed.
local calendar = require("domain.lessons.calendar")
local clock = require("core.clock")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.lessons.service")
local settings = require("core.settings")

local DAY_NAMES = { "Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс" }
local TONES = { lecture = "info", seminar = "info", practice = "ok", lab = "ok", industrial = "ok", workshop = "ok",
  control = "warn", final = "warn", webinar = "vio", consult = "vio" }

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function lesson_card(lesson)
  return {
    starts = lesson.starts, ends = lesson.ends, title = lesson.module or lesson.program,
    place = lesson.mode == "online" and "Дистанционно" or lesson.rooms or "",
    sub = lesson.group_code .. (lesson.teachers and " · " .. lesson.teachers or ""),
    href = "/cabinet/lessons/" .. lesson.id, tone = lesson.mode == "online" and "vio" or lesson.state == "planned" and "neu" or TONES[lesson.kind] or "info",
  }
end

-- Seven days from Monday with their lessons, as views/parts/week.html takes them.
local function week_days(monday, lessons)
  local days, by_date, today = {}, {}, clock.date()
  for i = 1, 7 do
    local day = russian.add_days(monday, i - 1)
    days[i] = { date = day, short = DAY_NAMES[i], number = tonumber(day:sub(9, 10)), today = day == today,
      label = russian.date(day, "weekday"), lessons = {} }
    by_date[day] = days[i]
  end
  for _, lesson in ipairs(lessons) do table.insert(by_date[lesson.held_on].lessons, lesson_card(lesson)) end
  return days
end

local function week(request)
  local input, err = form.parse(fields.WEEK, request.query_all)
  if not input then return nil, err end
  local monday = russian.monday(input.week or clock.date())
  local sunday = russian.add_days(monday, 6)
  local lessons
  lessons, err = service.week(monday, sunday, input, request.user)
  if not lessons then return nil, err end
  local role = request.user.grant.role
  local can_plan = role == "staff" or role == "partner"
  local choices
  if can_plan then
    choices, err = service.form(nil, request.user)
    if not choices then return nil, err end
  end
  return respond.page(request, "lessons/week", {
    title = can_plan and "Расписание" or "Моё расписание", nav = "schedule", days = week_days(monday, lessons), count = #lessons,
    range = russian.period(monday, sunday), previous = russian.add_days(monday, -7), following = russian.add_days(monday, 7),
    input = input, query = request.query_all, can_plan = can_plan, choices = choices,
    feed = not request.user.preview and (settings.public_url or "") .. "/calendar/" .. service.calendar_token(request.user) .. ".ics",
  })
end

-- A service wants keys as integers; fields of a dialog come as text.
local function keys_of(value)
  if value == nil then return nil end
  local keys = {}
  for i, key in ipairs(type(value) == "table" and value or { value }) do keys[i] = math.tointeger(tonumber(key)) end
  return keys
end

local function option_list(rows, value, label)
  local options = {}
  for i, row in ipairs(rows) do options[i] = { value = row[value], label = label(row) } end
  return options
end

-- Free places as views/parts/conflicts.html takes them.
local function slot_cards(slots)
  local cards = {}
  for i, slot in ipairs(slots or {}) do
    cards[i] = { label = russian.date(slot.held_on, "weekday") .. ", " .. slot.starts, sub = type(slot.rooms) == "string" and slot.rooms or nil,
      held_on = slot.held_on, starts = slot.starts, minutes = slot.minutes, room_ids = slot.room_ids, best = i == 1 }
  end
  return cards
end

local function new_page(request, values, err, status)
  local group_id = math.tointeger(tonumber(values.group_id or request.query.group or ""))
  local found, fault = service.form(group_id, request.user)
  if not found then return nil, fault end
  values.group_id = group_id
  values.held_on = values.held_on or request.query.held_on
  values.starts = values.starts or request.query.starts
  local kinds = {}
  for i, kind in ipairs(fields.KIND_ORDER) do kinds[i] = { value = kind, label = fields.KINDS[kind] } end
  return respond.page(request, "lessons/new", {
    title = "Новое занятие", nav = "schedule", values = values, errors = err and err.by_field or {}, fault = err, kinds = kinds,
    conflicts = err and err.extra and err.extra.conflicts, slots = err and err.extra and slot_cards(err.extra.free_slots), scripts = { "schedule.js" },
    groups = option_list(found.groups, "id", function(g) return g.code end),
    modules = option_list(found.modules, "id", function(m)
      return ("%s %s — в расписании %d из %d ч"):format(m.code, m.title, m.planned, m.hours)
    end),
    subgroups = option_list(found.subgroups, "id", function(s) return s.name end),
    rooms = option_list(found.rooms, "id", function(r) return ("%s, %s (%d мест) — %s"):format(r.name, r.site, r.seats, r.organization) end),
    teachers = option_list(found.teachers, "id", function(t) return t.name .. " — " .. t.organization end),
  }, status)
end

local function new(request) return new_page(request, {}) end

-- Lists come from multiple selects; an empty choice is no choice.
local function typed_lesson(request)
  local typed = request:form()
  for name, value in pairs(typed) do
    if value == "" then typed[name] = nil end
  end
  return typed
end

local function create(request)
  local typed = typed_lesson(request)
  local input, err = form.parse(fields.LESSON, typed)
  if not input then return new_page(request, typed, err, 422) end
  local lesson
  lesson, err = service.create(input, request.user)
  if not lesson then
    if err.status == 409 or err.status == 422 then return new_page(request, typed, err, err.status) end
    return nil, err
  end
  local when = russian.date(lesson.held_on, "day") .. ", " .. lesson.starts
  return respond.redirect("/cabinet/schedule?week=" .. lesson.held_on, { notice = "Занятие поставлено: " .. when })
end

local function transition(request)
  local typed = typed_lesson(request)
  local id = id_of(request)
  local data
  if typed.action == "move" then
    data = { held_on = typed.held_on, starts = typed.starts, override_reason = typed.override_reason,
      room_ids = keys_of(typed.room_ids) }
  end
  local lesson, err = service.transition(id, typed.action, request.user,
    { reason = typed.reason, version = math.tointeger(tonumber(typed.version)), data = data })
  if not lesson then
    if err.status == 403 or err.status == 404 then return nil, err end
    return respond.redirect("/cabinet/lessons/" .. id, { notice = err.text, tone = "bad" })
  end
  return respond.redirect("/cabinet/lessons/" .. id, { notice = "Сохранено" })
end

local function feed(request)
  local token = request.params.token:match("^([%w_%-]+)%.ics$")
  local lessons, err = service.calendar(token or "")
  if not lessons then return nil, err end
  return respond.text(calendar.render(lessons), 200, "text/calendar; charset=utf-8")
end

return {
  { "GET", "/cabinet/schedule", week, access = "user", query = fields.WEEK, summary = "Неделя" },
  { "GET", "/cabinet/lessons/new", new, access = "user", summary = "Форма занятия" },
  { "POST", "/cabinet/lessons", create, access = "user", body = fields.LESSON, summary = "Поставить занятие" },
  { "POST", "/cabinet/lessons/{id}/transitions", transition, access = "user", body = form.TRANSITION, summary = "Действие над занятием" },
  { "GET", "/calendar/{token}", feed, access = "public", summary = "Календарь iCalendar по секретному адресу" },
}
