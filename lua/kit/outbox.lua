--- Events for whoever cares: rows in the transaction of the change, delivered afterwards by the job worker, at least once.
---
--- A domain module subscribes by data in its init.lua: `events = { ["application.approved"] = function(payload, event) … end }`.
local context = require("kit.context")
local json = require("core.json")
local log = require("core.log")
local store = require("kit.store")
local text = require("core.text")
local transaction = require("kit.transaction")
local outbox = {}

local BATCH = 50
local MOST_BATCHES = 200 -- of one run: others want the worker, too
local WAKE_PRIORITY = 20
local FAULT_CHARACTERS = 500

--- So many attempts an event has; then it waits for an administrator.
outbox.ATTEMPTS = 10
local handlers = {}

outbox.JOB = "kit.outbox.wake"

local function has_handler(topic)
  return handlers[topic] ~= nil or handlers[(topic:match("^[^.]+") or topic) .. ".*"] ~= nil or handlers["*"] ~= nil
end

-- Once a transaction and after it: the key of the job is the same for all, inside of a transaction it would make writers wait for
-- each other. A wake that is lost is made good by the timer.
local function wake_later()
  local tx = context.get().tx
  if tx and tx.wakes_outbox then return end
  if tx then tx.wakes_outbox = true end
  transaction.after_commit(function() pcall(store.insert_job, outbox.JOB, "{}", outbox.JOB, WAKE_PRIORITY, nil, 1, nil) end)
end

--- Emits an event. Somebody who waits for it gets it right after the commit.
---@param topic string "application.approved"
---@param key string? the same key is emitted once
---@param payload table? JSON object
function outbox.emit(topic, key, payload)
  store.insert_outbox(topic, key, json.encode(json.object(payload or {})))
  if has_handler(topic) then wake_later() end
end

--- Subscribes at load; boot calls it with the `events` of domain modules.
---@param topic string a topic, "application.*", or "*"
---@param fn fun(payload: table, event: {id: integer, topic: string})
function outbox.on(topic, fn)
  handlers[topic] = handlers[topic] or {}
  table.insert(handlers[topic], fn)
end

--- Forgets all subscriptions (tests).
function outbox.reset()
  handlers = {}
end

local function each_handler(topic, call)
  for _, name in ipairs({ topic, (topic:match("^[^.]+") or topic) .. ".*", "*" }) do
    for _, fn in ipairs(handlers[name] or {}) do call(fn) end
  end
end

-- One event in a transaction of its own: its effects and the mark commit together.
local function dispatch_one(id)
  return transaction.run(function()
    local event = store.lock_outbox(id)
    if not event then return true end
    local payload = json.decode(event.payload)
    each_handler(event.topic, function(fn)
      local ok, err = fn(payload, event)
      if ok == nil and err then error(err, 0) end
    end)
    store.mark_outbox(id)
    return true
  end)
end

-- A handler that fails leaves its event for a later time and does not stop the others.
local function dispatch_batch()
  local delivered = 0
  for _, row in ipairs(store.waiting_outbox(BATCH, outbox.ATTEMPTS)) do
    local ok, err = pcall(dispatch_one, row.id)
    context.get().tx = nil
    if ok then
      delivered = delivered + 1
    else
      store.fail_outbox(row.id, text.sub(tostring(err), 1, FAULT_CHARACTERS))
      log.error("outbox event failed", { id = row.id, topic = row.topic, error = tostring(err) })
    end
  end
  return delivered
end

--- Delivers what waits; called by a job when something was emitted, and by a timer of the job worker.
---@return integer delivered
function outbox.dispatch()
  local delivered = 0
  for _ = 1, MOST_BATCHES do
    local batch = dispatch_batch()
    delivered = delivered + batch
    if batch < BATCH then break end
  end
  return delivered
end

return outbox
