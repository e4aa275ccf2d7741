--- Events on their way to plugins: after the commit, at least once, of one case in order. Each try is a transaction; what the plugin
--- wrote and the mark commit together. One that fails five times is put into quarantine with those of its case; others go on.
local context = require("kit.context")
local health = require("kit.plugin.health")
local host = require("kit.plugin.host")
local job = require("kit.job")
local json = require("core.json")
local log = require("core.log")
local points = require("kit.plugin.points")
local registry = require("kit.plugin.registry")
local store = require("kit.plugin.store")
local transaction = require("kit.transaction")
local deliveries = {}

deliveries.JOB = "kit.plugin.deliver"
local BATCH, MOST_BATCHES = 50, 100
deliveries.MOST_ATTEMPTS = 5
local PRIORITY = 60

local plugins = {} -- enabled ones by id
local by_topic, by_entity = {}, {} -- hooks with listeners

--- At load, when all plugins have been added to the points.
---@param enabled table<string, kit.Plugin>
function deliveries.use(enabled)
  plugins, by_topic, by_entity = enabled, {}, {}
  for name, hook in pairs(registry.known().hooks) do
    if hook.kind == "event" and points.has(name) then
      for _, topic in ipairs(hook.topics or {}) do by_topic[topic] = name end
      if hook.entity then by_entity[hook.entity] = name end
    end
  end
end

---@return boolean does any plugin listen to events?
function deliveries.is_needed() return next(by_topic) ~= nil or next(by_entity) ~= nil end

local function hook_of(payload, event)
  return by_topic[event.topic] or (payload.action and payload.to and payload.entity and by_entity[payload.entity]) or nil
end

local function wake() job.enqueue(deliveries.JOB, {}, { key = deliveries.JOB, priority = PRIORITY, max_attempts = 1 }) end

--- Handler of all events of the outbox: one row for each plugin that listens.
function deliveries.on_event(payload, event)
  local name = hook_of(payload, event)
  if not name then return true end
  local entity = payload.entity or event.topic:match("^[^.]+")
  local case = ("%s:%s"):format(entity, tostring(payload.id or payload.lesson_id or payload.public_id or event.id))
  payload.event_id = event.id
  for _, entry in ipairs(points.list(name)) do
    payload.key = ("%s:%d"):format(entry.plugin.id, event.id)
    store.insert_delivery(entry.plugin.id, name, case, tostring(event.id), json.encode(payload))
  end
  transaction.after_commit(wake)
  return true
end

local function entry_of(delivery)
  for _, entry in ipairs(points.list(delivery.hook)) do
    if entry.plugin.id == delivery.plugin then return entry end
  end
end

local function call(entry, delivery)
  return transaction.attempt(function()
    local value, err = host.call(entry.plugin, { point = delivery.hook, fn = entry.hook.fn, input = json.decode(delivery.payload),
      user = context.SYSTEM, case = delivery.case_key })
    if err then return nil, err end
    return value == nil and true or value
  end)
end

local function deliver_one(id)
  return transaction.run(function()
    local delivery = store.lock_delivery(id)
    if not delivery then return true end
    local entry = entry_of(delivery)
    if not entry or health.is_off(delivery.plugin) then return store.delay_deliveries(delivery.plugin) end
    local ok, err = call(entry, delivery)
    if ok then return store.finish_delivery(id) end
    local row = store.fail_delivery(id, err.text or err.code, deliveries.MOST_ATTEMPTS)
    if row.state == "quarantined" then log.warn("plugin case in quarantine", { plugin = delivery.plugin, case = delivery.case_key }) end
    return true
  end)
end

--- Delivers what is due: by a job when an event came, and by a timer.
function deliveries.run()
  local delivered = 0
  for _ = 1, MOST_BATCHES do
    local due = store.due_deliveries(BATCH)
    for _, row in ipairs(due) do deliver_one(row.id) end
    delivered = delivered + #due
    if #due == 0 then break end
  end
  return { delivered = delivered }
end

--- The plugins that are enabled, by id.
---@return table<string, kit.Plugin>
function deliveries.plugins() return plugins end

deliveries.timers = {
  { name = "kit.plugin.deliver", every_s = 15, run = function() return deliveries.run() and true end },
  { name = "kit.plugin.sweep", every_s = 86400, run = function() return store.sweep() ~= nil end },
}

return deliveries
