--- JSON of the plans of the timetable.
local errors = require("kit.errors")
local fields = require("domain.plans.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.plans.service")

local BASE = "/api/v1/schedule/plans"
local ITEMS_MAX = 10000

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function shape(plan)
  return {
    id = tostring(plan.id), kind = plan.kind, title = plan.title, state = plan.state, progress = json.object(plan.progress or {}),
    result = json.object(plan.result or {}), lessons = plan.lessons, version = plan.version,
  }
end

local function text_id(id) return id and tostring(id) or json.null end

local function item(row)
  return {
    lesson_id = text_id(row.lesson_id), group_id = text_id(row.group_id), module_id = text_id(row.module_id), kind = row.kind, staff_id = text_id(row.staff_id),
    room_id = text_id(row.room_id), held_on = row.held_on, starts = row.starts, minutes = row.minutes, was_held_on = row.was_held_on or json.null,
    was_starts = row.was_starts or json.null,
  }
end

local function begin(schema, fn)
  return function(request)
    local body, err = request:json()
    if not body then return nil, err end
    local input, plan
    input, err = form.parse(schema, body)
    if not input then return nil, err end
    plan, err = fn(input, request.user)
    if not plan then return nil, err end
    return respond.json(shape(service.get(plan.id, request.user)), 202)
  end
end

local function list(request)
  local rows, err, more = service.list(request.user, math.tointeger(tonumber(request.query.cursor)))
  if not rows then return nil, err end
  local items = json.array({})
  for i, plan in ipairs(rows) do items[i] = shape(plan) end
  return respond.json({ items = items, next_cursor = more and tostring(more) or json.null })
end

local function show(request)
  local plan, err = service.get(id_of(request), request.user)
  if not plan then return nil, err end
  local shown, items = shape(plan), json.array({})
  for i, row in ipairs((service.items(plan, nil, ITEMS_MAX))) do items[i] = item(row) end
  shown.items = items
  return respond.json(shown)
end

local ACTIONS = { stop = service.stop, discard = service.discard, again = service.again, publish = service.publish }

local function transition(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input, data, done
  input, err = form.parse(form.TRANSITION, body)
  if not input then return nil, err end
  local action = ACTIONS[input.action]
  if not action then return nil, errors.invalid("action", "unknown", "Действия: stop, publish, discard, again.") end
  data, err = form.parse(fields.PUBLISH, input.data or {})
  if not data then return nil, err end
  data.version = input.version
  done, err = action(id_of(request), request.user, data)
  if not done then return nil, err end
  return respond.json(shape(service.get(done.id, request.user)))
end

local MAY = { "lesson.plan" }

return {
  { "GET", BASE, list, access = MAY, query = fields.LIST, returns = "SchedulePlanList", summary = "Планы расписания" },
  { "POST", BASE, begin(fields.FILL, service.fill), access = MAY, body = fields.FILL, returns = "SchedulePlan", summary = "Составить расписание групп" },
  { "POST", BASE .. "/repair", begin(fields.REPAIR, service.repair), access = MAY, body = fields.REPAIR, returns = "SchedulePlan",
    summary = "Перепланировать занятия преподавателя, который не сможет вести" },
  { "GET", BASE .. "/{id}", show, access = MAY, returns = "SchedulePlan", summary = "План: состояние, цена, занятия черновика" },
  { "POST", BASE .. "/{id}/transitions", transition, access = MAY, body = form.TRANSITION, returns = "SchedulePlan",
    summary = "Действие над планом: stop, publish, discard, again" },
}
