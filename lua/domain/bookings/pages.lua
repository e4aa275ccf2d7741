--- Pages of bookings.
local fields = require("domain.bookings.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.bookings.service")
local urls = require("kit.urls")

local BASE = "/cabinet/bookings"

local function shown(row)
  row.when = ("%s, %s–%s"):format(russian.date(row.held_on, "weekday"), row.starts, row.ends)
  row.what = row.group_code and "Занятие группы " .. row.group_code or fields.PURPOSE_WORDS[row.purpose] .. (row.note ~= "" and ": " .. row.note or "")
  return row
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local rows, more = service.list(input, request.user)
  if not rows then return nil, more end
  for _, row in ipairs(rows) do shown(row) end
  local query = request.query_all
  return respond.page(request, "bookings/list", {
    title = "Брони помещений", nav = "bookings", rows = rows, input = input, next_page = more and urls.with(BASE, query, { cursor = more }),
    tabs = { { label = "Входящие", href = urls.with(BASE, { state = input.state }), current = input.side ~= "out" },
      { label = "Мои запросы", href = urls.with(BASE, { side = "out", state = input.state }), current = input.side == "out" } },
  })
end

local function new_page(request, values, err, status)
  return respond.page(request, "bookings/new", { title = "Новая бронь", nav = "bookings", values = values, errors = err and err.by_field or {}, fault = err,
    rooms = service.rooms(), purposes = fields.PURPOSES }, status)
end

local function new(request) return new_page(request, { room_id = request.query.room, held_on = request.query.held_on, starts = request.query.starts }) end

local function create(request)
  local typed = request:form()
  local input, err = form.parse(fields.BOOKING, typed)
  local booking
  if input then booking, err = service.create(input, request.user) end
  if booking then
    return respond.redirect(BASE .. "?side=out", { notice = booking.state == "requested" and "Запрос отправлен: " .. booking.owner or "Помещение забронировано" })
  end
  if err.status ~= 409 and err.status ~= 422 then return nil, err end
  return new_page(request, typed, err, err.status)
end

local function transition(request)
  local typed = request:form()
  local booking, err = service.transition(math.tointeger(tonumber(request.params.id)) or 0, typed.action, request.user,
    { reason = typed.reason, version = math.tointeger(tonumber(typed.version)) })
  if not booking and err.status ~= 409 and err.status ~= 422 then return nil, err end
  return respond.redirect(respond.local_path(typed.back, BASE), booking and { notice = "Сохранено" } or { notice = err.text, tone = "bad" })
end

local BOOK = { "room.book" }

return {
  { "GET", BASE, list, access = BOOK, query = fields.LIST, summary = "Брони и запросы помещений" },
  { "GET", BASE .. "/new", new, access = BOOK, summary = "Форма брони" },
  { "POST", BASE, create, access = BOOK, body = fields.BOOKING, summary = "Забронировать помещение или запросить его у владельца" },
  { "POST", BASE .. "/{id}/transitions", transition, access = BOOK, body = form.TRANSITION, summary = "Действие над бронью" },
}
