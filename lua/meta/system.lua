---@meta core.system
--- What the master of this node knows of its processes.
local system = {}

--- Yields.
---@param what "status"|"metrics" JSON, or the text of /metrics of all processes
---@return string? text
---@return core.Error? err "unavailable"
function system.ask(what) end

return system
