---@meta core.process
--- Other programs, without a shell; jobs and commands only.
local process = {}

--- Yields.
---@param command {argv: string[], input: string?, timeout_ms: integer?, max_bytes: integer?}
---@return {status: integer, output: string, errors: string}? status 128 + signal when it was killed
---@return core.Error? err "timeout", "limit", "not_found", "unavailable"
function process.run(command) end

return process
