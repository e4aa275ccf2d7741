--- JSON of bookings.
local fields = require("domain.bookings.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.bookings.service")
local shape = require("kit.shape")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function booking_json(b)
  return { id = tostring(b.id), room_id = tostring(b.resource_id), room = b.room, owner = b.owner, asker = null(b.asker), purpose = b.purpose, state = b.state,
    held_on = b.held_on, starts = b.starts, ends = b.ends, note = b.note, reason = null(b.reason), group = null(b.group_code),
    lesson_id = b.lesson_id and tostring(b.lesson_id) or json.null, version = b.version }
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local rows, more = service.list(input, request.user)
  if not rows then return nil, more end
  local items = json.array({})
  for i, row in ipairs(rows) do items[i] = booking_json(row) end
  return respond.json({ items = items, next_cursor = more or json.null })
end

local function create(request)
  local input, err = form.json(fields.BOOKING, request)
  local booking
  if input then booking, err = service.create(input, request.user) end
  if not booking then return nil, err end
  return respond.json(booking_json(booking), 201)
end

local function transition(request)
  local input, err = form.json(form.TRANSITION, request)
  local booking
  if input then booking, err = service.transition(math.tointeger(tonumber(request.params.id)) or 0, input.action, request.user, input) end
  if not booking then return nil, err end
  return respond.json(booking_json(booking))
end

local BOOK = { "room.book" }
local text, maybe = shape.text, shape.maybe

return {
  { "GET", "/api/v1/bookings", list, access = BOOK, query = fields.LIST, returns = "BookingList", summary = "Брони и запросы помещений" },
  { "POST", "/api/v1/bookings", create, access = BOOK, body = fields.BOOKING, returns = "Booking", summary = "Забронировать помещение; чужое — запрос владельцу" },
  { "POST", "/api/v1/bookings/{id}/transitions", transition, access = BOOK, body = form.TRANSITION, returns = "Booking", summary = "Действие над бронью" },
  schemas = {
    Booking = shape.object({ id = shape.id, room_id = shape.id, room = text, owner = text, asker = maybe(text), purpose = text, state = text, held_on = shape.date,
      starts = text, ends = text, note = text, reason = maybe(text), group = maybe(text), lesson_id = maybe(shape.id), version = shape.integer }),
  },
}
