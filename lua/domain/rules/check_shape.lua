--- Is the table of a workflow of the right shape? Names, types, what refers to what.
local roles = require("kit.roles")
local check_shape = {}

local STATE = { label = "string", tone = "string", icon = "string", final = "boolean", hint = "string" }
local TRANSITION = { action = "string", name = "string", from = "table", to = "string", by = "table", label = "string", icon = "string", tone = "string",
  guards = "table", effects = "table", guard_text = "string", permission = "any", reason = "boolean", confirm = "string" }
local MACHINE = { title = "string", initial = "string", own = "table", permission = "any", overridable = "table", reads = "table", states = "table",
  transitions = "table", law = "table", conditions = "table", roles = "table", series = "any" }
local TONES = { neu = true, info = true, ok = true, warn = true, bad = true, vio = true, brand = true }
local WORDS = { string = "текст", boolean = "true или false", table = "список" }

local function check_fields(entry, known, path, say)
  for field, value in pairs(entry) do
    local wanted = known[field]
    if not wanted then say("error", "unknown_field", path .. "." .. tostring(field), ("Поля «%s» здесь не бывает."):format(tostring(field)))
    elseif wanted ~= "any" and type(value) ~= wanted then
      say("error", "wrong_type", path .. "." .. field, ("Поле «%s»: нужно значение вида «%s»."):format(field, WORDS[wanted]))
    end
  end
end

local function check_state(code, given, say)
  local path, state = "states." .. tostring(code), given
  if type(given) == "string" then state = { label = given } end
  if type(code) ~= "string" or not code:find("^[a-z][a-z0-9_]*$") or #code > 40 then
    say("error", "bad_code", path, ("Код состояния «%s»: строчные латинские буквы, цифры и «_», не длиннее 40 знаков."):format(tostring(code)))
  end
  if type(state) ~= "table" then return say("error", "wrong_type", path, "Состояние — название или таблица с названием.") end
  local named = {}
  for field, value in pairs(state) do named[field == 1 and "label" or field] = value end
  check_fields(named, STATE, path, say)
  if type(named.label) ~= "string" or not named.label:find("%S") then say("error", "no_label", path, ("У состояния «%s» нет названия."):format(code)) end
  if named.tone and not TONES[named.tone] then say("error", "bad_tone", path .. ".tone", ("Цвета «%s» нет."):format(tostring(named.tone))) end
end

-- Names of a list, or nothing when it is none.
local function names_of(list)
  if type(list) ~= "table" then return {} end
  local names = {}
  for index, name in ipairs(list) do names[index] = tostring(name) end
  return names
end

--- Roles and capacities that a `by` of this machine may name: roles of the region, and what the lower layers already use.
local function actors_of(look)
  local known = { system = true }
  for code in pairs(roles.state().by_code) do known[code] = true end
  for _, transition in ipairs(look.below and look.below.data.transitions or {}) do
    for _, name in ipairs(names_of(transition.by)) do known[name] = true end
  end
  return known
end

local function check_actors(look, transition, path, known, say)
  local list, may = names_of(transition.by), false
  for _, name in ipairs(list) do
    if known[name] then may = true else say("error", "unknown_role", path .. ".by", ("Роли «%s» нет."):format(name)) end
  end
  if not may then
    say("error", "nobody_may", path .. ".by", ("Переход «%s» не может сделать никто: в by нет ни одной роли."):format(transition.label or look.key))
  end
end

local function check_names(list, known, path, code, words, say)
  for _, name in ipairs(names_of(list)) do
    if not known[name] then say("error", code, path, words:format(name)) end
  end
end

-- Effects are code of the platform: a layer may use those that the machine below has.
local function effects_of(look)
  local known = {}
  for _, transition in ipairs((look.below or look.set).data.transitions or {}) do
    for _, name in ipairs(names_of(transition.effects)) do known[name] = true end
  end
  return known
end

local function check_transition(look, key, transition, known, say)
  local path, named = "transitions." .. key, {}
  look.key = key
  for field, value in pairs(transition) do named[field == 1 and "action" or field] = value end
  check_fields(named, TRANSITION, path, say)
  if type(named.action) ~= "string" or not named.action:find("^[a-z][a-z0-9_]*$") then say("error", "bad_code", path, "У перехода нет кода действия.") end
  if type(named.label) ~= "string" then say("error", "no_label", path, ("У перехода «%s» нет названия (label)."):format(key)) end
  local from = names_of(named.from)
  if #from == 0 then say("error", "no_from", path, ("Переход «%s» не выходит ни из одного состояния (from)."):format(key)) end
  check_names(from, look.set.data.states or {}, path .. ".from", "unknown_state", "Переход выходит из состояния «%s», которого нет.", say)
  check_names({ named.to }, look.set.data.states or {}, path .. ".to", "unknown_state", "Переход ведёт в состояние «%s», которого нет.", say)
  if named.to == nil then say("error", "no_to", path, ("Переход «%s» никуда не ведёт (to)."):format(key)) end
  check_names(named.guards, known.guards, path .. ".guards", "unknown_guard", "Условия «%s» нет в файле условий.", say)
  check_names(named.effects, known.effects, path .. ".effects", "unknown_effect", "Последствия «%s» платформа не знает.", say)
  check_actors(look, named, path, known.actors, say)
end

local function check_twice(transitions, keys, say)
  local seen = {}
  for index, transition in ipairs(transitions) do
    for _, from in ipairs(names_of(transition.from)) do
      local at = from .. " " .. tostring(transition.action or transition[1])
      if seen[at] then
        say("error", "twice", "transitions." .. keys[index], ("Действие «%s» из состояния «%s» описано дважды."):format(
          tostring(transition.action or transition[1]), from))
      end
      seen[at] = true
    end
  end
end

--- Names by which transitions go: as the layers name them.
---@param transitions table[]
---@return string[] keys in their order
function check_shape.keys(transitions)
  local keys, seen = {}, {}
  for index, transition in ipairs(transitions) do
    local name = tostring(transition.name or transition.action or transition[1])
    local key, count = name, 1
    while seen[key] do
      count = count + 1
      key = name .. "_" .. count
    end
    seen[key], keys[index] = true, key
  end
  return keys
end

--- Finds what is not as it should be. False when the table is so far off that nothing else can be asked of it.
---@param look table of statics
---@param say fun(severity: string, code: string, path: string, text: string)
---@return boolean is_sound
function check_shape.run(look, say)
  local data, is_sound = look.set.data, true
  local function tell(severity, ...)
    if severity == "error" then is_sound = false end
    say(severity, ...)
  end
  check_fields(data, MACHINE, "", function(severity, code, path, text) tell(severity, code, path:sub(2), text) end)
  if type(data.states) ~= "table" or type(data.transitions) ~= "table" then return false end
  if not data.states[data.initial] then tell("error", "unknown_state", "initial", ("Начального состояния «%s» нет."):format(tostring(data.initial))) end
  for code, state in pairs(data.states) do check_state(code, state, tell) end
  local known = { guards = look.set:value("guards/" .. look.name) or {}, effects = effects_of(look), actors = actors_of(look) }
  local keys = check_shape.keys(data.transitions)
  for index, transition in ipairs(data.transitions) do check_transition(look, keys[index], transition, known, tell) end
  check_twice(data.transitions, keys, tell)
  return is_sound
end

return check_shape
