---@meta core.bus
--- Notifications of PostgreSQL: NOTIFY copp, '{"topic":…,"data":…}'.
local bus = {}

--- Waits for the next one of this topic. Yields.
---@param topic string
---@param timeout_ms integer 1 to 3600000
---@return any? data decoded; nil when the time is over
function bus.wait(topic, timeout_ms) end

return bus
