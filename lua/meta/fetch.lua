---@meta core.fetch
--- Outgoing HTTP: redirects come back as answers, private addresses are refused unless the settings allow them.
local fetch = {}

--- Yields.
---@param request {url: string, method: string?, headers: table<string, string>?, body: string?, timeout_ms: integer?, max_bytes: integer?, is_own: boolean?}
---  is_own: may reach this very server, for mocks in the demo
---@return {status: integer, headers: table<string, string>, body: string}? answer header names in lower case
---@return core.Error? err "timeout", "limit", "invalid" (address refused), "unavailable", "io", "overloaded"
function fetch.fetch(request) end

return fetch
