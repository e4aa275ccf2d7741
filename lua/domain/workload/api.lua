--- JSON of the load of workshops.
local fields = require("domain.workload.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.workload.service")
local shape = require("kit.shape")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function load_of(request)
  local input, err = form.parse(fields.LOAD, request.query_all)
  local found
  if input then found, err = service.load(request.user, input) end
  if not found then return nil, err end
  local heat, months, rooms = json.array({}), json.array({}), json.array({})
  for i, row in ipairs(found.heat) do
    heat[i] = { weekday = row.weekday, hour = row.hour, busy_hours = row.busy, open_hours = row.hours_open, percent = null(row.percent) }
  end
  for i, row in ipairs(found.months) do months[i] = { month = row.month, busy_hours = row.busy, open_hours = row.hours_open, percent = null(row.percent) } end
  for i, row in ipairs(found.rooms) do
    rooms[i] = { id = tostring(row.id), name = row.name, site = row.site, organization = row.organization, busy_hours = row.busy, open_hours = row.hours_open,
      percent = null(row.percent) }
  end
  return respond.json({ week = found.monday, heat = heat, months = months, rooms = rooms, next_cursor = null(found.next_cursor) })
end

local function windows(request)
  local input, err = form.parse(fields.WINDOWS, request.query_all)
  local list
  if input then list, err = service.windows(request.user, input) end
  if not list then return nil, err end
  local items = json.array({})
  for i, w in ipairs(list) do
    items[i] = { room_id = tostring(w.id), room = w.name, site = w.site, organization = w.organization, workplaces = w.workplaces, first_day = w.first_day,
      last_day = w.last_day, days = w.days, km = null(w.km) }
  end
  return respond.json({ items = items, next_cursor = json.null })
end

local number = { type = "number" }
local percent = shape.maybe(shape.integer)

return {
  schemas = {
    Workload = shape.object({ week = shape.date, next_cursor = shape.maybe(shape.text),
      heat = shape.list(shape.object({ weekday = shape.integer, hour = shape.integer, busy_hours = number, open_hours = number, percent = percent })),
      months = shape.list(shape.object({ month = shape.date, busy_hours = number, open_hours = number, percent = percent })),
      rooms = shape.list(shape.object({ id = shape.id, name = shape.text, site = shape.text, organization = shape.text, busy_hours = number, open_hours = number,
        percent = percent })) }),
    FreeWindow = shape.object({ room_id = shape.id, room = shape.text, site = shape.text, organization = shape.text, workplaces = shape.integer,
      first_day = shape.date, last_day = shape.date, days = shape.integer, km = shape.maybe(number) }),
  },
  { "GET", "/api/v1/workload", load_of, access = { "workload.read" }, query = fields.LOAD, returns = "Workload",
    summary = "Загрузка мастерских: часы занятости против часов работы" },
  { "GET", "/api/v1/workload/windows", windows, access = { "workload.read" }, query = fields.WINDOWS, returns = "FreeWindowList",
    summary = "Свободные окна мастерских" },
}
