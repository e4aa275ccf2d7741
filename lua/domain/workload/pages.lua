--- Pages of the load of workshops.
local fields = require("domain.workload.fields")
local form = require("kit.form")
local present = require("domain.workload.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.workload.service")
local urls = require("kit.urls")

local BASE = "/cabinet/workload"

local function show(request)
  local input, err = form.parse(fields.LOAD, request.query_all)
  local found
  if input then found, err = service.load(request.user, input) end
  if not found then return nil, err end
  local query = request.query_all
  local function page_url(changes) return urls.with(BASE, query, changes) end
  return respond.page(request, "workload/show", {
    title = "Загрузка мастерских", nav = "workload", input = input, query = query, choices = service.choices(), heat = present.heat(found.heat),
    heat_range = russian.period(found.monday, russian.add_days(found.monday, 27)), months = present.months(found.months),
    rooms = present.rooms(found.rooms, found.monday), range = russian.period(found.monday, found.sunday), week = found.monday,
    previous = page_url({ week = russian.add_days(found.monday, -7), cursor = false }),
    following = page_url({ week = russian.add_days(found.monday, 7), cursor = false }), today = page_url({ week = false, cursor = false }),
    next_page = found.next_cursor and page_url({ cursor = found.next_cursor }) or nil,
  })
end

local function windows(request)
  local input, err = form.parse(fields.WINDOWS, request.query_all)
  local list, asked
  if input then list, err, asked = service.windows(request.user, input) end
  if not list and err.status ~= 422 then return nil, err end
  local typed = {}
  for _, field in ipairs(fields.WINDOWS) do
    typed[field.name] = asked and asked[field.name] or request.query[field.name] or field.default
  end
  return respond.page(request, "workload/windows", { title = "Свободные окна", nav = "workload", inputs = form.render(fields.WINDOWS, typed, err), fault = err,
    choices = service.choices(), rows = list and present.windows(list) }, err and 422 or 200)
end

return {
  { "GET", BASE, show, access = { "workload.read" }, query = fields.LOAD, summary = "Загрузка мастерских" },
  { "GET", BASE .. "/windows", windows, access = { "workload.read" }, query = fields.WINDOWS, summary = "Свободные окна мастерских" },
}
