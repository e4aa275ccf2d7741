---@meta core.http
--- The request that runs the task, as userdata `req.http`. Raises once the request is answered.
local http = {}

---@class core.Error
---@field code string
---@field text string English, for the log

---@class core.http.Request
local Request = {}

---@param name string any case
---@return string? value of the first one
function Request:header(name) end

---@return table<string, string> lower-case name to value of the first one
function Request:headers() end

--- What few requests ask for.
---@param name "id"|"host"|"ip"|"scheme"
---@return string
function Request:fact(name) end

--- Names the route and the user for the log and the metrics.
---@param route string "/x/{id}"
---@param user_id integer?
function Request:route(route, user_id) end

--- The whole body, once. Yields.
---@param max_bytes integer? 1 MiB by default
---@return string?
---@return core.Error? err "limit", "invalid"
function Request:body(max_bytes) end

--- A form with files, which stream to tmp/; what is not moved away is removed at the end. Yields.
---@param limits {max_bytes: integer?, max_file_bytes: integer?, max_files: integer?}
---@return {fields: table<string, string|string[]>, files: {name: string, filename: string, type: string, path: string, size: integer, sha256: string}[]}?
---@return core.Error? err "limit", "invalid", "unavailable" (disk full)
function Request:multipart(limits) end

return http
