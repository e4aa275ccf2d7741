--- Pages of the timetable: one's own week, the form of a lesson, the calendar feed; the dispatcher's board is pages_board.
local board = require("domain.lessons.board")
local calendar = require("domain.lessons.calendar")
local clock = require("core.clock")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local pages_board = require("domain.lessons.pages_board")
local planning = require("domain.lessons.planning")
local present = require("domain.lessons.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.lessons.service")
local settings = require("core.settings")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function lesson_card(lesson)
  return {
    starts = lesson.starts, ends = lesson.ends, title = lesson.module or lesson.program,
    place = lesson.mode == "online" and "Дистанционно" or lesson.rooms or "",
    sub = lesson.group_code .. (lesson.teachers and " · " .. lesson.teachers or ""),
    href = "/cabinet/lessons/" .. lesson.id, tone = lesson.mode == "online" and "vio" or lesson.state == "planned" and "neu" or board.TONES[lesson.kind] or "info",
  }
end

local function week(request)
  if board.is_for(request.user) then return pages_board.show(request) end
  local input, err = form.parse(fields.WEEK, request.query_all)
  if not input then return nil, err end
  local monday = russian.monday(input.week or clock.date())
  local sunday = russian.add_days(monday, 6)
  local lessons
  lessons, err = service.week(monday, sunday, input, request.user)
  if not lessons then return nil, err end
  return respond.page(request, "lessons/week", {
    title = "Моё расписание", nav = "schedule", days = present.week(monday, lessons, lesson_card), legend = present.LEGEND, count = #lessons,
    range = russian.period(monday, sunday), previous = russian.add_days(monday, -7), following = russian.add_days(monday, 7), query = request.query_all,
    feed = not request.user.preview and (settings.public_url or "") .. "/calendar/" .. service.calendar_token(request.user) .. ".ics",
  })
end

local function new_page(request, values, err, status)
  local group_id = math.tointeger(tonumber(values.group_id or request.query.group or ""))
  local found, fault = service.form(group_id, request.user)
  if not found then return nil, fault end
  values.group_id = group_id
  values.held_on = values.held_on or request.query.held_on
  values.starts = values.starts or request.query.starts
  values.room_ids = values.room_ids or request.query.room
  local kinds = {}
  for i, kind in ipairs(fields.KIND_ORDER) do kinds[i] = { value = kind, label = fields.KINDS[kind] } end
  return respond.page(request, "lessons/new", {
    title = "Новое занятие", nav = "schedule", values = values, errors = err and err.by_field or {}, fault = err, kinds = kinds,
    conflicts = err and err.extra and err.extra.conflicts, slots = err and err.extra and present.slots(err.extra.free_slots), scripts = { "schedule.js" },
    groups = present.options(found.groups, "id", function(g) return g.code end),
    modules = present.options(found.modules, "id", function(m)
      return ("%s %s — в расписании %d из %d ч"):format(m.code, m.title, m.planned, m.hours)
    end),
    subgroups = present.options(found.subgroups, "id", function(s) return s.name end),
    rooms = present.options(found.rooms, "id", function(r) return ("%s, %s (%d мест) — %s"):format(r.name, r.site, r.seats, r.organization) end),
    teachers = present.options(found.teachers, "id", function(t) return t.name .. " — " .. t.organization end),
  }, status)
end

local function new(request) return new_page(request, {}) end

local function create(request)
  local typed = present.typed(request)
  local input, err = form.parse(fields.LESSON, typed)
  if not input then return new_page(request, typed, err, 422) end
  local lesson
  local run
  lesson, err, run = planning.create(input, request.user)
  if not lesson then
    if err.status == 409 or err.status == 422 then return new_page(request, typed, err, err.status) end
    return nil, err
  end
  local when = russian.date(lesson.held_on, "day") .. ", " .. lesson.starts
  return respond.redirect("/cabinet/schedule?week=" .. lesson.held_on, { notice = "Занятие поставлено: " .. when .. present.repeated(run) })
end

local function transition(request)
  local typed = present.typed(request)
  local id = id_of(request)
  local lesson, err = service.transition(id, typed.action, request.user, { reason = typed.reason, version = math.tointeger(tonumber(typed.version)) })
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

local routes = {
  { "GET", "/cabinet/schedule", week, access = "user", query = fields.BOARD, summary = "Расписание: своя неделя или доска диспетчера" },
  { "GET", "/cabinet/lessons/new", new, access = "user", summary = "Форма занятия" },
  { "POST", "/cabinet/lessons", create, access = "user", body = fields.LESSON, summary = "Поставить занятие" },
  { "POST", "/cabinet/lessons/{id}/transitions", transition, access = "user", body = form.TRANSITION, summary = "Действие над занятием" },
  { "GET", "/calendar/{token}", feed, access = "public", summary = "Календарь iCalendar по секретному адресу" },
}
for _, more in ipairs({ pages_board.routes, require("domain.lessons.pages_move"), require("domain.lessons.pages_plan"), require("domain.lessons.pages_draft"),
  require("domain.lessons.pages_public") }) do
  table.move(more, 1, #more, #routes + 1, routes)
end
return routes
