--- A machine in words: its states and transitions in the order of a case's life, who may what, which conditions stand, and where
--- each came from. Pure; for the diagram, the lists beside it and the forms.
local diagram = require("kit.diagram")
local roles = require("kit.roles")
local flow = {}

flow.LAYERS = { product = "поставка", region = "папка региона", published = "изменено регионом", organization = "изменено организацией" }
flow.TONES = {
  { value = "neu", label = "Серый: ждёт или в прошлом" }, { value = "info", label = "Голубой: новое" }, { value = "vio", label = "Фиолетовый: рассматривают" },
  { value = "warn", label = "Жёлтый: нужен шаг человека" }, { value = "ok", label = "Зелёный: удалось" }, { value = "brand", label = "Синий: идёт" },
  { value = "bad", label = "Красный: отказ" },
}

-- Who may act beside roles: capacities of the machines' bindings.
local CAPACITIES = { system = "Платформа, сама", learner = "Слушатель" }

--- The name of a role, a set or a capacity.
---@param code string
---@return string
function flow.role_name(code)
  if code == "system" then return CAPACITIES.system end
  local role = roles.state().by_code[code]
  return role and role.name or CAPACITIES[code] or code
end

--- Keys of transitions as layers name them: the name, or the action; the second of an action without a name is "approve_2".
---@param transitions table[]
---@return string[] keys in order
function flow.keys(transitions)
  local keys, taken = {}, {}
  for index, transition in ipairs(transitions) do
    local base, count = transition.name or transition.action or transition[1], 1
    local key = base
    while taken[key] do
      count = count + 1
      key = base .. "_" .. count
    end
    keys[index], taken[key] = key, true
  end
  return keys
end

-- Codes of states as the transitions name them, then the rest by the alphabet: a map has no order of its own.
local function as_named(machine)
  local codes, seen, rest = {}, {}, {}
  local function add(code)
    if machine.states[code] and not seen[code] then codes[#codes + 1], seen[code] = code, true end
  end
  add(machine.initial)
  for _, transition in ipairs(machine.transitions) do
    for _, from in ipairs(transition.from) do add(from) end
    add(transition.to)
  end
  for code in pairs(machine.states) do
    if not seen[code] then rest[#rest + 1] = code end
  end
  table.sort(rest)
  return table.move(rest, 1, #rest, #codes + 1, codes)
end

--- Codes of states as a case meets them.
---@param machine table
---@return string[]
function flow.order(machine)
  local graph = { start = machine.initial, nodes = {}, arrows = {} }
  for index, code in ipairs(as_named(machine)) do graph.nodes[index] = { id = code } end
  for index, transition in ipairs(machine.transitions) do
    graph.arrows[index] = { id = tostring(index), from = transition.from, to = transition.to }
  end
  return diagram.order(graph)
end

--- The layer that changed a thing last: of all values below a path.
local function origin_of(set, prefix)
  local found
  for path, layer in pairs(set.origin or {}) do
    if path:sub(1, #prefix) == prefix and (not found or layer == "organization" or layer == "published") then found = layer end
  end
  return found or "product"
end

--- What a condition asks, in words.
---@param machine table
---@param guard string
---@return string
function flow.condition(machine, guard)
  return machine.conditions and machine.conditions[guard] or guard
end

local function labels(machine, codes)
  local list = {}
  for index, code in ipairs(codes) do list[index] = machine.states[code] and machine.states[code].label or code end
  return list
end

local function names(codes)
  local list = {}
  for index, code in ipairs(codes or {}) do list[index] = flow.role_name(code) end
  return list
end

local function conditions(machine, guards)
  local list = {}
  for index, guard in ipairs(guards or {}) do list[index] = { rule = guard, text = flow.condition(machine, guard) } end
  return list
end

--- A transition for people.
---@return table {key, action, label, from, from_labels, to, to_label, who, conditions, reason, origin, given}
function flow.transition(machine, transition, key)
  return {
    key = key, action = transition.action or transition[1], label = transition.label or key, from = transition.from,
    from_labels = labels(machine, transition.from), to = transition.to, to_label = labels(machine, { transition.to })[1],
    who = names(transition.by), conditions = conditions(machine, transition.guards), reason = transition.reason or false, tone = transition.tone,
    origin = origin_of(machine.set, "transitions." .. key .. "."), given = transition,
  }
end

--- All of a machine.
---@param machine table of workflow.of_set
---@return table flow {states = {{code, label, tone, icon, is_final, is_initial, origin, into, out}}, transitions, state = by code, transition = by key}
function flow.of(machine)
  local made = { states = {}, transitions = {}, state = {}, transition = {} }
  for index, code in ipairs(flow.order(machine)) do
    local given = machine.states[code]
    local state = { code = code, label = given.label, tone = given.tone, icon = given.icon, is_final = given.final, is_initial = code == machine.initial,
      origin = origin_of(machine.set, "states." .. code .. "."), into = {}, out = {} }
    made.states[index], made.state[code] = state, state
  end
  for index, key in ipairs(flow.keys(machine.transitions)) do
    local one = flow.transition(machine, machine.transitions[index], key)
    made.transitions[index], made.transition[key] = one, one
    for _, from in ipairs(one.from) do
      if made.state[from] then table.insert(made.state[from].out, one) end
    end
    if made.state[one.to] then table.insert(made.state[one.to].into, one) end
  end
  return made
end

local function is_own(origin) return origin == "published" or origin == "organization" end

--- The graph for kit.diagram; every state and transition leads to its page.
---@param made table of flow.of
---@param link fun(path: string): string address of a page of the pack
---@param current string? "states/draft" or "transitions/submit": shown as chosen
function flow.graph(made, link, current)
  local graph = { nodes = {}, arrows = {} }
  for index, state in ipairs(made.states) do
    if state.is_initial then graph.start = state.code end
    graph.nodes[index] = { id = state.code, label = state.label, tone = state.tone, is_final = state.is_final, is_new = is_own(state.origin),
      is_current = current == "states/" .. state.code, href = link("/states/" .. state.code),
      about = ("Состояние «%s»%s"):format(state.label, state.is_final and ", конечное" or "") }
  end
  graph.start = graph.start or (made.states[1] and made.states[1].code)
  for index, one in ipairs(made.transitions) do
    graph.arrows[index] = { id = one.key, label = one.label, from = one.from, to = one.to, tone = one.tone, is_new = is_own(one.origin),
      is_current = current == "transitions/" .. one.key, href = link("/transitions/" .. one.key),
      about = ("Переход «%s»: из %s в «%s»"):format(one.label, "«" .. table.concat(one.from_labels, "», «") .. "»", one.to_label or one.to) }
  end
  return graph
end

return flow
