--- What a plugin may ask of the platform while it runs: rows of its own statements, a request to the net, a job, an event, a line in
--- the log. Each looks at what the manifest asked for and an administrator granted; the value comes back into the plugin by copy.
---
---   capabilities.answer(plugin, call, ask) → value | nil, {code, text}
---
--- call = {point, may_fetch}: nothing of the net where a transaction or a person waits.
local clock = require("core.clock")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local fetch = require("core.fetch")
local job = require("kit.job")
local json = require("core.json")
local log = require("core.log")
local outbox = require("kit.outbox")
local query = require("kit.query")
local secret = require("kit.secret")
local setting = require("kit.setting")
local transaction = require("kit.transaction")
local capabilities = {}

local STATEMENT_MS = 2000
local MAX_ROWS, MAX_PARAMS = 1000, 50
local MAX_BODY, MAX_PAYLOAD = 256 * 1024, 16 * 1024

local function refuse(code, text, ...) return nil, { code = code, text = text:format(...) } end

-- ---- the database

local function parameters(ask)
  local list = {}
  for i = 1, math.min(ask.n or 0, MAX_PARAMS) do
    local value = ask.args[i]
    local kind = type(value)
    if value ~= nil and kind ~= "string" and kind ~= "number" and kind ~= "boolean" then return nil end
    list[i] = value
  end
  return list
end

local function run_statement(run, statement, params)
  -- A savepoint: a constraint that refuses undoes the statement, not the whole act that the plugin takes part in.
  return transaction.attempt(function() return run({ timeout_ms = STATEMENT_MS }, statement.text, table.unpack(params, 1, statement.params)) end)
end

local function statement_of(plugin, ask)
  local statement = plugin.statements[tostring(ask.name)]
  if not statement then return refuse("denied", "предложения «%s» нет в sql.lua", tostring(ask.name)) end
  local params = parameters(ask)
  if not params then return refuse("invalid", "«%s»: значения бывают текстом, числом, true и false", ask.name) end
  if (ask.n or 0) ~= statement.params then
    return refuse("invalid", "«%s»: нужно значений: %d, дано: %d", ask.name, statement.params, ask.n or 0)
  end
  return statement, params
end

local function known_error(err)
  local known = errors.from(err)
  if not known then error(err, 0) end
  return { code = known.constraint and "constraint" or known.code, text = known.text, constraint = known.constraint }
end

-- A fault of PostgreSQL in a plugin's statement (a wrong type, say) is the plugin's.
local function guarded(run, statement, params)
  local results = table.pack(pcall(run_statement, run, statement, params))
  if not results[1] then
    local fault = results[2]
    if type(fault) == "table" and fault.code == "retry" then error(fault, 0) end
    return nil, { code = "db", text = type(fault) == "table" and (fault.text or fault.code) or tostring(fault) }
  end
  if results[2] == nil and results[3] then return nil, known_error(results[3]) end
  return results[2] == nil and false or results[2]
end

local operations = {}

function operations.rows(plugin, _, ask)
  local statement, params = statement_of(plugin, ask)
  if not statement then return nil, params end
  local rows, err = guarded(query.rows, statement, params)
  if not rows then return nil, err end
  if #rows > MAX_ROWS then return refuse("limit", "«%s»: больше %d строк, добавьте LIMIT", ask.name, MAX_ROWS) end
  return rows
end

function operations.row(plugin, _, ask)
  local statement, params = statement_of(plugin, ask)
  if not statement then return nil, params end
  local row, err = guarded(query.row, statement, params)
  if err then return nil, err end
  return row or nil
end

function operations.exec(plugin, _, ask)
  local statement, params = statement_of(plugin, ask)
  if not statement then return nil, params end
  if not statement.writes then return refuse("denied", "«%s» ничего не пишет: возьмите db.rows", ask.name) end
  return guarded(query.exec, statement, params)
end

-- ---- the net

local function host_of(url)
  local scheme, rest = url:match("^(https?)://([^/?#]+)")
  if not rest or rest:find("@", 1, true) then return nil end
  return scheme, (rest:gsub(":%d+$", ""):lower())
end

local function allowed_hosts(plugin)
  local hosts = {}
  for _, entry in ipairs(plugin.manifest.capabilities.http_out) do
    local key = entry:match("^@(.*)$")
    if key then
      local _, host = host_of(tostring(setting.get(("plugin.%s.%s"):format(plugin.id, key))))
      hosts[#hosts + 1] = host
    else
      hosts[#hosts + 1] = entry:lower()
    end
  end
  return hosts
end

local function is_allowed(plugin, host)
  for _, allowed in ipairs(allowed_hosts(plugin)) do
    if host == allowed then return true end
    local tail = allowed:match("^%*(%..+)$")
    if tail and #host > #tail and host:sub(-#tail) == tail then return true end
  end
  return false
end

local function secret_value(plugin, key)
  for _, entry in ipairs(plugin.manifest.secrets) do
    if entry.key == key then return secret.get(entry.name) end
  end
  return nil, { code = "denied", text = ("секрета «%s» нет в secrets"):format(tostring(key)) }
end

-- Signatures and passwords are put in here: no secret ever enters the plugin.
local function add_secrets(plugin, request, headers)
  local bearer, sign = request.bearer, request.sign
  if bearer then
    local value, err = secret_value(plugin, bearer)
    if not value then return nil, err or { code = "no_secret", text = "секрет не задан" } end
    headers.Authorization = "Bearer " .. value
  end
  if type(sign) == "table" then
    local value, err = secret_value(plugin, sign.secret)
    if not value then return nil, err or { code = "no_secret", text = "секрет не задан" } end
    local at = tostring(math.floor(clock.now()))
    headers["X-Copp-Timestamp"] = at
    headers[sign.header or "X-Copp-Signature"] = "sha256=" .. crypto.hmac_sha256(value, at .. "." .. (request.body or ""))
  end
  return true
end

local METHODS = { GET = true, POST = true, PUT = true, PATCH = true, DELETE = true }

local function headers_of(request)
  local headers = {}
  for name, value in pairs(type(request.headers) == "table" and request.headers or {}) do
    if type(name) ~= "string" or type(value) ~= "string" or (name .. value):find("[%c]") or name:lower() == "host" then
      return refuse("invalid", "заголовок «%s» не разрешён", tostring(name))
    end
    headers[name] = value
  end
  return headers
end

local function check_request(plugin, call, request)
  if type(request) ~= "table" or type(request.url) ~= "string" then return refuse("invalid", "нужен url") end
  if not call.may_fetch then return refuse("denied", "в сеть можно ходить только из заданий и по таймеру: ctx.jobs.enqueue") end
  local _, host = host_of(request.url)
  if not host or not is_allowed(plugin, host) then return refuse("denied", "узла «%s» нет в capabilities.http_out", host or request.url) end
  if request.method and not METHODS[request.method] then return refuse("invalid", "метод «%s» не разрешён", tostring(request.method)) end
  if request.body and (type(request.body) ~= "string" or #request.body > MAX_BODY) then return refuse("invalid", "тело — текст до 256 КБ") end
  return true
end

function operations.fetch(plugin, call, ask)
  local request = ask.request
  local ok, err = check_request(plugin, call, request)
  if not ok then return nil, err end
  if type(request.json) == "table" then request.body = json.encode(request.json) end
  local headers
  headers, err = headers_of(request)
  if not headers then return nil, err end
  if request.json then headers["Content-Type"] = headers["Content-Type"] or "application/json" end
  ok, err = add_secrets(plugin, request, headers)
  if not ok then return nil, { code = err.code, text = err.text } end
  local answer
  answer, err = fetch.fetch({ url = request.url, method = request.method or "GET", headers = headers, body = request.body,
    timeout_ms = plugin.manifest.limits.http_s * 1000, max_bytes = plugin.manifest.limits.out_kb * 1024 })
  if not answer then return nil, { code = err.code, text = err.text } end
  return { status = answer.status, body = answer.body, content_type = answer.headers["content-type"] }
end

-- ---- jobs, events, log

local function payload_of(value)
  if value == nil then return {} end
  local text = type(value) == "table" and json.encode(json.object(value)) or nil
  return text and #text <= MAX_PAYLOAD and value or nil
end

function operations.enqueue(plugin, _, ask)
  if not plugin.manifest.jobs[tostring(ask.name)] then return refuse("denied", "задания «%s» нет в jobs", tostring(ask.name)) end
  local payload = payload_of(ask.payload)
  if not payload then return refuse("invalid", "данные задания — таблица до 16 КБ") end
  local options = type(ask.options) == "table" and ask.options or {}
  local key = type(options.key) == "string" and ("plugin.%s.%s:%s"):format(plugin.id, ask.name, options.key:sub(1, 100)) or nil
  return job.enqueue(("plugin.%s.%s"):format(plugin.id, ask.name), payload, { key = key, priority = 150, max_attempts = 8 })
end

function operations.emit(plugin, _, ask)
  if not plugin.manifest.capabilities.outbox then return refuse("denied", "для событий попросите capabilities.outbox = true") end
  local topic = tostring(ask.name)
  if not topic:find("^[a-z_]+$") then return refuse("invalid", "имя события: строчные латинские буквы") end
  local payload = payload_of(ask.payload)
  if not payload then return refuse("invalid", "данные события — таблица до 16 КБ") end
  local key = type(ask.key) == "string" and ("plugin.%s.%s"):format(plugin.id, ask.key:sub(1, 100)) or nil
  outbox.emit(("x.%s.%s"):format(plugin.id, topic), key, payload)
  return true
end

function operations.log(plugin, call, ask)
  log.info("plugin", { plugin = plugin.id, point = call.point, text = tostring(ask.name):sub(1, 500) })
  return true
end

--- Does what a plugin asks for.
---@param plugin kit.Plugin
---@param call {point: string, may_fetch: boolean}
---@param ask table as the plugin yielded it
---@return any value
---@return {code: string, text: string}? err
function capabilities.answer(plugin, call, ask)
  local operation = type(ask) == "table" and operations[ask.op]
  if not operation then return refuse("denied", "такого платформа не делает") end
  return operation(plugin, call, ask)
end

return capabilities
