--- Pages of orders.
local fields = require("domain.orders.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local service = require("domain.orders.service")
local workflow = require("kit.workflow")

local STATES = { "draft", "on_sign", "signed", "registered", "rejected", "annulled" }

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.list(input, request.user)
  if not found then return nil, err end
  local states, chosen = {}, {}
  for _, code in ipairs(input.state or {}) do chosen[code] = true end
  for i, code in ipairs(STATES) do
    states[i] = { value = code, label = workflow.state("order", code).label, checked = chosen[code] }
  end
  return respond.page(request, "orders/list", {
    title = "Приказы", nav = "orders", orders = found.items, next_cursor = found.next_cursor, states = states, state = input.state and input.state[1],
    query = request.query_all,
  })
end

local function show(request)
  local order, err = service.get(request.params.id, request.user)
  if not order then return nil, err end
  return respond.page(request, "orders/show", { title = order.title, nav = "orders", order = order, audited = { "order", order.id } })
end

local function print_page(request)
  local order, err = service.get(request.params.id, request.user)
  if not order then return nil, err end
  local entering, leaving = {}, {}
  for _, line in ipairs(order.lines) do table.insert(line.act == "out" and leaving or entering, line) end
  return respond.page(request, "orders/print", {
    title = order.title, order = order, entering = entering, leaving = leaving, back = "/cabinet/orders/" .. order.public_id,
  })
end

local function create(request)
  local typed = request:form()
  local input, err = form.parse(fields.ORDER, typed)
  local order
  if input then order, err = service.create(input, request.user) end
  if not order then
    if err.status == 403 then return nil, err end
    return respond.redirect("/cabinet/groups/" .. (math.tointeger(tonumber(typed.group_id)) or 0) .. "#candidates",
      { notice = err.text, tone = "bad" })
  end
  return respond.redirect("/cabinet/orders/" .. order.public_id, { notice = "Проект приказа создан" })
end

local function transition(request)
  local typed = request:form()
  local order, err = service.transition(request.params.id, typed.action, request.user, {
    reason = typed.reason, version = math.tointeger(tonumber(typed.version)),
    data = { number = typed.number, dated_on = typed.dated_on ~= "" and typed.dated_on or nil },
  })
  local path = "/cabinet/orders/" .. request.params.id
  if not order then
    if err.status == 403 or err.status == 404 then return nil, err end
    return respond.redirect(path, { notice = err.text, tone = "bad" })
  end
  return respond.redirect(path, { notice = "Приказ: " .. workflow.state("order", order.state).label })
end

return {
  { "GET", "/cabinet/orders", list, access = "user", query = fields.LIST, summary = "Список приказов" },
  { "POST", "/cabinet/orders", create, access = "user", body = fields.ORDER, summary = "Проект приказа" },
  { "GET", "/cabinet/orders/{id}", show, access = "user", summary = "Приказ" },
  { "GET", "/cabinet/orders/{id}/print", print_page, access = "user", summary = "Печатная форма приказа" },
  { "POST", "/cabinet/orders/{id}/transitions", transition, access = "user", body = form.TRANSITION, summary = "Действие над приказом" },
}
