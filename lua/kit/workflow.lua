--- State machines as data. The pack workflow/<machine> (kit.packs) describes states and transitions and holds the guards: pure
--- functions of what the binding gathered, asked in the rule VM. A case keeps the version of the pack it started under.
---
---   service.binding = {
---     machine = "application", entity = "application",
---     lock = store.lock,            -- (id) → object | nil, SELECT … FOR UPDATE; needs state, version and id
---     find = store.find,            -- optional: (id) → the fresh object to return (default: lock)
---     facts = function(object, user, input) … end,        -- what the guards look at; input is nil in preview
---     save = function(object, to, input) … end,           -- input.user_id, input.today, input.reason, input.data
---     effects = { start_learners = function(object, ctx) … end },  -- nil, err undoes all
---     capacities = function(object, user) … end,          -- optional: {teacher = true, learner = false} beside the role
---   }
---   local application, err = workflow.fire(service.binding, id, "approve", request.user, { version = 3 })
---
--- A guard gets ctx = {object, facts, user, data, reason, action, from, to, today, now, preview} (kit.judging) and returns true, or
--- false, {code, text, field?}. In preview (which buttons to offer) data is not there yet: guards of input say true.
local access = require("kit.access")
local audit = require("kit.audit")
local clock = require("core.clock")
local context = require("kit.context")
local decision = require("kit.decision")
local errors = require("kit.errors")
local judging = require("kit.judging")
local log = require("core.log")
local outbox = require("kit.outbox")
local packs = require("kit.packs")
local store = require("kit.store")
local transaction = require("kit.transaction")
local workflow = {}

---@class kit.Binding
---@field machine string
---@field entity string
---@field series string? name under which its history is kept; where several tables share one machine, since their keys repeat
---@field lock fun(id: any): table?
---@field find (fun(id: any): table?)?
---@field facts (fun(object: table, user: kit.User, input: table): table)?
---@field save fun(object: table, to: string, input: table): any, kit.Error?
---@field effects table<string, fun(object: table, ctx: table): any, kit.Error?>?
---@field capacities (fun(object: table, user: kit.User): table<string, boolean>?)?

--- The actor of timers and automation.
workflow.SYSTEM = context.SYSTEM

local hooks = {}
local before_save -- of all machines: kit.plugin's filters

-- ---- machines

local function index_transitions(machine)
  local index = {}
  for state in pairs(machine.states) do index[state] = {} end
  machine.actions = {}
  for _, transition in ipairs(machine.transitions) do
    transition.action = transition.action or transition[1]
    machine.actions[transition.action] = machine.actions[transition.action] or transition
    for _, from in ipairs(transition.from) do
      if not index[from] then error(("action %s leaves the unknown state %s"):format(transition.action, from), 0) end
      if index[from][transition.action] then
        error(("action %s stands twice for the state %s"):format(transition.action, from), 0)
      end
      index[from][transition.action] = transition
    end
  end
  machine.index = index
end

local function normal_states(machine)
  for code, state in pairs(machine.states) do
    if type(state) == "string" then state = { label = state } end
    state.label = state.label or state[1]
    state.code, state.tone, state.final = code, state.tone or "neu", state.final or false
    machine.states[code] = state
  end
end

--- The machine of a set: its data with an index by state and action. Raises what makes it no machine.
---@param set kit.PackSet
---@return table machine {name, version, set, states, transitions, index, actions …}
function workflow.of_set(set)
  if set.machine then return set.machine end
  local machine = set.data
  machine.name, machine.version, machine.set = set.id:match("/(.+)$"), set.hash, set
  normal_states(machine)
  index_transitions(machine)
  set.machine = machine
  return machine
end

--- The machine as it is in force.
---@param name string
function workflow.machine(name)
  return workflow.of_set(packs.get("workflow/" .. name))
end

local function reachable(machine)
  local seen, queue = { [machine.initial] = true }, { machine.initial }
  while #queue > 0 do
    local state = table.remove(queue)
    for _, transition in pairs(machine.index[state] or {}) do
      if not seen[transition.to] then
        seen[transition.to] = true
        queue[#queue + 1] = transition.to
      end
    end
  end
  return seen
end

local function check_transition(machine, guards, transition, effects, faults)
  local where = ("%s.%s"):format(machine.name, transition.action)
  if not machine.states[transition.to] then faults[#faults + 1] = where .. ": leads to the unknown state " .. transition.to end
  if not transition.label then faults[#faults + 1] = where .. ": no label" end
  for _, guard in ipairs(transition.guards or {}) do
    if not guards[guard] then faults[#faults + 1] = where .. ": no guard named " .. guard end
  end
  for _, effect in ipairs(transition.effects or {}) do
    if effects and not effects[effect] then faults[#faults + 1] = where .. ": no effect named " .. effect end
  end
end

--- What is wrong with a machine: unknown guards, effects and states, states that cannot be reached, dead ends.
---@param name string
---@param effects table<string, function>? of the binding; nil: not checked
---@return string[] faults empty when all is well
function workflow.check(name, effects)
  local machine, faults = workflow.machine(name), {}
  local guards = machine.set:value("guards/" .. name) or {}
  if not machine.states[machine.initial] then faults[#faults + 1] = name .. ": unknown initial state" end
  for _, transition in ipairs(machine.transitions) do check_transition(machine, guards, transition, effects, faults) end
  local seen = reachable(machine)
  for code, state in pairs(machine.states) do
    if not seen[code] then faults[#faults + 1] = ("%s: state %s cannot be reached"):format(name, code) end
    if not state.final and next(machine.index[code]) == nil then
      faults[#faults + 1] = ("%s: state %s has no way out"):format(name, code)
    end
  end
  table.sort(faults)
  return faults
end

--- How a state looks: {code, label, tone, icon, final}. An unknown code shows itself.
---@param machine string
---@param code string
---@return table
function workflow.state(machine, code)
  local state = workflow.machine(machine).states[code]
  if state then return state end
  for _, set in ipairs(packs.known("workflow/" .. machine)) do -- a case may live under rules of the past
    state = workflow.of_set(set).states[code]
    if state then return state end
  end
  return { code = code, label = tostring(code), tone = "neu", final = false }
end

--- The label of an action, whatever state it leaves; nil when there is no such machine or action.
---@param machine string
---@param action string
---@return string?
function workflow.label(machine, action)
  for _, transition in ipairs(packs.has("workflow/" .. machine) and workflow.machine(machine).transitions or {}) do
    if transition.action == action then return transition.label end
  end
  return nil
end

-- ---- who may

local function is_own(object, user)
  if not object.person_id and not object.person_ids then return true end -- the object does not say whose it is
  if user.person_id == nil then return false end
  if object.person_id == user.person_id then return true end
  for _, person_id in ipairs(object.person_ids or {}) do
    if person_id == user.person_id then return true end
  end
  return false
end

-- Roles and capacities of the user towards the object.
local function capacities_of(machine, binding, object, user)
  local set = {}
  local grant = user.grant
  if grant then
    set[grant.role] = true
    for name in pairs(grant.sets) do set[name] = true end
  end
  for _, role in ipairs(machine.own or {}) do
    if set[role] and not is_own(object, user) then set[role] = nil end
  end
  for name, holds in pairs(binding.capacities and binding.capacities(object, user) or {}) do set[name] = holds or nil end
  return set
end

local function acting_role(transition, set)
  for _, role in ipairs(transition.by) do
    if set[role] then return role end
  end
  return nil
end

local function permission_of(machine, transition)
  if transition.permission ~= nil then return transition.permission or nil end
  return machine.permission
end

-- Who acts by his role needs the machine's permission as well, so that the region's tick boxes reach here. Capacities (one's own
-- application, one's own lesson) are rights of their own.
local function may_act(machine, transition, role, object, user)
  local permission = permission_of(machine, transition)
  if not permission or role == "system" then return true end
  for _, own in ipairs(machine.own or {}) do
    if own == role then return true end
  end
  local ok, err = access.can(user, permission, object)
  if ok then return true end
  err.code = "not_allowed"
  return nil, err
end

-- ---- firing

-- The machine a case lives under.
local function machine_of(binding, object)
  return workflow.of_set(packs.of_case("workflow/" .. binding.machine, object.id, object.organization_id))
end

local function context_of(binding, object, user, action, transition, input, is_preview)
  local ctx = {
    object = object, user = user, input = input, data = input.data or {}, reason = input.reason, action = action,
    from = object.state, to = transition.to, today = clock.date(), now = clock.local_time(clock.now()),
    preview = is_preview or false, transition = transition,
  }
  ctx.facts = input.facts or (binding.facts and binding.facts(object, user, input)) or {}
  return ctx
end

local function check_reason(transition, input)
  if not transition.reason then return true end
  if type(input.reason) == "string" and input.reason:find("%S") then return true end
  return nil, errors.rule("reason_required", "Напишите причину.", "reason_required", "reason")
end

local function refusal(machine, guard, verdict)
  verdict = verdict or {}
  local err = errors.rule(verdict.code or guard, verdict.text or "Правило не выполнено.", guard, verdict.field)
  if verdict.status then err.status = verdict.status end
  err.extra = verdict.extra or {}
  err.extra.machine = machine.name
  return err
end

-- Fails closed: a rule that cannot answer lets nobody pass.
local function broken(machine, guard, fault)
  log.error("a rule failed", { machine = machine.name, rule = guard, file = fault.file, line = fault.line, reason = fault.text })
  return false, { code = "rule_failed", text = ("Правило «%s» не сработало: %s. Сообщите администратору."):format(guard, fault.text) }
end

-- What a guard says of a context made by judging.context().
local function ask(machine, guard, given)
  local results, said = machine.set:call("guards/" .. machine.name, guard, given)
  if not results then return broken(machine, guard, said), said end
  return results[1] and true or false, results[2], said
end

-- Runs the guards in order; the record tells what each said, and where.
local function run_guards(machine, transition, ctx)
  local record = decision.new(machine, ctx.action)
  local names = transition.guards or {}
  if #names == 0 then return true, nil, record end
  local given = judging.context(machine, ctx)
  if not ctx.preview then record.inputs = given end
  for _, name in ipairs(names) do
    local ok, verdict, said = ask(machine, name, given)
    decision.add(record, name, ok, verdict, said)
    if not ok then
      judging.measure(machine, ctx.action, record, verdict)
      return nil, refusal(machine, name, verdict), record
    end
  end
  judging.measure(machine, ctx.action, record)
  return true, nil, record
end

--- What the guards say of a transition that nobody fires, at another time than now: for a past that is told (the demo). Changes nothing.
---@param machine table
---@param object table
---@param user kit.User
---@param action string
---@param input table with facts
---@param at {today: string, now: string}
---@return true? ok
---@return kit.Error? err
---@return table? record of kit.decision
function workflow.judge(machine, object, user, action, input, at)
  local transition = (machine.index[object.state] or {})[action]
  if not transition then return nil, errors.conflict("wrong_state", ("%s: %s"):format(tostring(object.state), action)) end
  local ctx = context_of({}, object, user, action, transition, input)
  ctx.today, ctx.now = at.today, at.now
  return run_guards(machine, transition, ctx)
end

--- Everything that stands in the way of an action, not only the first refusal.
---@param binding kit.Binding
---@param object table needs state; without id for what is about to be made
---@param action string
---@param user kit.User
---@param facts table
---@return {rule: string, code: string, text: string}[]
function workflow.refusals(binding, object, action, user, facts)
  local machine, found = machine_of(binding, object), {}
  local transition = (machine.index[object.state] or {})[action]
  if not transition then return found end
  local given = judging.context(machine, context_of(binding, object, user, action, transition, { facts = facts }, true))
  for _, name in ipairs(transition.guards or {}) do
    local ok, verdict = ask(machine, name, given)
    if not ok then found[#found + 1] = { rule = name, code = verdict and verdict.code or name, text = verdict and verdict.text or "" } end
  end
  return found
end

local function run_effects(binding, transition, object, ctx)
  for _, name in ipairs(transition.effects or {}) do
    local effect = binding.effects and binding.effects[name]
    if not effect then error(("binding of %s has no effect %s"):format(binding.machine, name), 0) end
    local ok, err = effect(object, ctx)
    if (ok == nil or ok == false) and err then return nil, err end
  end
  return true
end

-- Hooks of other modules run last, in the same transaction.
local function run_hooks(machine, object, ctx)
  for _, fn in ipairs(hooks[machine.name .. "." .. ctx.action] or {}) do
    local ok, err = fn(object, ctx)
    if (ok == nil or ok == false) and err then return nil, err end
  end
  return true
end

--- Lets another module take part in a transition: fn(object, ctx) runs in its transaction, after its effects; nil, err
--- refuses all. boot calls it with the `hooks` of domain modules.
---@param name string "application.enroll": machine and action
---@param fn fun(object: table, ctx: table): any, kit.Error?
function workflow.hook(name, fn)
  hooks[name] = hooks[name] or {}
  table.insert(hooks[name], fn)
end

--- Asks fn before any transition is saved, when its guards have agreed: fn(machine, object, ctx) → true | nil, err. One for all; at load.
---@param fn fun(machine: table, object: table, ctx: table): boolean?, kit.Error?
function workflow.before(fn) before_save = fn end

--- Runs the hooks of a transition that a service makes without a machine, in its transaction.
---@param name string "user_account.confirm"
---@param object table
---@return true? ok
---@return kit.Error? err
function workflow.announce(name, object)
  local machine, action = name:match("^([%w_]+)%.([%w_]+)$")
  return run_hooks({ name = machine }, object, { action = action, object = object })
end

--- Forgets all hooks (tests).
function workflow.reset_hooks()
  hooks, before_save = {}, nil
end

local function state_words(machine, code)
  return machine.states[code] and machine.states[code].label or tostring(code)
end

local function wrong_state(machine, object)
  return errors.conflict("wrong_state", ("Сейчас это невозможно: состояние «%s»."):format(state_words(machine, object.state)),
    { state = object.state, version = object.version })
end

local function not_allowed(machine, transition)
  local err = errors.forbidden("Это действие вам недоступно.", "not_allowed")
  err.permission, err.roles = permission_of(machine, transition), transition.by
  return err
end

-- Whoever may not do it in any state is told so first: a stranger does not learn the state of the object.
local function may_ever(machine, action, object, user, set)
  for _, transition in ipairs(machine.transitions) do
    local role = transition.action == action and acting_role(transition, set)
    if role and may_act(machine, transition, role, object, user) then return true end
  end
  return false
end

local function find_transition(machine, object, action, user, binding, input)
  if not machine.actions[action] then
    return nil, errors.invalid("action", "unknown_action", "Такого действия нет.")
  end
  local set = capacities_of(machine, binding, object, user)
  if not may_ever(machine, action, object, user, set) then return nil, not_allowed(machine, machine.actions[action]) end
  if input.version and object.version and input.version ~= object.version then
    return nil, errors.conflict("version_conflict", "Пока вы смотрели, данные изменились. Обновите страницу и повторите.",
      { version = object.version, state = object.state })
  end
  local transition = machine.index[object.state] and machine.index[object.state][action]
  if not transition then return nil, wrong_state(machine, object) end
  local role = acting_role(transition, set)
  if not role then return nil, not_allowed(machine, transition) end
  local ok, err = may_act(machine, transition, role, object, user)
  if not ok then return nil, err end
  return transition, nil, role
end

-- state changes: "application.approved"; it stays: "lesson.move".
local function topic_of(machine, ctx)
  return machine.name .. "." .. (ctx.from == ctx.to and ctx.action or ctx.to)
end

local function record_all(binding, machine, object, ctx, role, record)
  local event_id = store.insert_workflow_event(binding.series or machine.name, object.id, ctx.action, ctx.from, ctx.to, ctx.user.id, role,
    ctx.reason, record)
  audit.write(binding.entity .. "." .. ctx.action, binding.entity, object.id, { state = { ctx.from, ctx.to } }, ctx.reason)
  outbox.emit(topic_of(machine, ctx), ("workflow:%d"):format(event_id), {
    entity = binding.entity, id = object.id, public_id = object.public_id, action = ctx.action, from = ctx.from, to = ctx.to,
    user_id = ctx.user.id,
  })
end

local function input_of(input, user)
  local copy = {}
  for key, value in pairs(input or {}) do copy[key] = value end
  copy.user, copy.user_id, copy.today = user, user.id, clock.date()
  return copy
end

-- Kept beside what was decided, so that a dry run shows what a new rule would let through. After the answer: the transaction is undone.
local function note_refusal(binding, machine, object, ctx, role, record, err)
  log.info("refused by a rule", { machine = machine.name, action = ctx.action, rule = err.rule, code = err.code })
  local kept, inputs = decision.encode(record), decision.inputs(record)
  context.later(function()
    store.insert_refusal(binding.series or machine.name, object.id, ctx.action, ctx.from, err.code, ctx.user.id, role, kept, inputs)
  end)
end

local function fire(binding, object_id, action, user, given)
  local object = binding.lock(object_id)
  if not object then return nil, errors.not_found(binding.entity, object_id) end
  local machine = workflow.of_set(packs.pin("workflow/" .. binding.machine, object.id, object.organization_id))
  local input = input_of(given, user)
  local transition, err, role = find_transition(machine, object, action, user, binding, input)
  if not transition then return nil, err end
  local ok
  ok, err = check_reason(transition, input)
  if not ok then return nil, err end
  local ctx = context_of(binding, object, user, action, transition, input)
  local record
  ok, err, record = run_guards(machine, transition, ctx)
  if not ok then
    note_refusal(binding, machine, object, ctx, role, record, err)
    return nil, err
  end
  ctx.role = role
  if before_save then
    ok, err = before_save(machine, object, ctx)
    if not ok then return nil, err end
  end
  ok, err = binding.save(object, transition.to, input)
  if (ok == nil or ok == false) and err then return nil, err end
  record_all(binding, machine, object, ctx, role, record)
  ok, err = run_effects(binding, transition, object, ctx)
  if ok then ok, err = run_hooks(machine, object, ctx) end
  if not ok then return nil, err end
  return (binding.find or binding.lock)(object_id)
end

--- Fires an action in one transaction (that of the caller when there is one): lock, version, state, role, guards,
--- save, effects, workflow_event, audit, outbox. Returns the fresh object.
---@param binding kit.Binding
---@param object_id any
---@param action string
---@param user kit.User
---@param input {reason: string?, data: table?, version: integer?, ip: string?}?
---@return table? object
---@return kit.Error? err 404 not_found · 409 version_conflict, wrong_state · 403 not_allowed · 422 reason_required or a guard's code
function workflow.fire(binding, object_id, action, user, input)
  return transaction.run(function() return fire(binding, object_id, action, user, input) end)
end

local function preview(machine, binding, object, user, transition, facts)
  local ctx = context_of(binding, object, user, transition.action, transition, { facts = facts }, true)
  local ok, err = run_guards(machine, transition, ctx)
  return {
    action = transition.action, label = transition.label, to = transition.to, allowed = ok == true,
    why = err and err.text, rule = err and err.rule, code = err and err.code,
    documents = transition.documents, reason_required = transition.reason or false, icon = transition.icon,
    tone = transition.tone, confirm = transition.confirm,
  }
end

local function may_press(machine, transition, object, user, set)
  local role = acting_role(transition, set)
  return role ~= nil and may_act(machine, transition, role, object, user) ~= nil
end

--- What the user may do now: buttons. Actions of other roles are left out; those that a guard refuses come with `why`.
---@param binding kit.Binding|string binding, or the name of a machine when no binding is at hand
---@param object table needs state
---@param user kit.User
---@param facts table? what the guards look at; default: binding.facts
---@return table[] actions {action, label, to, allowed, why, rule, reason_required}
function workflow.actions(binding, object, user, facts)
  if type(binding) == "string" then binding = { machine = binding } end
  local machine, list = machine_of(binding, object), {}
  local set = capacities_of(machine, binding, object, user)
  for _, transition in ipairs(machine.transitions) do
    if machine.index[object.state] and machine.index[object.state][transition.action] == transition
      and may_press(machine, transition, object, user, set) then
      if not facts and binding.facts then facts = binding.facts(object, user) end
      list[#list + 1] = preview(machine, binding, object, user, transition, facts or {})
    end
  end
  return list
end

--- What others, or the platform itself, may do now and the user may not, so that nobody wonders where a button is.
---@param binding kit.Binding
---@param object table
---@param user kit.User
---@return {action: string, label: string, to: string, by: string[], permission: string?, conditions: string[]}[]
function workflow.others(binding, object, user)
  local machine, list = machine_of(binding, object), {}
  local set = capacities_of(machine, binding, object, user)
  for _, transition in ipairs(machine.transitions) do
    if machine.index[object.state] and machine.index[object.state][transition.action] == transition
      and not may_press(machine, transition, object, user, set) then
      local conditions = {}
      for index, guard in ipairs(transition.guards or {}) do conditions[index] = machine.conditions and machine.conditions[guard] or guard end
      list[#list + 1] = { action = transition.action, label = transition.label, to = state_words(machine, transition.to), by = transition.by,
        permission = acting_role(transition, set) and permission_of(machine, transition) or nil, conditions = conditions }
    end
  end
  return list
end

--- The timeline of an object: rows of workflow_event with the words of the machine.
---@param machine string
---@param object_id integer
---@param series string? of the binding, where several tables share the machine
---@return table[] events {at, action, label, from, to, state, role, reason, who, decision} kit.because says why
function workflow.history(machine, object_id, series)
  local known = workflow.machine(machine)
  local events = store.workflow_events(series or machine, object_id)
  for _, event in ipairs(events) do
    event.state = workflow.state(machine, event.to_state)
    local transition = known.index[event.from_state] and known.index[event.from_state][event.action] or known.actions[event.action]
    event.label = transition and transition.label or event.action
  end
  return events
end

return workflow
