--- «Почему?»: the record of a decision (kit.decision) in words. Which version of the rules decided, what each condition asked, what it
--- looked at, what it answered; for those who may see rules, file and line.
---
---   event.because = because.of(event.decision, { shows_values = true, shows_places = false })
local access = require("kit.access")
local json = require("core.json")
local packs = require("kit.packs")
local russian = require("kit.russian")
local uses = require("kit.pack.uses")
local workflow = require("kit.workflow")
local because = {}

local MACHINERY = { _id = true, _ids = true, _text = true, _names = true } -- keys, and what another fact says in other words
local PREFIXES = { "organization", "published", "region", "rules" } -- the upper layer's word counts

local function set_of(version)
  local ok, set = pcall(packs.by_hash, version)
  return ok and set or nil
end

-- What the guards of a set look at, by guard; read from its texts once.
local function fields_of(set, name)
  if set.guard_fields then return set.guard_fields end
  local by_file, found = {}, {}
  for _, chunk in ipairs(set.chunks) do by_file[chunk.name] = chunk.text end
  for _, prefix in ipairs(PREFIXES) do
    for _, guard in ipairs(uses.of(by_file[("%s/guards/%s.lua"):format(prefix, name)] or "")) do found[guard.name] = found[guard.name] or guard.fields end
  end
  set.guard_fields = found
  return found
end

local function say(value)
  if value == true then return "да" end
  if value == false then return "нет" end
  if type(value) == "string" then return value:find("^%d%d%d%d%-%d%d%-%d%d$") and russian.date(value, "long") or value ~= "" and value or "пусто" end
  if type(value) ~= "table" then return tostring(math.type(value) == "float" and math.tointeger(value) or value) end
  local list = {}
  for index, item in ipairs(value) do list[index] = say(item) end
  return #list > 0 and table.concat(list, ", ") or "ничего"
end

-- What a guard was given, under the words of the machine; what it has no words for is machinery.
local function looked_at(machine, fields, inputs)
  local list, order = {}, {}
  for path in pairs(fields or {}) do order[#order + 1] = path end
  table.sort(order)
  for _, path in ipairs(order) do
    local root, name = path:match("^(%w+)%.([%w_]+)")
    local label = root and machine.reads and machine.reads[root] and machine.reads[root][name]
    local value = label and type(inputs[root]) == "table" and inputs[root][name]
    if label and value ~= nil and not MACHINERY[name:match("_%a+$") or ""] then list[#list + 1] = { label = label, value = say(value) } end
  end
  return list
end

local function place_of(record, guard)
  if not guard.chunk then return nil end
  return { text = ("%s:%d"):format(guard.chunk, guard.line or 0),
    href = ("/admin/rules/%s/code?part=%s&line=%d"):format(record.rules, (guard.chunk:gsub("^%w+/", ""):gsub("%.lua$", "")), guard.line or 1) }
end

-- The set that decided; where its texts are gone, the one in force.
local function rules_of(record, name)
  local id = "workflow/" .. name
  local set = set_of(record.version) or packs.has(id) and packs.get(id) or nil
  if not set then return {}, {} end
  return workflow.of_set(set), fields_of(set, name), next(set.origin or {}) == nil
end

local function line_of(record, guard, machine, fields, shown)
  local inputs = shown.shows_values and record.inputs
  return { rule = guard.rule, ok = guard.ok, asked = machine.conditions and machine.conditions[guard.rule] or guard.rule, text = guard.text,
    looked = type(inputs) == "table" and looked_at(machine, fields[guard.rule], inputs) or nil, place = shown.shows_places and place_of(record, guard) or nil }
end

--- A stored decision in words; nil when there is no record of one.
---@param stored string|table?
---@param options {shows_values: boolean?, shows_places: boolean?}? values are people's data, places are for those who read rules
---@return {version: string, href: string?, is_product: boolean, lines: {rule: string, ok: boolean, asked: string, text: string?, looked: table[]?,
---   place: table?}[]}?
function because.of(stored, options)
  local record, shown = type(stored) == "string" and json.decode(stored) or stored, options or {}
  if type(record) ~= "table" or type(record.guards) ~= "table" then return nil end
  local machine, fields, is_product = rules_of(record, tostring(record.rules):match("/(.+)$") or "")
  local lines = {}
  for index, guard in ipairs(record.guards) do lines[index] = line_of(record, guard, machine, fields, shown) end
  return { version = tostring(record.version):sub(1, 8), lines = lines, href = shown.shows_places and "/admin/rules/" .. tostring(record.rules) or nil,
    is_product = is_product or false }
end

--- The timeline of an object (workflow.history) with `because` in each event. For those who see the object with all its values.
---@param user kit.User
---@param machine string
---@param object_id integer
---@param series string?
---@return table[] events
function because.history(user, machine, object_id, series)
  local events, shown = workflow.history(machine, object_id, series), { shows_values = true, shows_places = access.can(user, "rule.read") }
  for _, event in ipairs(events) do event.because = because.of(event.decision, shown) end
  return events
end

return because
