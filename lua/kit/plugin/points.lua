--- Where the platform lets plugins take part. Filters run in the act itself, in order; each may let it pass, change listed fields, or
--- refuse with words for the person. Events are delivered after the commit (kit.plugin.deliveries).
---
---   if points.has("lesson.before_save.v1") then
---     local patch, err = points.filter("lesson.before_save.v1", input, { user = user, case = "lesson:7" })
---     if not patch then return nil, err end
---   end
local errors = require("kit.errors")
local host = require("kit.plugin.host")
local registry = require("kit.plugin.registry")
local text = require("core.text")
local points = {}

local MAX_WORDS = 500

local by_name = {} -- point → { {plugin, hook} } in order

--- Takes the hooks of an enabled plugin: at load.
---@param plugin kit.Plugin
function points.add(plugin)
  for _, hook in ipairs(plugin.manifest.hooks) do
    local list = by_name[hook.name] or {}
    by_name[hook.name] = list
    list[#list + 1] = { plugin = plugin, hook = hook }
    table.sort(list, function(a, b)
      if a.hook.order ~= b.hook.order then return a.hook.order < b.hook.order end
      return a.plugin.id < b.plugin.id
    end)
  end
end

function points.reset() by_name = {} end

---@param name string
---@return boolean
function points.has(name) return by_name[name] ~= nil end

---@param name string
---@return {plugin: kit.Plugin, hook: table}[]
function points.list(name) return by_name[name] or {} end

-- ---- filters

local function is_words(value, most) return type(value) == "string" and value:find("%S") and #value <= most and text.is_valid(value) end

local function refusal(plugin, verdict)
  local code = type(verdict.code) == "string" and verdict.code:match("^[a-z][a-z0-9_]*$") or "refused"
  local words = is_words(verdict.msg, MAX_WORDS * 4) and verdict.msg or "Действие отклонено правилом."
  local err = errors.rule(code, words, ("plugin.%s.%s"):format(plugin.id, code), type(verdict.field) == "string" and verdict.field or nil)
  err.extra = { plugin = plugin.manifest.title }
  return err
end

local PATCHES = {
  text = function(value) return type(value) == "string" and text.is_valid(value) and text.len(value) <= 2000 and not value:find("[\0-\8\11-\31]") end,
  integer = function(value) return math.type(value) == "integer" end,
  boolean = function(value) return type(value) == "boolean" end,
}

-- Only listed fields, only of their type. What else a plugin writes there is a fault of it, not a change.
local function take_patch(name, given, patch)
  local allowed = registry.known().hooks[name].patch or {}
  for field, value in pairs(given) do
    local kind = allowed[field]
    if not kind then return nil, ("поле «%s» менять нельзя"):format(tostring(field)) end
    if not PATCHES[kind](value) then return nil, ("поле «%s»: не то значение"):format(field) end
  end
  for field, value in pairs(given) do patch[field] = value end
  return true
end

-- true | nil, refusal | nil, nil, what is wrong with the answer
local function read_verdict(plugin, name, value, patch)
  if value == nil then return true end
  if type(value) ~= "table" then return nil, nil, "ответ — таблица { ok }, { patch } или { deny, code, msg }" end
  if value.deny then return nil, refusal(plugin, value) end
  if value.patch ~= nil then
    if type(value.patch) ~= "table" then return nil, nil, "patch — таблица" end
    local ok, reason = take_patch(name, value.patch, patch)
    if not ok then return nil, nil, reason end
  elseif not value.ok then
    return nil, nil, "ответ — таблица { ok }, { patch } или { deny, code, msg }"
  end
  return true
end

local function failed(entry)
  if entry.hook.fail == "skip" then return true end
  return nil, errors.new(503, "plugin_failed",
    ("Проверка «%s» не сработала, поэтому действие остановлено. Повторите позже; администратор об этом знает."):format(entry.plugin.manifest.title),
    { retry_after = 60, extra = { plugin = entry.plugin.manifest.title } })
end

local function run_one(entry, name, input, about, patch)
  local plugin = entry.plugin
  local value, err = host.call(plugin, { point = name, fn = entry.hook.fn, input = input, user = about.user, case = about.case })
  if err and err.code == "plugin_off" then return true end
  if err then return failed(entry) end
  local ok, refused, reason = read_verdict(plugin, name, value, patch)
  if ok or refused then return ok, refused end
  host.blame(plugin, { point = name, case = about.case }, "answer", reason)
  return failed(entry)
end

--- Asks all filters of a point. Each sees what those before it have changed.
---@param name string
---@param input table
---@param about {user: kit.User?, case: string?}
---@return table? patch fields to change, often none
---@return kit.Error? err
function points.filter(name, input, about)
  local patch = {}
  for _, entry in ipairs(points.list(name)) do
    local ok, err = run_one(entry, name, input, about, patch)
    if not ok then return nil, err end
    for field, value in pairs(patch) do input[field] = value end
  end
  return patch
end

-- ---- transitions of all machines

local function object_of(object, fields)
  local made = {}
  for _, field in ipairs(fields) do
    local value = object[field]
    local kind = type(value)
    if kind == "string" or kind == "number" or kind == "boolean" then made[field] = value end
  end
  return made
end

--- Called by kit.workflow before a transition is saved.
---@return true? ok
---@return kit.Error? err
function points.before_transition(machine, object, ctx)
  local name = machine.name .. ".before_transition.v1"
  if not by_name[name] then return true end
  local user = ctx.user
  local patch, err = points.filter(name, {
    entity = machine.name, id = object.id, public_id = object.public_id, number = object.number, action = ctx.action, from = ctx.from, to = ctx.to,
    reason = ctx.reason, object = object_of(object, registry.known().object_fields),
    user = { id = user.id, role = user.grant and user.grant.role or "system" },
  }, { user = user, case = ("%s:%s"):format(machine.name, tostring(object.id)) })
  if not patch then return nil, err end
  return true
end

return points
