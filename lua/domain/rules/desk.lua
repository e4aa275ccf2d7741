--- What pages show and forms change of a process: the machine as the draft would make it (as it is in force where there is no draft),
--- the machine of the layers below, and what of it may be changed.
local flow = require("domain.rules.flow")
local layers = require("domain.rules.layers")
local paths = require("kit.pack.paths")
local service = require("domain.rules.service")
local source = require("kit.pack.source")
local workflow = require("kit.workflow")
local desk = {}

local function names_of(map)
  local names = {}
  for name, value in pairs(map or {}) do
    if value == "function" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- May this layer change what stands under the path?
---@param made table of desk.open
---@param path string "transitions.enroll.guards"
---@return boolean
function desk.may_change(made, path)
  for _, pattern in ipairs(made.below.overridable or {}) do
    if paths.matches(pattern, path) then return true end
  end
  return false
end

--- An entry of the layers below as a layer would write it: the words of a state stand first.
---@param value any
---@return table?
function desk.entry_of(value)
  if value == nil then return nil end
  local made = {}
  for key, item in pairs(type(value) == "table" and value or { value }) do made[key] = item end
  if made.label and not made.action and made[1] == nil then made[1], made.label = made.label, nil end
  return made
end

local function transitions_by_key(list)
  local found, keys = {}, flow.keys(list or {})
  for index, transition in ipairs(list or {}) do found[keys[index]] = transition end
  return found
end

local function machine_of(made, files, is_draft)
  local set, err
  if is_draft then set, err = layers.build(made.id, made.organization_id, files) else set = made.card.set end
  if not set then
    made.fault = err
    set = made.card.set
  end
  local is_machine, machine = pcall(workflow.of_set, set)
  if not is_machine then
    made.fault = { text = tostring(machine) }
    set, machine = made.card.set, workflow.of_set(made.card.set)
  end
  made.machine, made.set, made.guards = machine, set, names_of(set:value("guards/" .. made.card.name))
  made.trespass = set.faults
end

--- Opens a process for showing and changing.
---@param user kit.User
---@param id string "workflow/application"
---@param organization_id integer?
---@return table? made {id, organization_id, card, draft, files, part, is_draft, machine, flow, guards, below, below_transitions, fault}
---@return kit.Error? err 403, 404
function desk.open(user, id, organization_id)
  local card, err = service.get(user, id, organization_id)
  if not card then return nil, err end
  return desk.of(card)
end

-- The draft that has been read with the card, or what one would begin with.
local function draft_of(card)
  if card.draft then return { files = layers.files(card.draft.files), version = card.draft.version } end
  for _, layer in ipairs(card.layers) do
    if layer.name == layers.name(card.organization_id) then return { files = layer.files, version = 0 } end
  end
  return { files = {}, version = 0 }
end

--- The same from a card of service.get.
---@param card table
---@return table made
function desk.of(card)
  local id = card.id
  local made = { id = id, organization_id = card.organization_id, card = card, is_draft = card.draft ~= nil, part = source.parts(id)[1] }
  if card.can_manage then made.draft = draft_of(card) end
  made.files = made.draft and made.draft.files or {}
  machine_of(made, made.files, card.can_manage and card.draft ~= nil)
  made.flow = flow.of(made.machine)
  local below = layers.build_below(id, card.organization_id)
  made.below = below and below.data or { states = {}, transitions = {} }
  made.below_transitions = transitions_by_key(made.below.transitions)
  if below then below:close() end
  return made
end

return desk
