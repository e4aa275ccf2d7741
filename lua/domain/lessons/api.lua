--- JSON of the timetable.
local api_board = require("domain.lessons.api_board")
local api_plan = require("domain.lessons.api_plan")
local clock = require("core.clock")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.lessons.service")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function keys(list)
  local shown = json.array({})
  for i, id in ipairs(list or {}) do shown[i] = tostring(id) end
  return shown
end

local function or_null(value)
  if value == nil then return json.null end
  return value
end

local function shape(l)
  return {
    id = tostring(l.id), group_id = tostring(l.group_id), group = l.group_code, organization = l.organization,
    subgroup_id = l.subgroup_id and tostring(l.subgroup_id) or json.null, module_id = l.module_id and tostring(l.module_id) or json.null,
    module = or_null(l.module), kind = l.kind, mode = l.mode, held_on = l.held_on, starts = l.starts, ends = l.ends, zone = l.zone,
    minutes = l.minutes, academic_hours = l.academic_hours, teacher_ids = keys(l.teacher_ids), teachers = or_null(l.teachers),
    room_ids = keys(l.room_ids), rooms = or_null(l.rooms), topic = l.topic, homework = l.homework, state = l.state, version = l.version,
    starts_at = (l.starts_at:gsub(" ", "T")), ends_at = (l.ends_at:gsub(" ", "T")),
  }
end

local function check(request)
  local input, err = form.json(fields.LESSON, request)
  if not input then return nil, err end
  local answer
  answer, err = service.check(input, request.user)
  if not answer then return nil, err end
  return respond.json(answer)
end

local function create(request)
  local input, err = form.json(fields.LESSON, request)
  if not input then return nil, err end
  local lesson
  lesson, err = service.create(input, request.user)
  if not lesson then return nil, err end
  return respond.json(shape(lesson), 201)
end

local function show(request)
  local lesson, err = service.get(id_of(request), request.user)
  if not lesson then return nil, err end
  return respond.json(shape(lesson))
end

local function list(request)
  local input, err = form.parse(fields.WEEK, request.query_all)
  if not input then return nil, err end
  local monday = russian.monday(input.week or clock.date())
  local lessons
  lessons, err = service.week(monday, russian.add_days(monday, 6), input, request.user)
  if not lessons then return nil, err end
  local items = json.array({})
  for i, lesson in ipairs(lessons) do items[i] = shape(lesson) end
  return respond.json({ items = items, next_cursor = json.null })
end

local function transition(request)
  local input, err = form.json(form.TRANSITION, request)
  if not input then return nil, err end
  local lesson
  lesson, err = service.transition(id_of(request), input.action, request.user, input)
  if not lesson then return nil, err end
  return respond.json(shape(lesson))
end

local routes = {
  { "GET", "/api/v1/lessons", list, access = "user", query = fields.WEEK, returns = "LessonList", summary = "Занятия недели" },
  { "POST", "/api/v1/lessons", create, access = "user", body = fields.LESSON, returns = "Lesson",
    summary = "Поставить занятие; 409 с конфликтами и свободными местами" },
  { "POST", "/api/v1/lessons/check", check, access = "user", body = fields.LESSON, returns = "LessonCheck", is_read = true,
    summary = "Проверить место и время занятия" },
  { "GET", "/api/v1/lessons/{id}", show, access = "user", returns = "Lesson", summary = "Занятие" },
  { "POST", "/api/v1/lessons/{id}/transitions", transition, access = "user", body = form.TRANSITION, returns = "Lesson",
    summary = "Действие над занятием; move принимает новое место в data" },
}
routes.schemas = api_board.schemas
for _, more in ipairs({ api_board, api_plan }) do table.move(more, 1, #more, #routes + 1, routes) end
return routes
