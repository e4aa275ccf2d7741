--- Turns events of the journal into words.
local fields = require("domain.audit.fields")
local json = require("core.json")
local russian = require("kit.russian")
local workflow = require("kit.workflow")
local present = {}

-- Entity → its machine.
local MACHINES = { application = "application", group = "group", order = "order", lesson = "lesson", enrollment = "enrollment",
  organization = "organization", site = "resource", room = "resource", staff_resource = "resource", equipment = "resource", software = "resource",
  consumable = "resource", ict_resource = "resource", info_resource = "resource" }

local function word(value)
  if value == nil or value == json.null or value == "" then return "—" end
  return tostring(value)
end

local function state_word(entity, value)
  if MACHINES[entity] and type(value) == "string" then return workflow.state(MACHINES[entity], value).label end
  return word(value)
end

-- «состояние: Подана → На рассмотрении»: the fields in order of the alphabet.
function present.changes(event)
  local decoded, lines = json.decode(event.diff or "{}") or {}, {}
  for field, change in pairs(decoded) do
    local show = field == "state" and function(value) return state_word(event.entity, value) end or word
    lines[#lines + 1] = type(change) == "table" and ("%s: %s → %s"):format(fields.NAMES[field] or field, show(change[1]), show(change[2]))
      or ("%s: %s"):format(fields.NAMES[field] or field, word(change))
  end
  table.sort(lines)
  return table.concat(lines, "; ")
end

function present.action(event)
  local known = fields.ACTIONS[event.action]
  if known then return known end
  local entity, action = event.action:match("^([%w_]+)%.([%w_]+)$")
  if not MACHINES[entity] then return nil end
  for _, transition in ipairs(workflow.machine(MACHINES[entity]).transitions) do
    if transition.action == action then return transition.label end
  end
end

local ENTITY_LABELS = {}
for _, entity in ipairs(fields.ENTITIES) do ENTITY_LABELS[entity.value] = entity.label end

--- What it was done to.
function present.object(event) return ENTITY_LABELS[event.entity] or event.entity or "" end

--- All actions for a choice, in order of the alphabet.
---@return {value: string, label: string}[]
function present.actions()
  local list = {}
  for value, label in pairs(fields.ACTIONS) do list[#list + 1] = { value = value, label = label } end
  for entity, machine in pairs(MACHINES) do
    for _, transition in ipairs(workflow.machine(machine).transitions) do
      list[#list + 1] = { value = entity .. "." .. transition.action, label = ("%s: %s"):format(present.object({ entity = entity }), transition.label) }
    end
  end
  table.sort(list, function(a, b) return a.label < b.label end)
  return list
end

--- Who did it: a person, a guest, or the platform itself.
function present.who(event)
  return event.who or event.ip and "Гость" or "Система"
end

--- Items for parts/timeline: the history of one object.
function present.timeline(events)
  local items = {}
  for index, event in ipairs(events) do
    items[index] = { title = present.action(event) or event.action, at = russian.datetime(event.at), who = present.who(event),
      text = event.reason or present.changes(event), state = "on" }
  end
  return items
end

return present
