--- Study groups: made from an intake, filled by orders, led through their states.
local access = require("kit.access")
local audit = require("kit.audit")
local errors = require("kit.errors")
local policy = require("domain.groups.policy")
local store = require("domain.groups.store")
local text = require("core.text")
local db = require("core.db")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local service = {}

local PAGE_SIZE = 50

local function fold_or_nil(value)
  if not value or value == "" then return nil end
  return text.fold(value)
end

local function cursor_of(value)
  if not value then return nil end
  local starts_on, id = value:match("^(%d%d%d%d%-%d%d%-%d%d)~(%d+)$")
  return starts_on and { starts_on = starts_on, id = math.tointeger(tonumber(id)) } or nil
end

--- Groups the user may see, newest start first.
---@return table? result {items, next_cursor}
---@return kit.Error? err
function service.list(input, user)
  local filter, err = policy.scope(user)
  if not filter then return nil, err end
  filter.states = input.state and #input.state > 0 and db.array(input.state) or nil
  filter.text = fold_or_nil(input.q)
  local limit = input.limit or PAGE_SIZE
  local rows = store.list(filter, cursor_of(input.cursor), limit)
  local next_cursor
  if #rows > limit then
    rows[#rows] = nil
    next_cursor = rows[#rows].cursor
  end
  return { items = rows, next_cursor = next_cursor }
end

local function find_for(id, user, permission)
  local group = store.find(id)
  if not group then return nil, errors.not_found("group", id) end
  local ok, err = access.need(user, permission, group)
  if not ok then return nil, err end
  return group
end

--- A group with everything its page shows. Candidates and names only for those who manage it.
---@return table? group
---@return kit.Error? err
function service.get(id, user)
  local group, err = find_for(id, user, "group.read")
  if not group then return nil, err end
  group.modules = store.modules(group.id, group.version_id)
  group.can_manage = access.can(user, "group.manage", group)
  if policy.can_see_learners(user, group) then group.learners = store.learners(group.id) end
  if group.can_manage then
    group.candidates = group.intake_id and store.candidates(group.intake_id) or {}
    group.orders = store.orders(group.id)
    group.facts = store.facts(group.id)
    group.actions = workflow.actions(service.binding, group, user, group.facts)
  end
  return group
end

--- What the form of a new group needs: intakes to choose from, and the chosen one with its sites.
function service.new_form(intake_id, user)
  local ok, err = access.need(user, "group.create")
  if not ok then return nil, err end
  local organization_id = user.grant.role == "partner" and user.grant.organization_id or nil
  local intake = intake_id and store.intake(intake_id)
  if intake then
    ok, err = access.need(user, "group.create", intake)
    if not ok then return nil, err end
  end
  return {
    choices = store.intake_choices(organization_id),
    intake = intake,
    sites = intake and store.sites(intake.organization_id) or {},
  }
end

local function check_group(g, intake)
  if g.ends_on < g.starts_on then
    return errors.invalid("ends_on", "before_start", "Окончание раньше начала. Проверьте даты.")
  end
  if g.capacity_min > g.capacity_max then
    return errors.invalid("capacity_min", "above_max", "Наименьшая численность больше числа мест.")
  end
  if g.capacity_max > intake.max_group then
    return errors.invalid("capacity_max", "above_program",
      ("Программа допускает не больше %d человек в группе."):format(intake.max_group))
  end
end

--- Makes a group in state `planned`.
---@return table? group
---@return kit.Error? err
function service.create(input, user)
  local intake = store.intake(input.intake_id)
  if not intake then return nil, errors.invalid("intake_id", "unknown", "Такого набора нет. Выберите набор из списка.") end
  local ok, err = access.need(user, "group.create", intake)
  if not ok then return nil, err end
  err = check_group(input, intake)
  if err then return nil, err end
  input.shift = input.shift or 1
  return transaction.run(function()
    local row, fault = store.insert(input, user.id)
    if not row then
      if fault.constraint == "study_group_code_key" then
        return nil, errors.invalid("code", "taken", "Группа с таким кодом у организации уже есть.")
      end
      return nil, errors.invalid("site_id", "unknown", "Такой площадки нет. Выберите площадку из списка.")
    end
    audit.write("group.create", "group", row.id, { code = { nil, input.code } })
    return store.find(row.id)
  end)
end

-- Each learner whose first day has come: the enrolment and its application move together.
local function start_learners(group_id)
  for _, row in ipairs(store.due_learners(group_id)) do
    local ok, err = workflow.fire(service.enrollment_binding, row.id, "start", workflow.SYSTEM, {})
    if not ok and err.code ~= "wrong_state" then return nil, err end
  end
  return true
end

service.binding = {
  machine = "group",
  entity = "group",
  lock = store.lock,
  facts = function(group) return store.facts(group.id) end,
  save = function(group, to, input) return store.save_state(group.id, to, input.user_id) end,
  effects = {
    start_learners = function(group) return start_learners(group.id) end,
  },
}

service.enrollment_binding = {
  machine = "enrollment",
  entity = "enrollment",
  lock = store.lock_enrollment,
  facts = function() return {} end,
  save = function(enrollment, to, input) return store.save_enrollment_state(enrollment.id, to, input.user_id) end,
  effects = {},
}

--- Fires an action of the machine `group`.
function service.transition(id, action, user, input)
  local group, err = find_for(id, user, "group.read")
  if not group then return nil, err end
  return workflow.fire(service.binding, group.id, action, user, input)
end

--- Puts the person of an approved application into a group by an order. Inside the caller's transaction.
---@return integer? enrollment_id
---@return kit.Error? err conflict `no_seats` when the group is full
function service.enroll(group, application, order, user)
  local row, fault = store.enroll(group.id, application.person_id, application.id, order.id, application.funding,
    order.effective_on, user.id)
  if row then return row.id end
  if fault.constraint == "study_group_seats" then
    return nil, errors.conflict("no_seats", ("В группе %s больше нет мест (%d из %d). Увеличьте группу или переведите заявку в лист ожидания.")
      :format(group.code, group.seats_taken, group.capacity_max))
  end
  if fault.constraint == "enrollment_active_key" or fault.constraint == "enrollment_application_key" then
    return nil, errors.conflict("already_enrolled", "Слушатель уже зачислен в эту группу.")
  end
  if fault.constraint == "booking_overlap" then
    return nil, errors.conflict("learner_busy", "У слушателя в это время занятия другой группы.")
  end
  return nil, fault
end

--- Ends an enrolment by an order. Inside the caller's transaction.
function service.leave(enrollment_id, order, user)
  store.leave(enrollment_id, order.id, order.effective_on, user.id)
  return true
end

--- Daily: learners and groups whose first day has come. Groups that may not start yet stay, with the reason in the log.
function service.start_due()
  local ok, err = transaction.run(function() return start_learners(nil) end)
  if not ok then return nil, err end
  for _, row in ipairs(store.due_groups()) do
    workflow.fire(service.binding, row.id, "start", workflow.SYSTEM, {})
  end
  return true
end

return service
