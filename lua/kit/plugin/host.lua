--- Calls functions of plugins. A fault of theirs is a result, never an error of ours: it is measured, noted, and counted against the
--- plugin; one that fails too often is switched off for all workers (kit.plugin.health).
---
---   local value, err = host.call(plugin, { point = "lesson.before_save.v1", fn = "rules.check", input = lesson, user = request.user })
---   -- err.code: "plugin_fault" (nobody's answer), "plugin_off", or what the function itself returned as nil, {code, text}
local access = require("kit.access")
local capabilities = require("kit.plugin.capabilities")
local clock = require("core.clock")
local context = require("kit.context")
local health = require("kit.plugin.health")
local running = require("kit.running")
local setting = require("kit.setting")
local state = require("kit.plugin.state")
local host = {}

local MAX_ASKS = 50
local last_call = 0

---@class kit.PluginCall
---@field point string hook, route, slot, job …: what is measured
---@field fn string "rules.check"
---@field input any
---@field view string? template that makes text of what the function returns
---@field user kit.User?
---@field case string? of what: "application:812"
---@field may_fetch boolean?

local function rights_of(plugin, user)
  local rights = {}
  if user then
    for name in pairs(plugin.manifest.permissions) do rights[name] = access.can(user, name) or nil end
  end
  return rights
end

local function settings_of(plugin)
  local values = {}
  for _, field in ipairs(plugin.manifest.settings) do values[field.key] = setting.get(("plugin.%s.%s"):format(plugin.id, field.key)) end
  return values
end

-- What the function gets as ctx, beside what kit.plugin.inside adds.
local function ctx_of(plugin, call)
  local user = call.user or context.get().user
  return {
    plugin = plugin.id, version = plugin.manifest.version, point = call.point, today = clock.date(), now = clock.local_time(),
    settings = settings_of(plugin), rights = rights_of(plugin, user), texts = plugin.texts,
    user = user and { id = user.id, role = user.grant and user.grant.role } or nil,
  }
end

local function pack_of(plugin)
  if not plugin.pack then plugin.pack = state.load(plugin) end
  return plugin.pack
end

local function fault(plugin, call, code, text)
  health.note(plugin, call, code, text)
  return nil, { code = "plugin_fault", kind = code, text = text }
end

-- What core.rules says of a failure: "lesson_rules.lua:12: …" for the developer.
local function failure_text(plugin, err)
  local words = state.words(err, plugin.manifest.limits)
  return err.chunk and ("%s:%d: %s"):format(err.chunk, err.line or 0, words) or words
end

local function step(plugin, name, value)
  local results, err = plugin.pack:call(state.INSIDE, name, value)
  if not results then return nil, err end
  return results[1]
end

-- Runs the function to its end, answering what it asks for. Returns the last step, or nil and a fault.
local function drive(plugin, call, id)
  local made, err = step(plugin, "start", { id = id, fn = call.fn, ctx = ctx_of(plugin, call), input = call.input, view = call.view })
  for _ = 1, MAX_ASKS do
    if not made or made.done then return made, err end
    local value, refusal = capabilities.answer(plugin, call, made.ask)
    made, err = step(plugin, "go_on", { id = id, answer = { value = value, error = refusal } })
  end
  if made and made.done then return made end
  step(plugin, "forget", { id = id })
  return nil, { kind = "asks", text = ("больше %d обращений к платформе за вызов"):format(MAX_ASKS) }
end

local function run(plugin, call)
  last_call = last_call + 1
  local id = last_call
  local ok, made, err = pcall(drive, plugin, call, id)
  if not ok then -- the platform's own fault, such as a lost database: whoever waits inside is let go
    pcall(step, plugin, "forget", { id = id })
    error(made, 0)
  end
  return made, err
end

--- Notes that a plugin answered what it may not.
function host.blame(plugin, call, code, text) return fault(plugin, call, code, text) end

local OUTCOMES = { time = "time", memory = "memory" }

--- Calls a function of a plugin.
---@param plugin kit.Plugin
---@param call kit.PluginCall
---@return any value
---@return {code: string, text: string}? err
function host.call(plugin, call)
  if health.is_off(plugin.id) then return nil, { code = "plugin_off", text = ("Плагин «%s» приостановлен."):format(plugin.manifest.title) } end
  if not pack_of(plugin) then return fault(plugin, call, "load", "плагин не загрузился") end
  local began = clock.monotonic_us()
  local made, err = run(plugin, call)
  local us = clock.monotonic_us() - began
  if not made then
    running.measure("plugin", plugin.id, call.point, us, OUTCOMES[err.kind] or "error")
    return fault(plugin, call, err.kind, failure_text(plugin, err))
  end
  local value, refusal = made.value, made.err
  running.measure("plugin", plugin.id, call.point, us, type(value) == "table" and value.deny and "deny" or "ok")
  if value == nil and refusal ~= nil then
    return nil, type(refusal) == "table" and refusal or { code = "refused", text = tostring(refusal) }
  end
  return value
end

return host
