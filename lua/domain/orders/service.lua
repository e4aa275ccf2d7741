--- Orders: the only way into a group and out of it. A draft lists people; the signed and registered order acts.
local access = require("kit.access")
local applications = require("domain.applications")
local audit = require("kit.audit")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.orders.fields")
local groups = require("domain.groups")
local personal = require("kit.personal")
local store = require("domain.orders.store")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local service = {}

local PAGE_SIZE = 50
local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

local function find_for(public_id, user, permission)
  local order = public_id:match(UUID) and store.find(public_id)
  if not order then return nil, errors.not_found("order", public_id) end
  local ok, err = access.need(user, permission, order)
  if not ok then return nil, err end
  return order
end

--- Orders the user may see, newest first.
function service.list(input, user)
  local ok, err = access.need(user, "order.read")
  if not ok then return nil, err end
  local filter = {
    states = input.state and #input.state > 0 and db.array(input.state) or nil,
    kinds = input.kind and #input.kind > 0 and db.array(input.kind) or nil,
    organization_id = user.grant.role == "partner" and user.grant.organization_id or nil,
  }
  local limit = input.limit or PAGE_SIZE
  local rows = store.list(filter, math.tointeger(tonumber(input.cursor or "")), limit)
  local next_cursor
  if #rows > limit then
    rows[#rows] = nil
    next_cursor = tostring(rows[#rows].cursor)
  end
  return { items = rows, next_cursor = next_cursor }
end

--- An order with its lines and what the user may do with it.
function service.get(public_id, user)
  local order, err = find_for(public_id, user, "order.read")
  if not order then return nil, err end
  order.lines = store.lines(order.id)
  for _, line in ipairs(order.lines) do line.full_name = personal.name(user, line.full_name) end
  order.actions = workflow.actions(service.binding, order, user, service.binding.facts(order))
  return order
end

-- Applications that may enter the group, in order of submission; nil, err names the first that may not.
local function pick_applications(input, group)
  local ids = input.application_ids or {}
  if #ids == 0 then
    return nil, errors.invalid("application_ids", "required", "Отметьте хотя бы одну одобренную заявку.")
  end
  local rows = store.lock_applications(db.array(ids))
  if #rows < #ids then return nil, errors.invalid("application_ids", "unknown", "Среди отмеченных есть заявка, которой нет.") end
  local keys = {}
  for i, a in ipairs(rows) do
    if a.state ~= "approved" then
      return nil, errors.invalid("application_ids", "not_approved",
        ("Заявка № %s (%s) не одобрена: зачисляют только одобренные."):format(a.number, a.name))
    end
    if group.intake_id and a.intake_id ~= group.intake_id then
      return nil, errors.invalid("application_ids", "other_intake", ("Заявка № %s подана на другой набор."):format(a.number))
    end
    keys[i] = a.id
  end
  local busy = store.in_other_order(db.array(keys))
  if busy then
    return nil, errors.conflict("in_other_order", ("Заявка № %s уже стоит в другом приказе о зачислении."):format(busy.number))
  end
  return rows
end

-- Cuts the list to the free seats. The rest go to the waiting list, when asked so.
local function fit_seats(rows, group, input, user)
  local free = group.capacity_max - group.seats_taken
  if #rows <= free then return rows end
  if input.overflow ~= "waitlist" then
    return nil, errors.invalid("application_ids", "not_enough_seats",
      ("Отмечено %d, свободно мест %d. Уменьшите список или переведите остальных в лист ожидания."):format(#rows, free))
  end
  for i = free + 1, #rows do
    local ok, err = applications.fire(rows[i].id, "wait", user, { reason = "В группе " .. group.code .. " нет мест" })
    if not ok then return nil, err end
    rows[i] = nil
  end
  if #rows == 0 then return nil, errors.conflict("no_seats", "В группе " .. group.code .. " нет свободных мест.") end
  return rows
end

local function pick_enrollments(input, group)
  local ids = input.enrollment_ids or {}
  if #ids == 0 then return nil, errors.invalid("enrollment_ids", "required", "Отметьте хотя бы одного слушателя.") end
  local rows = store.lock_enrollments(db.array(ids), group.id)
  if #rows < #ids then return nil, errors.invalid("enrollment_ids", "unknown", "Отмечен слушатель, которого нет в группе.") end
  return rows
end

local function add_lines(order_id, rows, act, is_enrolling)
  local people, application_ids, enrollment_ids = {}, {}, {}
  for i, row in ipairs(rows) do
    people[i] = row.person_id
    application_ids[i] = is_enrolling and row.id or row.application_id or db.null
    enrollment_ids[i] = is_enrolling and db.null or row.id
  end
  return store.insert_lines(order_id, db.array(people), db.array(application_ids), db.array(enrollment_ids),
    store.line_count(order_id), act)
end

--- Drafts an order over a group: enrolment of approved applications, or expulsion of its learners.
---@param input table values of fields.ORDER
---@return table? order
---@return kit.Error? err
function service.create(input, user)
  local group = groups.find(input.group_id)
  if not group then return nil, errors.invalid("group_id", "unknown", "Такой группы нет.") end
  local ok, err = access.need(user, "order.create", group)
  if not ok then return nil, err end
  return transaction.run(function()
    group = groups.lock(group.id)
    local is_enrolling = input.kind == "enroll"
    local rows, fault = (is_enrolling and pick_applications or pick_enrollments)(input, group)
    if rows and is_enrolling then rows, fault = fit_seats(rows, group, input, user) end
    if not rows then return nil, fault end
    local row = store.insert({
      kind = input.kind, organization_id = store.issuer(group.organization_id), group_id = group.id,
      effective_on = input.effective_on or group.starts_on, title = fields.TITLES[input.kind],
      basis_text = input.basis_text or (is_enrolling and "заявления граждан" or ""),
    }, user.id)
    add_lines(row.id, rows, fields.LEAVING[input.kind] and "out" or "in", is_enrolling)
    audit.write("order.create", "order", row.id, { kind = { nil, input.kind }, persons = { nil, #rows } })
    return store.find(row.public_id)
  end)
end

-- The registered order takes effect: leavers first, so that their seats are free for those who enter.
local function take_effect(order, ctx)
  local group = groups.lock(order.group_id)
  for _, line in ipairs(store.lines(order.id)) do
    local ok, err = true, nil
    if line.act == "out" then
      ok, err = groups.leave(line.enrollment_id, order, ctx.user)
      if ok and line.application_id and applications.may_fire(line.application_state, "expel") then
        ok, err = applications.fire(line.application_id, "expel", ctx.user, { reason = order.title, data = { order_id = order.id } })
      end
    elseif line.application_state == "approved" then
      ok, err = applications.fire(line.application_id, "enroll", ctx.user, { data = { group_id = group.id, order_id = order.id } })
    end
    if not ok then return nil, err end
  end
  return true
end

-- An annulled enrolment gives its people back to the queue.
local function undo(order, ctx)
  for _, line in ipairs(store.lines(order.id)) do
    if line.act == "in" and line.enrollment_id and line.application_state == "enrolled" then
      groups.leave(line.enrollment_id, order, ctx.user)
      local ok, err = applications.fire(line.application_id, "return_to_queue", ctx.user, { reason = "Приказ аннулирован" })
      if not ok then return nil, err end
    end
  end
  return true
end

local function save(order, to, input)
  if to == "signed" then store.save_signature(order.id, input.user_id) end
  if to ~= "registered" then return store.save_state(order.id, to, input.reason, input.user_id) end
  local data = input.data or {}
  local dated_on = data.dated_on or input.today
  local number = data.number
  if not number or number == "" then
    number = ("%d-%s"):format(store.next_number(order.organization_id, order.journal, tonumber(dated_on:sub(1, 4))),
      fields.SUFFIX[order.kind] or "п")
  end
  local ok, fault = store.save_registration(order.id, number, dated_on, input.user_id)
  if ok then return ok end
  if fault.constraint == "order_doc_number_key" then
    return nil, errors.conflict("number_taken", ("Номер %s в этом году уже занят. Выберите другой."):format(number))
  end
  if fault.constraint == "order_doc_dates" then
    return nil, errors.invalid("dated_on", "after_effective", "Дата приказа позже даты вступления в силу.")
  end
  return nil, fault
end

service.binding = {
  machine = "order",
  entity = "order",
  lock = store.lock,
  facts = function(order)
    return { persons = order.persons, basis_text = order.basis_text, effective_on = order.effective_on }
  end,
  capacities = function(_, user)
    local sets = user.grant and user.grant.sets or {}
    return { director = user.grant and user.grant.role == "staff" and sets.director or nil }
  end,
  save = save,
  effects = { take_effect = take_effect, undo = undo },
}

--- Fires an action of the machine `order`; registration takes `data.number` and `data.dated_on`.
function service.transition(public_id, action, user, input)
  local order, err = find_for(public_id, user, "order.read")
  if not order then return nil, err end
  return workflow.fire(service.binding, order.id, action, user, input)
end

--- After an enrolled applicant has withdrawn: the draft of an amending order takes him off the list.
function service.draft_removal(application, ctx)
  local enrollment = store.enrollment_of(application.id)
  if not enrollment then return true end
  local group = groups.lock(enrollment.group_id)
  local draft = store.open_amendment(group.id) or store.insert({
    kind = "amend", organization_id = store.issuer(group.organization_id), group_id = group.id,
    effective_on = group.starts_on, title = fields.TITLES.amend, basis_text = "заявление об отзыве",
    supersedes_id = enrollment.order_in_id,
  }, ctx.user.id)
  add_lines(draft.id, { enrollment }, "out", false)
  audit.write("order.draft_removal", "order", draft.id, { application = { nil, application.id } })
  return true
end

--- After the first of the waiting list was promoted: he enters by the same amending order, if one waits.
function service.draft_addition(application)
  local draft = store.amendment_of_intake(application.intake_id)
  if not draft then return true end
  add_lines(draft.id, { application }, "in", true)
  audit.write("order.draft_addition", "order", draft.id, { application = { nil, application.id } })
  return true
end

--- The enrolment itself, inside the transition `enroll` of an application: by the signed order that lists it.
function service.enroll(application, ctx)
  local line = store.enrolling_line(application.id)
  if not line then return nil, errors.conflict("order_required", "Заявки нет ни в одном подписанном приказе о зачислении.") end
  local group, order = groups.lock(line.group_id), store.lock(line.order_id)
  local enrollment_id, err = groups.enroll(group, application, order, ctx.user)
  if not enrollment_id then return nil, err end
  store.set_line_enrollment(order.id, application.person_id, enrollment_id)
  return true
end

return service
