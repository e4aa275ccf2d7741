--- JSON of the journal.
local fields = require("domain.journal.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.journal.service")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function or_null(value)
  if value == nil then return json.null end
  return value
end

local function shape(cell)
  return { enrollment_id = tostring(cell.enrollment_id or cell.id), name = cell.name, mark = or_null(cell.mark),
    grade = or_null(cell.grade), version = cell.version }
end

local function list(request)
  local lesson, err = service.page(id_of(request), request.user)
  if not lesson then return nil, err end
  local items = json.array({})
  for i, learner in ipairs(lesson.learners or {}) do items[i] = shape(learner) end
  return respond.json({ items = items, next_cursor = json.null })
end

local function write(request)
  local input, err = form.json(fields.CELL, request)
  if not input then return nil, err end
  local cell
  cell, err = service.write(id_of(request), input, request.user)
  if not cell then return nil, err end
  return respond.json(shape(cell))
end

local function write_page(request)
  local input, err = form.json(fields.PAGE, request)
  if not input then return nil, err end
  local lesson
  lesson, err = service.write_page(id_of(request), input, request.user)
  if not lesson then return nil, err end
  return respond.json({ id = tostring(lesson.id), topic = lesson.topic, homework = lesson.homework, version = lesson.version })
end

return {
  { "GET", "/api/v1/lessons/{id}/marks", list, access = "user", returns = "MarkList", summary = "Слушатели занятия с отметками" },
  { "PUT", "/api/v1/lessons/{id}/marks", write, access = "user", body = fields.CELL, returns = "Mark", summary = "Отметка одного слушателя" },
  { "PUT", "/api/v1/lessons/{id}/page", write_page, access = "user", body = fields.PAGE, returns = "LessonPage", summary = "Тема и задание" },
}
