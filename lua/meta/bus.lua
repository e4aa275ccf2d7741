---@meta core.bus
--- Notifications of PostgreSQL: NOTIFY copp, '{"topic":…,"data":…}'.
local bus = {}

--- Waits for the next one of this topic. Yields.
---@param topic string
---@param timeout_ms integer 1 to 3600000
---@return any? data decoded; nil when the time is over
function bus.wait(topic, timeout_ms) end

--- How many notifications of this topic came to this process since it was first asked about. After a broken connection to
--- PostgreSQL every count has moved. kit.cached compares counts.
---@param topic string
---@return integer
function bus.count(topic) end

--- Keeps notifications of these topics for the running task from now on, up to 64: for an answer that stays open. Once a task.
---@param topics string[] 1 to 16
---@return true? ok
---@return core.Error? err "overloaded": too many streams in this process, or it ends
function bus.follow(topics) end

--- The next notification that was kept, or waits for one. Yields.
---@param timeout_ms integer 1 to 3600000
---@return string? topic
---@return any data decoded; without a topic why: "timeout", "lost" (more came than was kept; read everything anew),
--- "ending" (reload or stop: end the answer)
function bus.next(timeout_ms) end

return bus
