--- What is wrong with a machine whose parts are all in order: states that nobody reaches, states that nobody leaves, and the law.
---
--- The law: a guard that the layer below does not let be overridden must stand wherever it stood. Two things follow. Whatever leads into
--- a state carries the legal guards that every way into it carried below. And every path from the beginning to a state passes the legal
--- guards that every such path passed below; otherwise a new way around a consent or an order would do what a removed guard may not.
local paths = require("kit.pack.paths")
local check_machine = {}

-- States that some path reaches: as a set, and in order of their distance.
local function reachable(data)
  local seen, queue, at = { [data.initial] = true }, { data.initial }, 1
  while queue[at] do
    local state = queue[at]
    at = at + 1
    for _, transition in ipairs(data.transitions) do
      for _, from in ipairs(transition.from) do
        if from == state and not seen[transition.to] then
          seen[transition.to] = true
          queue[#queue + 1] = transition.to
        end
      end
    end
  end
  return seen, queue
end

local function label_of(data, code)
  local state = data.states[code]
  return type(state) == "table" and (state.label or state[1]) or type(state) == "string" and state or code
end

local function is_final(state) return type(state) == "table" and state.final == true end

local function leaves(data)
  local has = {}
  for _, transition in ipairs(data.transitions) do
    for _, from in ipairs(transition.from) do has[from] = true end
  end
  return has
end

local function check_ways(data, say)
  local seen, has_exit = reachable(data), leaves(data)
  for code, state in pairs(data.states) do
    local words = label_of(data, code)
    if not seen[code] then say("error", "unreachable", "states." .. code, ("В состояние «%s» не ведёт ни один путь."):format(words)) end
    if not is_final(state) and not has_exit[code] then
      say("error", "dead_end", "states." .. code, ("Из состояния «%s» нет выхода, а оно не конечное (final)."):format(words))
    end
    if is_final(state) and has_exit[code] then
      say("warning", "final_leaves", "states." .. code, ("Состояние «%s» отмечено конечным, но из него есть выход."):format(words))
    end
  end
end

-- ---- the law

--- Guards that the layers above may not change.
---@param data table of the layers below
---@param guards table<string, any>
---@return table<string, boolean>
function check_machine.legal(data, guards)
  local legal, law = {}, {}
  for _, name in ipairs(data.law or {}) do law[name] = true end
  for name in pairs(guards) do
    legal[name] = true
    for _, pattern in ipairs(data.overridable or {}) do
      if paths.matches(pattern, "guards." .. name) and not law[name] then legal[name] = nil end
    end
  end
  return legal
end

local function legal_guards(transition, legal)
  local set = {}
  for _, name in ipairs(transition.guards or {}) do set[name] = legal[name] end
  return set
end

local function intersect(a, b)
  if not a then return b end
  local both = {}
  for name in pairs(a) do both[name] = b[name] end
  return both
end

-- By state: legal guards on every transition into it.
local function at_the_door(data, legal)
  local doors = {}
  for _, transition in ipairs(data.transitions) do
    local is_move = #transition.from > 1 or transition.from[1] ~= transition.to
    if is_move then doors[transition.to] = intersect(doors[transition.to], legal_guards(transition, legal)) end
  end
  return doors
end

local function count(set)
  local n = 0
  for _ in pairs(set) do n = n + 1 end
  return n
end

-- By state: legal guards on every path from the beginning. The greatest solution: sets only shrink.
local function on_every_path(data, legal)
  local passed = { [data.initial] = {} }
  repeat
    local has_changed = false
    for _, transition in ipairs(data.transitions) do
      for _, from in ipairs(transition.from) do
        if passed[from] and transition.to ~= data.initial then
          local here = legal_guards(transition, legal)
          for name in pairs(passed[from]) do here[name] = true end
          local former = passed[transition.to]
          local now = intersect(former, here)
          if not former or count(now) < count(former) then
            passed[transition.to], has_changed = now, true
          end
        end
      end
    end
  until not has_changed
  return passed
end

local function missing(wanted, held)
  local names = {}
  for name in pairs(wanted or {}) do
    if not (held or {})[name] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function tell_once(look, lacks)
  local is_new = false
  for _, name in ipairs(lacks) do
    is_new = is_new or not look.told[name]
    look.told[name] = true
  end
  return is_new
end

local function check_doors(look, legal, keys, say)
  local doors = at_the_door(look.below.data, legal)
  for index, transition in ipairs(look.set.data.transitions) do
    local is_move = #transition.from > 1 or transition.from[1] ~= transition.to
    local lacks = is_move and missing(doors[transition.to], legal_guards(transition, legal)) or {}
    if #lacks > 0 then
      tell_once(look, lacks)
      say("error", "law", "transitions." .. keys[index], ("Переход «%s» ведёт в состояние «%s» без условия, которого требует закон: %s."):format(
        transition.label, label_of(look.set.data, transition.to), table.concat(lacks, ", ")))
    end
  end
end

-- States nearest to the beginning first: a hole is told where it begins, not at every state behind it.
local function check_paths(look, legal, say)
  local below, now = on_every_path(look.below.data, legal), on_every_path(look.set.data, legal)
  local _, order = reachable(look.set.data)
  for _, code in ipairs(order) do
    local lacks = below[code] and now[code] and missing(below[code], now[code]) or {}
    if #lacks > 0 and tell_once(look, lacks) then
      say("error", "law_path", "states." .. code, ("В состояние «%s» появился путь в обход условий, которых требует закон: %s."):format(
        label_of(look.set.data, code), table.concat(lacks, ", ")))
    end
  end
end

--- Finds dead ends and ways around the law.
---@param look table of statics; `below` is the set of the lower layers
---@param keys string[] names of the transitions
---@param say fun(severity: string, code: string, path: string, text: string)
function check_machine.run(look, keys, say)
  check_ways(look.set.data, say)
  if not look.below then return end
  local legal = check_machine.legal(look.below.data, look.below:value("guards/" .. look.name) or {})
  look.told = {}
  check_doors(look, legal, keys, say)
  check_paths(look, legal, say)
end

return check_machine
