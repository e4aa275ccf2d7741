--- Pages of the timetable: one's own week, the form of a lesson, the calendar feed; the dispatcher's board is pages_board.
local board = require("domain.lessons.board")
local calendar = require("domain.lessons.calendar")
local clock = require("core.clock")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local pages_board = require("domain.lessons.pages_board")
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
  values.room_ids = values.room_ids or request.query.room
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

local function move_page(request, id, input, err, status)
  local page, fault = board.move_page(id, input, request.user)
  if not page then return nil, fault end
  local lesson = page.lesson
  local conflicts = err and err.extra and err.extra.conflicts or page.conflicts
  return respond.page(request, "lessons/move", {
    title = "Перенести занятие", nav = "schedule", lesson = lesson, wished = page.wished, conflicts = conflicts, is_asked = page.is_asked, fault = err,
    slots = slot_cards(page.slots), minutes = page.wished.minutes, ends = page.ends, reason = input.reason, override_reason = input.override_reason,
    bells = option_list(page.bells, "starts", function(b) return ("%d пара, %s–%s"):format(b.pair_no, b.starts, b.ends) end),
    rooms = option_list(page.rooms, "id", function(r) return ("%s, %s"):format(r.name, russian.plural(r.seats, "%s место", "%s места", "%s мест")) end),
    can_override = page.may_override and #conflicts > 0 and conflicts[1].overridable,
  }, status)
end

-- The page «Перенести занятие»: with a wished place in the address it says what stands there.
local function move_form(request)
  local input, err = form.parse(fields.PLACE, request.query_all)
  if not input then return nil, err end
  return move_page(request, id_of(request), input)
end

-- Takes the form of that page; a refusal shows it again with the reason and free places.
local function move(request)
  local typed, id = typed_lesson(request), id_of(request)
  local place, err = form.parse(fields.PLACE, typed)
  if not place then return move_page(request, id, {}, err, 422) end
  local data = { held_on = place.held_on, starts = place.starts, minutes = place.minutes, room_ids = place.room_ids, override_reason = typed.override_reason }
  local lesson
  lesson, err = service.transition(id, "move", request.user, { reason = typed.reason, version = math.tointeger(tonumber(typed.version)), data = data })
  if lesson then
    local notice = "Занятие перенесено: " .. russian.date(lesson.held_on, "day") .. ", " .. lesson.starts
    return respond.redirect("/cabinet/schedule?week=" .. lesson.held_on, { notice = notice })
  end
  if err.status ~= 409 and err.status ~= 422 then return nil, err end
  return move_page(request, id, place, err, err.status)
end

local function transition(request)
  local typed = typed_lesson(request)
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
  { "GET", "/cabinet/lessons/{id}/move", move_form, access = { "lesson.plan" }, query = fields.PLACE, summary = "Перенести занятие" },
  { "POST", "/cabinet/lessons/{id}/move", move, access = { "lesson.plan" }, body = fields.PLACE, summary = "Перенести занятие на выбранное место" },
  { "POST", "/cabinet/lessons/{id}/transitions", transition, access = "user", body = form.TRANSITION, summary = "Действие над занятием" },
  { "GET", "/calendar/{token}", feed, access = "public", summary = "Календарь iCalendar по секретному адресу" },
}
return table.move(pages_board.routes, 1, #pages_board.routes, #routes + 1, routes)
