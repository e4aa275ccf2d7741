--- Faults of plugins: each is noted when the request or job that met it is over (its transaction may be rolled back), and one that
--- fails too often is switched off for all workers and nodes until an administrator resumes it.
local cached = require("kit.cached")
local context = require("kit.context")
local log = require("core.log")
local outbox = require("kit.outbox")
local store = require("kit.plugin.store")
local transaction = require("kit.transaction")
local health = {}

local TOPIC = "plugin_states"
local MINUTES = 10
health.MOST_FAULTS, health.MOST_LIMITS = 20, 3 -- in so many minutes: faults of any kind; limits of time and memory
local MAX_TEXT = 500

local off = cached.new(TOPIC, function()
  local states = {}
  for _, row in ipairs(store.states()) do states[row.plugin] = row end
  return states
end)

--- Was it switched off by its faults?
---@param id string
---@return {suspended_at: string, reason: string, version: integer}?
function health.is_off(id) return off.get()[id] end

local function suspend(plugin, reason)
  local is_first = transaction.run(function()
    if not store.suspend(plugin.id, reason) then return false end
    cached.changed(TOPIC)
    outbox.emit("plugin.suspended", nil, { plugin = plugin.id, title = plugin.manifest.title, reason = reason })
    return true
  end)
  if is_first then log.warn("plugin switched off", { plugin = plugin.id, reason = reason }) end
end

local function write_down(plugin, call, code, text)
  local version = plugin.manifest.version
  store.insert_fault(plugin.id, version, call.point, code, text:sub(1, MAX_TEXT), call.case)
  local recent = store.recent_faults(plugin.id, MINUTES)
  if recent.limits >= health.MOST_LIMITS then
    suspend(plugin, ("За %d минут %d раза превышены пределы времени или памяти. Последнее: %s"):format(MINUTES, recent.limits, text))
  elseif recent.n >= health.MOST_FAULTS then
    suspend(plugin, ("За %d минут сбоев: %d. Последний: %s"):format(MINUTES, recent.n, text))
  end
end

--- Notes a fault: in the log at once, in PostgreSQL when the request or job is over.
function health.note(plugin, call, code, text)
  log.info("plugin fault", { plugin = plugin.id, version = plugin.manifest.version, point = call.point, code = code, text = text, case = call.case })
  context.later(function() write_down(plugin, call, code, text) end)
end

--- Lets it run again.
---@param id string
---@param user_id integer
---@return boolean was_off
function health.resume(id, user_id)
  local was_off = store.resume(id, user_id)
  if was_off then cached.changed(TOPIC) end
  return was_off
end

return health
