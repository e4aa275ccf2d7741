--- Asking providers: forms and JSON over core.fetch, with errors for people.
local errors = require("kit.errors")
local fetch = require("core.fetch")
local json = require("core.json")
local log = require("core.log")
local settings = require("core.settings")
local text = require("core.text")
local http = {}

local TIMEOUT_MS, MAX_BYTES = 10000, 1 << 20

--- Address of the mock for our own requests: this very server.
function http.own_origin()
  local listen = settings.listen or "127.0.0.1:8080"
  local host, port = listen:match("^(.*):(%d+)$")
  if host == "" or host == "0.0.0.0" or host == "[::]" then host = "127.0.0.1" end
  return "http://" .. (host or "127.0.0.1") .. ":" .. (port or "8080")
end

--- a=1&b=2 in the order of the names given.
---@param params table<string, string?>
---@param names string[]
function http.form(params, names)
  local parts = {}
  for _, name in ipairs(names) do
    if params[name] ~= nil and params[name] ~= "" then parts[#parts + 1] = name .. "=" .. text.url_encode(params[name]) end
  end
  return table.concat(parts, "&")
end

local function away(what, why)
  log.warn("signin provider", { what = what, reason = why })
  return errors.new(503, "provider_unavailable", "Сервис входа сейчас не отвечает. Повторите через несколько минут или войдите по почте и паролю.",
    { cause = why })
end

--- One request. The answer is decoded where it is JSON.
---@param request table of core.fetch
---@param what string for the log
---@return {status: integer, body: string, json: table?}? answer
---@return kit.Error? err
function http.ask(request, what)
  request.timeout_ms, request.max_bytes = request.timeout_ms or TIMEOUT_MS, MAX_BYTES
  local answer, err = fetch.fetch(request)
  if not answer then return nil, away(what, err.code .. ": " .. err.text) end
  if answer.status >= 500 then return nil, away(what, "status " .. answer.status) end
  local decoded = json.decode(answer.body)
  answer.json = type(decoded) == "table" and decoded or nil
  return answer
end

return http
