---@meta core.stats
--- Counters for /metrics. Names and labels come from code, never from clients.
local stats = {}

---@param name string lower case and underscores, ending in _total
---@param labels table<string, string|number>?
---@param value number? 1 by default
function stats.count(name, labels, value) end

return stats
