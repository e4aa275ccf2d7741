--- Orders with their numbers and ways. Pure; the lines of an order are made by the database, in its alphabet.
local dates = require("domain.demo.dates")
local orders = {}

local KINDS = {
  enroll = { title = "О зачислении на обучение", suffix = "з", basis = "заявления граждан" },
  admission = { title = "О допуске к итоговой аттестации", suffix = "д", basis = "сведения о посещаемости и оценках" },
  expel_done = { title = "Об отчислении в связи с завершением обучения", suffix = "о", basis = "протокол аттестационной комиссии" },
  expel_own = { title = "Об отчислении по собственному желанию", suffix = "о", basis = "заявление слушателя" },
  expel_absent = { title = "Об отчислении за непосещение занятий", suffix = "о", basis = "докладная записка куратора" },
}

local WAYS = {
  draft = {}, on_sign = { "send" }, registered = { "send", "sign", "register" },
}
local STEPS = {
  send = { from = "draft", to = "on_sign", who = "staff", minute = 610 },
  sign = { from = "on_sign", to = "signed", who = "director", minute = 745 },
  register = { from = "signed", to = "registered", who = "staff", minute = 860 },
}

--- An order of the centre over a group.
---@param day integer when it was written; a registered one is dated so
function orders.add(world, kind, group, day, effective_day, state)
  local is_registered = state == "registered"
  local order = world:add("order_doc", {
    kind = kind, organization_id = world.organizations.copp.id, group_id = group.id, effective_on = dates.text(effective_day),
    dated_on = is_registered and dates.text(day) or nil, title = KINDS[kind].title, basis_text = KINDS[kind].basis, state = state,
    created_at = dates.moment(day, 560), created_by = world.fixtures.staff.user_id, updated_at = dates.moment(day, 600),
  })
  order.day = day
  for _, action in ipairs(WAYS[state]) do
    local step = STEPS[action]
    local at = dates.moment(day, step.minute)
    world:event("order", order.id, action, step.from, step.to, at, world.fixtures[step.who].user_id, "staff")
    order.updated_at = at
    if action == "sign" then order.signatory_id, order.signed_at = world.fixtures.director.user_id, at end
    if action == "register" then order.registered_at = at end
  end
  return order
end

--- Numbers each year and each letter from 1, in the order of dates.
function orders.number(world)
  local list = {}
  for _, order in ipairs(world.rows.order_doc) do
    if order.state == "registered" then list[#list + 1] = order end
  end
  table.sort(list, function(a, b)
    if a.day ~= b.day then return a.day < b.day end
    return a.id < b.id
  end)
  local used = {}
  for _, order in ipairs(list) do
    local suffix = KINDS[order.kind].suffix
    local key = order.dated_on:sub(1, 4) .. suffix
    used[key] = (used[key] or 0) + 1
    order.number = ("%d-%s"):format(used[key], suffix)
  end
end

return orders
