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

return bus
