-- Runs inside the rule VM as the chunk effective.lua: lays the layers of a pack over each other. `plan` (generated) says
-- {base = {module…}, layers = {{name =, modules = {[base module] = module of the layer}}…}, main = module, kind = "workflow"}.
-- An upper file returns only what it changes, or the lower table itself, changed. What it touched must be marked
-- `overridable` by the lower main file. The result: {faults = {…}, origin = {path → layer}}.
local plan = require("plan")

local function key_of(transition)
  return transition.name or transition.action or transition[1]
end

local function copy(value, depth)
  if type(value) ~= "table" or depth == 0 then return value end
  local made = {}
  for key, item in pairs(value) do made[key] = copy(item, depth - 1) end
  return made
end

local function is_array(value)
  return type(value) == "table" and (value[1] ~= nil or next(value) == nil)
end

local function equal(a, b)
  if a == b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- Without a name of its own the second of an action is a thing of its own: "approve_2".
local function by_key(list)
  local found = {}
  for _, transition in ipairs(list or {}) do
    local key, count = key_of(transition), 1
    while found[count == 1 and key or key .. "_" .. count] do count = count + 1 end
    found[count == 1 and key or key .. "_" .. count] = transition
  end
  return found
end

local function overlay_transitions(base, upper)
  local known = by_key(base)
  for _, change in ipairs(upper) do
    local lower = known[key_of(change)]
    if change.remove then
      for index = #base, 1, -1 do
        if base[index] == lower then table.remove(base, index) end
      end
    elseif lower then
      for field, value in pairs(change) do lower[field] = value end
    else
      base[#base + 1] = change
    end
  end
end

local function as_table(state)
  return type(state) == "string" and { state } or state
end

local function overlay_states(base, upper)
  for code, given in pairs(upper) do
    local state, former = as_table(given), as_table(base[code])
    if state.remove then
      base[code] = nil
    elseif former then
      for field, item in pairs(state) do former[field] = item end
      base[code] = former
    else
      base[code] = state
    end
  end
end

local function is_map(value)
  return type(value) == "table" and not is_array(value)
end

local BY_NAME = { transitions = overlay_transitions, states = overlay_states }

local function overlay(base, upper)
  for key, value in pairs(upper) do
    local lower = base[key]
    local special = plan.kind == "workflow" and type(lower) == "table" and BY_NAME[key]
    if special then special(lower, value)
    elseif is_map(value) and is_map(lower) then overlay(lower, value)
    else base[key] = value end
  end
end

-- ---- what was touched

local function flatten(value, path, into, depth)
  if type(value) ~= "table" or is_array(value) and depth > 0 or depth > 3 then
    into[path] = value
    return
  end
  for key, item in pairs(value) do flatten(item, path == "" and tostring(key) or path .. "." .. tostring(key), into, depth + 1) end
end

local function fields_of(entry, path, into)
  if type(entry) ~= "table" then entry = { entry } end
  for field, value in pairs(entry) do
    local name = field == 1 and "label" or tostring(field)
    if not (field == 1 and entry.action) then into[path .. "." .. name] = value end
  end
end

local function paths_of(module, value)
  local into = {}
  if plan.kind == "workflow" and module == plan.main then
    for key, item in pairs(value) do
      if key == "states" then for code, state in pairs(item) do fields_of(state, "states." .. code, into) end
      elseif key == "transitions" then
        for name, transition in pairs(by_key(item)) do
          local flat = copy(transition, 1)
          flat[1], flat.action = nil, transition.action or transition[1]
          fields_of(flat, "transitions." .. name, into)
        end
      elseif key == "reads" or key == "conditions" then flatten(item, key, into, 1)
      else into[tostring(key)] = item end
    end
  elseif plan.kind == "workflow" then
    for name, guard in pairs(value) do into["guards." .. tostring(name)] = guard end
  else
    flatten(value, "", into, 0)
  end
  return into
end

local function matches(pattern, path)
  local rest = path
  for part in pattern:gmatch("[^%.]+") do
    local head = rest:match("^[^%.]+")
    if not head or (part ~= "*" and part ~= head) then return false end
    rest = rest:sub(#head + 2)
  end
  return true
end

-- A guard that the lower main file names in `law` stays as it is, whatever its `overridable` says of guards.
local function is_overridable(patterns, path)
  if patterns.law[path] then return false end
  for _, pattern in ipairs(patterns) do
    if matches(pattern, path) then return true end
  end
  return false
end

local result = { faults = {}, origin = {} }

local function has(list, wanted)
  for _, item in ipairs(type(list) == "table" and list or {}) do
    if item == wanted then return true end
  end
  return false
end

-- A guard that may not be changed may not be left out either.
local function keeps_guards(path, before, after, patterns)
  local name = path:match("^transitions%.([^%.]+)%.guards$")
  if not name or after["transitions." .. name .. ".to"] == nil then return true end
  for _, guard in ipairs(type(before) == "table" and before or {}) do
    if not is_overridable(patterns, "guards." .. guard) and not has(after[path], guard) then return false end
  end
  return true
end

-- New guards, what they look at and how they are called change nothing of what is below.
local NEW = { guards = true, reads = true, conditions = true }

local function is_allowed(path, before, after, patterns)
  if before[path] == nil and NEW[path:match("^%w+")] then return true end
  return is_overridable(patterns, path) and keeps_guards(path, before[path], after, patterns)
end

local function compare(layer, before, after, patterns)
  local touched = {}
  for path, value in pairs(after) do
    if before[path] == nil or not equal(before[path], value) then touched[#touched + 1] = path end
  end
  for path in pairs(before) do
    if after[path] == nil then touched[#touched + 1] = path end
  end
  table.sort(touched)
  for _, path in ipairs(touched) do
    result.origin[path] = layer
    if not is_allowed(path, before, after, patterns) then
      result.faults[#result.faults + 1] = { layer = layer, path = path, is_new = before[path] == nil }
    end
  end
end

for _, layer in ipairs(plan.layers) do
  for _, module in ipairs(plan.base) do
    local upper_name = layer.modules[module]
    if upper_name then
      local base = require(module)
      local patterns = copy(require(plan.main).overridable or {}, 1)
      patterns.law = {}
      for _, guard in ipairs(require(plan.main).law or {}) do patterns.law["guards." .. guard] = true end
      local before = paths_of(module, copy(base, 4))
      local upper = require(upper_name)
      if type(upper) ~= "table" then error("the file must return a table", 0) end
      if upper ~= base then overlay(base, upper) end
      compare(layer.name, before, paths_of(module, base), patterns)
    end
  end
end

return result
