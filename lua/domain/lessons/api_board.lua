--- JSON of the dispatcher's board.
local board = require("domain.lessons.board")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local json = require("core.json")
local present = require("domain.lessons.present")
local respond = require("kit.respond")
local shape = require("kit.shape")

local function list(request)
  local input, err = form.parse(fields.RANGE, request.query_all)
  if not input then return nil, err end
  local rows, more = board.range(input, request.user)
  if not rows then return nil, more end
  local items = json.array({})
  for i, row in ipairs(rows) do items[i] = present.item(row) end
  return respond.json({ items = items, next_cursor = more or json.null })
end

local function rooms(request)
  local input, err = form.parse(fields.BOARD, request.query_all)
  if not input then return nil, err end
  local items = json.array({})
  for i, room in ipairs(board.rooms(input, request.user)) do
    items[i] = { id = tostring(room.id), name = room.name, kind = room.kind, seats = room.seats, site = room.site, organization = room.organization }
  end
  return respond.json({ items = items, next_cursor = json.null })
end

local function verdicts(request)
  local input, err = form.json(fields.VERDICTS, request)
  local answer
  if input then answer, err = board.verdicts(input, request.user) end
  if not answer then return nil, err end
  return respond.json(answer)
end

local function check(request)
  local input, err = form.json(fields.TARGET, request)
  local answer
  if input then answer, err = board.check(input, request.user) end
  if not answer then return nil, err end
  return respond.json(answer)
end

local text, maybe = shape.text, shape.maybe
local ITEM = shape.object({
  id = shape.id, version = shape.integer, group_id = shape.id, group = text, subgroup = maybe(text), organization = text, title = text, kind = text, mode = text,
  state = text, tone = text, held_on = shape.date, starts = text, ends = text, minutes = shape.integer, teachers = maybe(text),
  teacher_ids = shape.list(shape.id), rooms = maybe(text), room_ids = shape.list(shape.id),
  can_move = { type = "boolean" }, is_foreign = { type = "boolean" }, is_locked = { type = "boolean" },
})

return {
  { "GET", "/api/v1/schedule", list, access = { "lesson.read" }, query = fields.RANGE, returns = "BoardLessonList",
    summary = "Занятия промежутка для доски диспетчера; чужие — без личных данных" },
  { "GET", "/api/v1/schedule/rooms", rooms, access = { "lesson.read" }, query = fields.BOARD, returns = "BoardRoomList",
    summary = "Помещения для доски диспетчера" },
  { "POST", "/api/v1/schedule/verdicts", verdicts, access = { "lesson.plan" }, body = fields.VERDICTS, returns = { type = "object" }, is_read = true,
    summary = "Что и когда занято для занятия, которое переносят" },
  { "POST", "/api/v1/schedule/check", check, access = { "lesson.plan" }, body = fields.TARGET, returns = { type = "object" }, is_read = true,
    summary = "Можно ли перенести занятие на это место" },
  schemas = {
    BoardLesson = ITEM,
    BoardRoom = shape.object({ id = shape.id, name = text, kind = text, seats = shape.integer, site = text, organization = text }),
  },
}
