--- JSON of study groups.
local fields = require("domain.groups.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.groups.service")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

--- A group as clients see it: keys are strings, names of learners only when the service gave them.
local function shape(group)
  local shown = {
    id = tostring(group.id), code = group.code, state = group.state, version = group.version, program = group.program,
    program_id = tostring(group.program_id), intake_id = group.intake_id and tostring(group.intake_id) or json.null,
    organization = group.organization, organization_id = tostring(group.organization_id),
    site_id = tostring(group.site_id), site = group.site, zone = group.zone, starts_on = group.starts_on,
    ends_on = group.ends_on, shift = group.shift, capacity_min = group.capacity_min, capacity_max = group.capacity_max,
    seats_taken = group.seats_taken,
  }
  if group.modules then
    shown.modules = json.array({})
    for i, m in ipairs(group.modules) do
      shown.modules[i] = { id = tostring(m.id), code = m.code, title = m.title, hours = m.hours, planned = m.planned, held = m.held }
    end
  end
  if group.learners then
    shown.learners = json.array({})
    for i, l in ipairs(group.learners) do
      shown.learners[i] = { id = tostring(l.id), person_id = l.person_public_id, name = l.name, state = l.state,
        enrolled_on = l.enrolled_on, order_id = l.order_id, order_number = l.order_number or json.null }
    end
  end
  if group.candidates then
    shown.candidates = json.array({})
    for i, c in ipairs(group.candidates) do
      shown.candidates[i] = { id = c.public_id, number = c.number, name = c.name, state = c.state, order_id = c.order_id or json.null }
    end
  end
  return shown
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.list(input, request.user)
  if not found then return nil, err end
  local items = json.array({})
  for i, row in ipairs(found.items) do
    row.id, row.cursor = tostring(row.id), nil
    items[i] = row
  end
  return respond.json({ items = items, next_cursor = found.next_cursor or json.null })
end

local function show(request)
  local group, err = service.get(id_of(request), request.user)
  if not group then return nil, err end
  return respond.json(shape(group))
end

local function create(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(fields.GROUP, body)
  if not input then return nil, err end
  local group
  group, err = service.create(input, request.user)
  if not group then return nil, err end
  return respond.json(shape(group), 201)
end

local function transition(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(form.TRANSITION, body)
  if not input then return nil, err end
  local group
  group, err = service.transition(id_of(request), input.action, request.user, input)
  if not group then return nil, err end
  return respond.json(shape(group))
end

return {
  { "GET", "/api/v1/groups", list, access = "user", query = fields.LIST, returns = "GroupList", summary = "Учебные группы" },
  { "POST", "/api/v1/groups", create, access = "user", body = fields.GROUP, returns = "Group", summary = "Создать группу из набора" },
  { "GET", "/api/v1/groups/{id}", show, access = "user", returns = "Group", summary = "Группа с составом, модулями и кандидатами" },
  { "POST", "/api/v1/groups/{id}/transitions", transition, access = "user", body = form.TRANSITION, returns = "Group",
    summary = "Действие над группой" },
}
