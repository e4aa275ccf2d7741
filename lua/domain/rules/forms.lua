--- Changes of a process by forms, for those who do not program: each writes the draft's text, only what differs from the layers below.
local desk = require("domain.rules.desk")
local drafts = require("domain.rules.drafts")
local errors = require("kit.errors")
local flow = require("domain.rules.flow")
local layers = require("domain.rules.layers")
local Sheet = require("kit.pack.sheet")
local slug = require("kit.slug")
local workflow = require("kit.workflow")
local forms = {}

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return (a or false) == (b or false) end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- ---- writing the draft

local SECTION_WORDS = { states = "состояние", transitions = "переход" }
local FIELD_OF = { ["states.label"] = "label", ["states.tone"] = "tone", ["states.final"] = "final", ["transitions.by"] = "by",
  ["transitions.guards"] = "guards", ["transitions.from"] = "from", ["transitions.to"] = "to", ["transitions.label"] = "label" }

-- The lower layers forbid it: beside its field where it has one.
local function trespass_error(fault)
  local section, field = fault.path:match("^(%w+)%.[^%.]+%.?([%w_]*)$")
  local text = ("Это менять нельзя: %s «%s» задано слоем ниже%s."):format(SECTION_WORDS[section] or "значение", fault.path,
    field == "guards" and " (условие закреплено законом или поставкой)" or "")
  return errors.invalid(FIELD_OF[(section or "") .. "." .. (field or "")] or "label", "not_overridable", text)
end

-- Builds what the texts make; a draft that forms write always works.
local function try(made, files)
  local set, err = layers.build(made.id, made.organization_id, files)
  if not set then return nil, errors.new(422, "rules_broken", err.text) end
  local fault = set.faults[1]
  local is_machine, machine = pcall(workflow.of_set, set)
  set:close()
  if fault then return nil, trespass_error(fault) end
  if not is_machine then return nil, errors.new(422, "rules_broken", tostring(machine)) end
  return true
end

local function save(user, made, text, version)
  local files = {}
  for part, known in pairs(made.files) do files[part] = known end
  files[made.part] = text:find("[^%s]") and text ~= "return {\n}\n" and text or nil
  local ok, err = try(made, files)
  if not ok then return nil, err end
  return drafts.save(user, made.id, { organization_id = made.organization_id, files = files, version = version })
end

local function sheet_error(fault) return errors.new(422, "not_editable", fault.text, { extra = { line = fault.line } }) end

-- What the layer must say so that the entry becomes as wanted: nothing where the layers below say the same.
local function difference(wanted, lower)
  local entry, has_any = {}, false
  for field, value in pairs(wanted) do
    if not lower or not equal(value, lower[field]) then
      entry[field], has_any = value, true
    end
  end
  return has_any and entry or nil
end

-- Writes one entry into a text.
local function write(text, section, key, wanted, lower)
  local sheet, fault = Sheet.open(text)
  if not sheet then return nil, sheet_error(fault) end
  local entry = difference(wanted, lower)
  if not entry then
    text, fault = sheet:drop(section, key)
  else
    if lower and section == "transitions" then
      entry[1] = lower.action or lower[1]
      if key ~= entry[1] then entry.name = key end
    end
    text, fault = sheet:put(section, key, entry)
  end
  if not text then return nil, sheet_error(fault) end
  return text
end

-- Own words that no form asks for (effects, permission) stay.
local function own_entry(text, section, key)
  local sheet, fault = Sheet.open(text)
  if not sheet then return nil, sheet_error(fault) end
  local entry
  entry, fault = sheet:entry(section, key)
  if fault then return nil, sheet_error(fault) end
  return desk.entry_of(entry) or {}
end

local function merge(...)
  local made = {}
  for index = 1, select("#", ...) do
    for key, value in pairs((select(index, ...)) or {}) do made[key] = value end
  end
  return made
end

-- ---- names

local function code_of(label, taken, default)
  local base = slug.of(label):gsub("%-", "_"):sub(1, 30):gsub("_+$", "")
  if not base:find("^[a-z]") then base = default .. (base ~= "" and "_" .. base or "") end
  local code, count = base, 1
  while taken[code] do
    count = count + 1
    code = base .. "_" .. count
  end
  return code
end

local function check_label(made, label, code)
  for _, state in ipairs(made.flow.states) do
    if state.label == label and state.code ~= code then
      return nil, errors.invalid("label", "taken", ("Состояние «%s» уже есть. Назовите это иначе."):format(label))
    end
  end
  return true
end

-- ---- states

local function state_entry(input) return { input.label, tone = input.tone, icon = input.icon, final = input.final or false } end

-- What is new need not say what it is not.
local function without_falses(entry)
  for field, value in pairs(entry) do
    if value == false then entry[field] = nil end
  end
  return entry
end

local function open(user, id, input)
  local made, err = desk.open(user, id, input.organization_id)
  if not made then return nil, err end
  if not made.draft then return nil, errors.forbidden("Менять правила вам не поручено.") end
  if made.fault then
    return nil, errors.new(422, "not_editable", "Черновик не работает, сначала исправьте его в редакторе. " .. made.fault.text)
  end
  return made
end

-- The way into a new state and the ways on from it.
local function join(made, text, code, input)
  local taken = {}
  for _, transition in ipairs(made.flow.transitions) do taken[transition.key] = true end
  local key = code_of(input.in_label, taken, "go")
  local err
  text, err = write(text, "transitions", key, { key, from = input.in_from, to = code, by = input.in_by, label = input.in_label })
  if not text then return nil, err end
  for _, out in ipairs(input.out or {}) do
    local known = made.flow.transition[out]
    if known then
      local from = input.out_only and {} or table.move(known.from, 1, #known.from, 1, {})
      from[#from + 1] = code
      local own
      own, err = own_entry(text, "transitions", out)
      if not own then return nil, err end
      local lower = desk.entry_of(made.below_transitions[out])
      text, err = write(text, "transitions", out, merge(lower, own, { from = from }), lower)
      if not text then return nil, err end
    end
  end
  return text
end

--- Adds a state with the way into it and the ways on.
---@param input table of fields.NEW_STATE and {version, organization_id}
---@return table? draft {version}, with `code`
---@return kit.Error? err
function forms.add_state(user, id, input)
  local made, err = open(user, id, input)
  if not made then return nil, err end
  local ok
  ok, err = check_label(made, input.label)
  if not ok then return nil, err end
  local code = input.code or code_of(input.label, made.machine.states, "state")
  if made.machine.states[code] then return nil, errors.invalid("code", "taken", ("Код «%s» уже занят."):format(code)) end
  if not input.final and #(input.out or {}) == 0 then
    return nil, errors.invalid("out", "dead_end", "Выберите, куда дальше, или отметьте состояние конечным: иначе дело в нём застрянет.")
  end
  local text
  text, err = write(made.files[made.part], "states", code, without_falses(state_entry(input)))
  if text then text, err = join(made, text, code, input) end
  if not text then return nil, err end
  local draft
  draft, err = save(user, made, text, input.version)
  if draft then draft.code = code end
  return draft, err
end

--- Renames a state, changes its tone and icon.
---@return table? draft
---@return kit.Error? err
function forms.change_state(user, id, code, input)
  local made, err = open(user, id, input)
  if not made then return nil, err end
  if not made.machine.states[code] then return nil, errors.not_found("page", code) end
  local ok, own, text
  ok, err = check_label(made, input.label, code)
  if not ok then return nil, err end
  own, err = own_entry(made.files[made.part], "states", code)
  if not own then return nil, err end
  local lower = desk.entry_of(made.below.states[code])
  text, err = write(made.files[made.part], "states", code, merge(lower, own, state_entry(input)), lower)
  if not text then return nil, err end
  return save(user, made, text, input.version)
end

-- Takes a state out of what the layer says of transitions: those that begin or end only there go with it.
local function part_with(made, text, code)
  for _, transition in ipairs(made.flow.transitions) do
    local left, err = {}, nil
    for _, from in ipairs(transition.from) do
      if from ~= code then left[#left + 1] = from end
    end
    local lower = desk.entry_of(made.below_transitions[transition.key])
    if transition.to == code or #left == 0 then
      text, err = forms.without_transition(made, text, transition.key)
    elseif #left < #transition.from then
      local own
      own, err = own_entry(text, "transitions", transition.key)
      if own then text, err = write(text, "transitions", transition.key, merge(lower, own, { from = left }), lower) end
    end
    if err then return nil, err end
  end
  return text
end

-- The text without a transition: dropped where only this layer knows it, else marked as removed.
function forms.without_transition(made, text, key)
  local sheet, fault = Sheet.open(text)
  if not sheet then return nil, sheet_error(fault) end
  local lower = made.below_transitions[key]
  local changed
  if lower then
    local action = lower.action or lower[1]
    changed, fault = sheet:put("transitions", key, { action, name = key ~= action and key or nil, remove = true })
  else
    changed, fault = sheet:drop("transitions", key)
  end
  if not changed then return nil, sheet_error(fault) end
  return changed
end

--- Takes a state away with the transitions that have no other end. The product's own ones stay: a case may stand in them.
---@return table? draft
---@return kit.Error? err 409 in_use with the number of cases
function forms.drop_state(user, id, code, input)
  local made, err = open(user, id, input)
  if not made then return nil, err end
  local state = made.flow.state[code]
  if not state then return nil, errors.not_found("page", code) end
  if made.below.states[code] then
    return nil, errors.conflict("of_lower_layer", ("Состояние «%s» из поставки, на нём стоят дела. Уберите переходы, которые в него ведут."):format(state.label))
  end
  if state.is_initial then return nil, errors.conflict("initial", "С этого состояния начинается дело, его не убрать.") end
  local text
  text, err = part_with(made, made.files[made.part], code)
  if not text then return nil, err end
  local sheet, fault = Sheet.open(text)
  if sheet then text, fault = sheet:drop("states", code) end
  if not text or not sheet then return nil, sheet_error(fault) end
  return save(user, made, text, input.version)
end

-- ---- transitions

local function guard_text(machine, guards)
  local words = {}
  for index, guard in ipairs(guards) do words[index] = flow.condition(machine, guard) end
  return #words > 0 and table.concat(words, "; ") or nil
end

-- Conditions keep their order; new ones come last.
local function ordered(wanted, former)
  local list, chosen = {}, {}
  for _, guard in ipairs(wanted or {}) do chosen[guard] = true end
  for _, guard in ipairs(former or {}) do
    if chosen[guard] then list[#list + 1], chosen[guard] = guard, nil end
  end
  for _, guard in ipairs(wanted or {}) do
    if chosen[guard] then list[#list + 1], chosen[guard] = guard, nil end
  end
  return list
end

local function transition_entry(made, input, former)
  local guards = ordered(input.guards, former and former.guards)
  local entry = { from = ordered(input.from, former and former.from), to = input.to, by = ordered(input.by, former and former.by), label = input.label,
    tone = input.tone or false, reason = input.reason or false, guards = guards }
  if input.documents then entry.documents = input.documents end
  if not equal(guards, former and former.guards or {}) then entry.guard_text = guard_text(made.machine, guards) end
  return entry
end

-- The same action twice from one state would be a choice nobody can make.
local function check_twice(made, action, key, from)
  for _, other in ipairs(made.flow.transitions) do
    if other.action == action and other.key ~= key then
      for _, code in ipairs(from) do
        for _, taken in ipairs(other.from) do
          if taken == code then
            return nil, errors.invalid("from", "twice", ("Из состояния «%s» действие «%s» уже есть."):format(made.machine.states[code].label, other.label))
          end
        end
      end
    end
  end
  return true
end

--- Adds a transition.
---@param input table of fields.TRANSITION and {version, organization_id}
---@return table? draft with `key`
---@return kit.Error? err
function forms.add_transition(user, id, input)
  local made, err = open(user, id, input)
  if not made then return nil, err end
  local taken = {}
  for _, transition in ipairs(made.flow.transitions) do taken[transition.key], taken[transition.action] = true, true end
  local key = code_of(input.label, taken, "go")
  local wanted = without_falses(merge({ key }, transition_entry(made, input)))
  if #wanted.guards == 0 then wanted.guards = nil end
  local text, draft
  text, err = write(made.files[made.part], "transitions", key, wanted)
  if not text then return nil, err end
  draft, err = save(user, made, text, input.version)
  if draft then draft.key = key end
  return draft, err
end

--- Changes a transition: its words, from where and to where, who may, its conditions.
---@return table? draft
---@return kit.Error? err
function forms.change_transition(user, id, key, input)
  local made, err = open(user, id, input)
  if not made then return nil, err end
  local known = made.flow.transition[key]
  if not known then return nil, errors.not_found("page", key) end
  local ok, own, text
  ok, err = check_twice(made, known.action, key, input.from)
  if not ok then return nil, err end
  own, err = own_entry(made.files[made.part], "transitions", key)
  if not own then return nil, err end
  local lower = desk.entry_of(made.below_transitions[key])
  text, err = write(made.files[made.part], "transitions", key, merge(lower, own, transition_entry(made, input, known.given)), lower)
  if not text then return nil, err end
  return save(user, made, text, input.version)
end

--- Takes a transition away.
---@return table? draft
---@return kit.Error? err
function forms.drop_transition(user, id, key, input)
  local made, err = open(user, id, input)
  if not made then return nil, err end
  if not made.flow.transition[key] then return nil, errors.not_found("page", key) end
  local text
  text, err = forms.without_transition(made, made.files[made.part], key)
  if not text then return nil, err end
  return save(user, made, text, input.version)
end

--- Gives an entry back as the layers below say it.
---@param section "states"|"transitions"
---@return table? draft
---@return kit.Error? err
function forms.restore(user, id, section, key, input)
  local made, err = open(user, id, input)
  if not made then return nil, err end
  local sheet, fault = Sheet.open(made.files[made.part])
  local text
  if sheet then text, fault = sheet:drop(section, key) end
  if not text then return nil, sheet_error(fault) end
  return save(user, made, text, input.version)
end

return forms
