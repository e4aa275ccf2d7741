--- An answer that stays open and tells a page what happens (server-sent events):
---
---   return live.open(request, {
---     topics = { "notice." .. request.user.id },
---     begin = function(send) send("count", { unread = store.unread(request.user.id) }) end,
---     on = function(topic, data, send) … end,
---   })
---
--- begin runs at the start, after a loss (more came than is kept) and when the browser comes back: it tells the whole
--- state. on runs for each notification of PostgreSQL ('{"topic":…,"data":…}' on channel copp). Without `on`, begin does.
--- The stream ends when the session ends or its rights change, with the generation (the browser comes back by itself),
--- and with the client. The number of streams of a process is limited: 503 beyond it.
local bus = require("core.bus")
local context = require("kit.context")
local errors = require("kit.errors")
local json = require("core.json")
local log = require("core.log")
local respond = require("kit.respond")
local session = require("kit.session")
local store = require("kit.store")
local live = {}

local BEAT_MS = 20000 -- proxies close what is silent for a minute
local RETRY_MS = 3000

---@class kit.Live
---@field topics string[] up to 15
---@field begin fun(send: fun(event: string, data: any))
---@field on (fun(topic: string, data: any, send: fun(event: string, data: any)))?

-- Raised by send when nobody reads any more, to leave the handler's code.
local GONE = { code = "closed" }

local function sender(write)
  local function put(text)
    if not write(text) then error(GONE, 0) end
  end
  return function(event, data) put(("event: %s\ndata: %s\n\n"):format(event, json.encode(data))) end, put
end

-- One turn after what bus.next said; false ends the stream.
local function turn(request, options, topic, data, send)
  if topic == session.topic(request) or (not topic and data == "timeout") then return session.is_current(request) end
  if not topic and data == "ending" then return false end
  if topic and options.on then
    options.on(topic, data, send)
  else
    options.begin(send)
  end
  return true
end

local function run(request, options, write)
  local send, put = sender(write)
  put(("retry: %d\n\n"):format(RETRY_MS + math.random(0, RETRY_MS))) -- not all at once after a restart
  options.begin(send)
  while true do
    local topic, data = bus.next(BEAT_MS)
    if not turn(request, options, topic, data, send) then return end
    if data == "timeout" then put(": \n\n") end
  end
end

-- A torn stream would be a fault of the process in the log; a browser that comes back is all that is needed.
local function run_safely(request, options, write)
  context.enter(request)
  local ok, fault = pcall(run, request, options, write)
  context.leave()
  if ok or fault == GONE then return end
  local known = errors.from(fault)
  if not known or known.status >= 500 then
    log.warn("stream ended", { route = request.route[2], reason = known and (known.cause or known.code) or tostring(fault) })
  end
end

--- Tells open pages in all workers, after the commit of the transaction.
---@param topic string
---@param data any? small (8000 bytes with the topic is the limit of PostgreSQL), nothing personal
function live.notify(topic, data)
  store.notify(topic, data ~= nil and json.encode(data) or nil)
end

--- Answers a GET of somebody who is logged in.
---@param request kit.Request
---@param options kit.Live
---@return kit.Response? response
---@return kit.Error? err
function live.open(request, options)
  local topics = table.move(options.topics, 1, #options.topics, 1, {})
  topics[#topics + 1] = session.topic(request)
  local headers = { ["x-accel-buffering"] = "no" } -- nginx would gather it
  if request.method == "HEAD" then return respond.stream("text/event-stream", function() end, headers) end
  local ok, err = bus.follow(topics)
  if not ok then return nil, errors.unavailable(err.text) end
  return respond.stream("text/event-stream", function(write) run_safely(request, options, write) end, headers)
end

return live
