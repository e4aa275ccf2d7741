--- JSON of orders.
local fields = require("domain.orders.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.orders.service")

local function or_null(value)
  if value == nil then return json.null end
  return value
end

local function shape(order)
  local shown = {
    id = order.public_id, kind = order.kind, title = order.title, state = order.state, version = order.version,
    group_id = order.group_id and tostring(order.group_id) or json.null, group = or_null(order.group_code),
    number = or_null(order.number), dated_on = or_null(order.dated_on), effective_on = order.effective_on,
    basis_text = order.basis_text, persons = order.persons, reason = or_null(order.reason), signatory = or_null(order.signatory),
  }
  if order.lines then
    shown.lines = json.array({})
    for i, line in ipairs(order.lines) do
      shown.lines[i] = { position = line.position, name = line.full_name, act = line.act,
        application_id = or_null(line.application_public_id),
        enrollment_id = line.enrollment_id and tostring(line.enrollment_id) or json.null }
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
  for i, row in ipairs(found.items) do items[i] = shape(row) end
  return respond.json({ items = items, next_cursor = or_null(found.next_cursor) })
end

local function show(request)
  local order, err = service.get(request.params.id, request.user)
  if not order then return nil, err end
  return respond.json(shape(order))
end

local function create(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(fields.ORDER, body)
  if not input then return nil, err end
  local order
  order, err = service.create(input, request.user)
  if not order then return nil, err end
  order, err = service.get(order.public_id, request.user)
  if not order then return nil, err end
  return respond.json(shape(order), 201)
end

local function transition(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(form.TRANSITION, body)
  if not input then return nil, err end
  local order
  order, err = service.transition(request.params.id, input.action, request.user, input)
  if not order then return nil, err end
  return respond.json(shape(order))
end

return {
  { "GET", "/api/v1/orders", list, access = "user", query = fields.LIST, returns = "OrderList", summary = "Приказы" },
  { "POST", "/api/v1/orders", create, access = "user", body = fields.ORDER, returns = "Order", summary = "Проект приказа" },
  { "GET", "/api/v1/orders/{id}", show, access = "user", returns = "Order", summary = "Приказ с составом" },
  { "POST", "/api/v1/orders/{id}/transitions", transition, access = "user", body = form.TRANSITION, returns = "Order",
    summary = "Действие над приказом" },
}
