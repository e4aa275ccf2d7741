--- Fields of the forms of a process with their values, choices and errors, for parts/field. What was typed is kept.
local desk = require("domain.rules.desk")
local fields = require("domain.rules.form_fields")
local flow = require("domain.rules.flow")
local roles = require("kit.roles")
local view = {}

local LOCKED = "Закреплено слоем ниже"

local function states_of(made, except)
  local options = {}
  for _, state in ipairs(made.flow.states) do
    if state.code ~= except then options[#options + 1] = { value = state.code, label = state.label } end
  end
  return options
end

local function sources_of(made, except)
  local options = {}
  for _, option in ipairs(states_of(made, except)) do
    if not made.flow.state[option.value].is_final then options[#options + 1] = option end
  end
  return options
end

-- Roles, the region's own ones and permission sets, then the platform itself.
local function roles_of()
  local options = {}
  for _, role in ipairs(roles.state().order) do
    if not role.archived_at then options[#options + 1] = { value = role.code, label = role.name } end
  end
  options[#options + 1] = { value = "system", label = flow.role_name("system"), hint = "по времени или событию, без человека" }
  return options
end

-- Those that stand come first, in their order; the rest by their words.
local function guards_in_order(made, standing)
  local list, stands, rest = {}, {}, {}
  for _, guard in ipairs(standing) do list[#list + 1], stands[guard] = guard, true end
  for _, guard in ipairs(made.guards) do
    if not stands[guard] then rest[#rest + 1] = guard end
  end
  table.sort(rest, function(a, b) return flow.condition(made.machine, a) < flow.condition(made.machine, b) end)
  return table.move(rest, 1, #rest, #list + 1, list), stands
end

-- Conditions that may not be taken away stand ticked; their ticks are sent by hidden fields.
local function guards_of(made, transition)
  local options, locked = {}, {}
  local guards, stands = guards_in_order(made, transition and transition.given.guards or {})
  for index, guard in ipairs(guards) do
    local is_locked = stands[guard] and made.below_transitions[transition.key] ~= nil and not desk.may_change(made, "guards." .. guard)
    if is_locked then locked[#locked + 1] = guard end
    options[index] = { value = guard, label = flow.condition(made.machine, guard), disabled = is_locked,
      hint = is_locked and "закреплено, снять нельзя" or nil }
  end
  return options, locked
end

local function list_of(schema, values, by_field, extra)
  local list = {}
  for _, field in ipairs(schema) do
    local more = extra[field.name]
    if more then
      local made = { name = field.name, label = field.label, type = field.type, required = field.required, max_length = field.max_length,
        value = values[field.name], options = field.options, error = by_field and by_field[field.name] }
      for key, value in pairs(more) do made[key] = value end
      list[#list + 1] = made
    end
  end
  return list
end

-- What was typed, else what is.
local function values_of(typed, current)
  if not typed then return current end
  local values = {}
  for name, list in pairs(typed) do values[name] = list end
  for _, name in ipairs({ "label", "tone", "icon", "code", "in_label", "to" }) do values[name] = typed[name] and typed[name][1] end
  for _, name in ipairs({ "final", "out_only", "reason" }) do values[name] = typed[name] ~= nil end
  return values
end

local function icons_with(icon)
  for _, option in ipairs(fields.ICONS) do
    if option.value == icon then return fields.ICONS end
  end
  local options = { { value = icon, label = "Как сейчас: " .. icon } }
  return icon and table.move(fields.ICONS, 1, #fields.ICONS, 2, options) or fields.ICONS
end

--- Fields of an existing state.
function view.state(made, state, typed, by_field)
  local values = values_of(typed, { label = state.label, tone = state.tone, icon = state.icon, final = state.is_final })
  local function may(name)
    return made.below.states[state.code] == nil or desk.may_change(made, ("states.%s.%s"):format(state.code, name))
  end
  local extra = { label = { hint = not may("label") and LOCKED or nil, readonly = not may("label") },
    tone = { type = "select" }, icon = { type = "select", options = icons_with(state.icon) } }
  if may("final") then extra.final = { type = "checkbox" } end
  return list_of(fields.STATE, values, by_field, extra)
end

--- Fields of a new state, in three groups.
function view.new_state(made, typed, by_field)
  local values, ways = values_of(typed, { tone = "info", icon = "clock-pause", in_by = { "staff" } }), {}
  for _, one in ipairs(made.flow.transitions) do
    ways[#ways + 1] = { value = one.key, label = ("%s → %s"):format(one.label, one.to_label), hint = "сейчас из: " .. table.concat(one.from_labels, ", ") }
  end
  local function group(extra) return list_of(fields.NEW_STATE, values, by_field, extra) end
  return {
    group({ label = { hint = "Так его увидят заявители и сотрудники" }, tone = { type = "select" }, icon = { type = "select", options = fields.ICONS },
      final = { type = "checkbox" }, code = { hint = "Необязательно: для правил и отчётов. Если пусто, составим из названия" } }),
    group({ in_from = { type = "checks", options = sources_of(made) }, in_label = { hint = "Глагол: «Ждать ЦЗН», «Передать комиссии»" },
      in_by = { type = "checks", options = roles_of() } }),
    group({ out = { type = "checks", options = ways, hint = "Эти действия станут возможны и из нового состояния" },
      out_only = { type = "checkbox", hint = "Из прежних состояний отмеченных действий больше не будет: дело обязательно пройдёт через новое состояние" } }),
  }
end

-- Documents are asked for only by those transitions that ask the applicant.
local function asks_documents(transition)
  for _, effect in ipairs(transition and transition.given.effects or {}) do
    if effect == "ask_documents" then return true end
  end
  return false
end

--- Fields of a transition, in two columns; new when `transition` is nil.
---@param kinds {value: string, label: string}[]? kinds of documents
---@return table[] left
---@return table[] right
---@return string[] locked conditions that stay
function view.transition(made, transition, kinds, typed, by_field)
  local given = transition and transition.given or {}
  local values = values_of(typed, { label = given.label, from = given.from, to = given.to, by = given.by or { "staff" }, guards = given.guards, tone = given.tone,
    reason = given.reason or false, documents = given.documents })
  local guards, locked = guards_of(made, transition)
  local function fill(extra) return list_of(fields.TRANSITION, values, by_field, extra) end
  local right = { guards = { type = "checks", options = guards, hint = "Пока хоть одно не выполнено, кнопка не нажимается и объясняет почему" } }
  if kinds and asks_documents(transition) then
    right.documents = { type = "checks", options = kinds, hint = "Отмечены заранее в окне запроса, сотрудник может изменить" }
  end
  return fill({ label = {}, from = { type = "checks", options = sources_of(made) }, to = { type = "select", options = states_of(made) },
    by = { type = "checks", options = roles_of() }, tone = { type = "select", empty = "Обычная" }, reason = { type = "checkbox" } }), fill(right), locked
end

return view
