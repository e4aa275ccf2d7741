--- A request as handlers see it. The table made by the core is used as it is; query, cookies and form are parsed
--- when first asked for.
---
--- Fields: id, method, path, params, query (first value of each name), query_all (arrays), cookies, user, session, ip,
--- host, scheme, is_api, route, nonce (of the page), http (userdata of core.http).
--- A name repeated in a query or a form: the first value counts, everywhere (query_all and form_all keep all).
local crypto = require("core.crypto")
local errors = require("kit.errors")
local json = require("core.json")
local strict = require("kit.strict")
local text = require("core.text")

---@class kit.Request : kit.Context
---@field id string
---@field method string
---@field path string
---@field params table<string, string>
---@field query table<string, string>
---@field query_all table<string, string[]>
---@field cookies table<string, string>
---@field user kit.User
---@field session table?
---@field ip string
---@field host string
---@field scheme string
---@field is_api boolean
---@field route kit.Route
---@field nonce string
local Request = {}

local DEFAULT_FORM_BYTES = 256 * 1024
local DEFAULT_JSON_BYTES = 1024 * 1024
local DEFAULT_FILE_BYTES = 32 * 1024 * 1024

local function check_texts(map)
  for name, values in pairs(map) do
    if not text.is_valid(name) then error(errors.malformed("bad_encoding", "Имя поля записано не в UTF-8."), 0) end
    for _, value in ipairs(values) do
      if not text.is_valid(value) or value:find("\0", 1, true) then
        error(errors.malformed("bad_encoding", "Текст записан не в UTF-8."), 0)
      end
    end
  end
end

local function parse_pairs(raw)
  local first, all = text.parse_query(raw)
  if first then return first, all end
  error(errors.malformed("bad_encoding", "Запрос записан с ошибкой или не в UTF-8."), 0)
end

local function parse_request_query(request)
  local raw = request.query_string
  if raw and raw ~= "" then
    request.query, request.query_all = parse_pairs(raw)
  else
    request.query, request.query_all = {}, {}
  end
end

-- Fields computed at first use.
local lazy = {}
for _, name in ipairs({ "id", "host", "ip", "scheme" }) do
  lazy[name] = function(request)
    local value = request.http:fact(name)
    rawset(request, name, value)
    return value
  end
end
function lazy.query(request)
  parse_request_query(request)
  return request.query
end
function lazy.query_all(request)
  parse_request_query(request)
  return request.query_all
end
function lazy.cookies(request)
  local header = request.http:header("cookie")
  local cookies = header and text.parse_cookies(header) or {}
  rawset(request, "cookies", cookies)
  return cookies
end
function lazy.nonce(request)
  local nonce = crypto.token(16)
  rawset(request, "nonce", nonce)
  return nonce
end

local methods = {}

Request.__index = function(request, key)
  local method = methods[key]
  if method then return method end
  local make = lazy[key]
  if make then return make(request) end
  return nil
end

--- Makes the core's table a request.
---@param req table {method, path, query_string, is_api, http}
---@return kit.Request
function Request.wrap(req)
  -- What every answer looks at and few requests get: found here it costs no search.
  req.claimed, req.has_left, req.new_cookies, req.later = false, false, false, false
  return setmetatable(req, Request)
end

--- Value of a header (any case), or nil.
---@param name string
---@return string?
function methods.header(request, name)
  return request.http:header(name)
end

local function media_type(request)
  local header = request.http:header("content-type")
  return header and header:match("^%s*([^%s;]+)"):lower() or nil
end

-- Faults of reading a body end the request, hence raised. Read once, kept: idempotency hashes it, too.
local function read_body(request, default)
  local kept = rawget(request, "body_bytes")
  if kept then return kept end
  local bytes, err = request.http:body(request.route and request.route.max_body or default)
  if not bytes then error(errors.from(err) or errors.malformed("body_unreadable", "Тело запроса не получено."), 0) end
  rawset(request, "body_bytes", bytes)
  return bytes
end

local function fold_fields(all)
  local first = {}
  for name, values in pairs(all) do
    local stem = name:match("^(.*)%[%]$")
    if stem then
      first[stem] = values
    else
      first[name] = values[1]
    end
  end
  return first
end

local function as_lists(fields)
  local all = {}
  for name, value in pairs(fields) do
    all[name] = type(value) == "table" and value or { value }
  end
  return all
end

local function read_multipart(request)
  local limits = request.route and request.route.multipart
  if not limits then error(errors.media_type(), 0) end
  local parts, err = request.http:multipart({
    max_bytes = limits.max_bytes or DEFAULT_FILE_BYTES, max_files = limits.max_files or 10,
  })
  if not parts then error(errors.from(err) or errors.malformed("bad_multipart", "Форма прочитана не целиком."), 0) end
  local all = as_lists(parts.fields)
  check_texts(all)
  return all, parts.files
end

local function read_form(request)
  local kind = media_type(request)
  local all, files
  if kind == "application/x-www-form-urlencoded" then
    local _
    _, all = parse_pairs(read_body(request, DEFAULT_FORM_BYTES))
  elseif kind == "multipart/form-data" then
    all, files = read_multipart(request)
  elseif kind == nil then
    all = {}
  else
    error(errors.media_type(), 0)
  end
  rawset(request, "typed_all", all)
  rawset(request, "typed", fold_fields(all))
  rawset(request, "uploads", files or {})
end

--- What was typed into the form (urlencoded or multipart): name → first value; `x[]` → array under `x`.
--- Unreadable bodies raise (400, 413, 415).
---@return table<string, string|string[]>
function methods.form(request)
  if not rawget(request, "typed") then read_form(request) end
  return request.typed
end

--- The form with all values: name → array. For form.parse() of schemas with lists.
---@return table<string, string[]>
function methods.form_all(request)
  if not rawget(request, "typed") then read_form(request) end
  return request.typed_all
end

--- Uploaded files: {name, filename, type, path, size, sha256}. Unsaved ones vanish with the request.
---@return table[]
function methods.files(request)
  if not rawget(request, "typed") then read_form(request) end
  return request.uploads
end

--- The first uploaded file of that field with content, or nil.
---@param name string
function methods.file(request, name)
  for _, file in ipairs(request:files()) do
    if file.name == name and file.size > 0 then return file end
  end
  return nil
end

-- "If-Match" stands for the field `version` where the schema has one and the body does not say it.
local function add_version(request, body)
  if body.version ~= nil then return end
  local version = request:if_match()
  if not version or not request.route then return end
  for _, field in ipairs(request.route.body or {}) do
    if field.name == "version" then body.version = version end
  end
end

--- The whole body as bytes; not for multipart. Raises 413.
---@return string
function methods.body(request)
  return read_body(request, DEFAULT_JSON_BYTES)
end

--- Media type of the body in lower case, without parameters; nil when not said.
---@return string?
function methods.media_type(request)
  return media_type(request)
end

--- The JSON body: an object. Values keep their JSON types; form.parse() then checks them strictly.
---@return table? body
---@return kit.Error? err
function methods.json(request)
  local kind = media_type(request)
  if kind ~= "application/json" then return nil, errors.media_type() end
  local bytes = read_body(request, DEFAULT_JSON_BYTES)
  if not text.is_valid(bytes) then return nil, errors.malformed("bad_json", "JSON записан не в UTF-8.") end
  if not bytes:find("^%s*{") then
    return nil, errors.malformed("bad_json", "Ожидается объект JSON.")
  end
  local body, err = json.decode(bytes)
  if body == nil then
    return nil, errors.new(400, "bad_json", "JSON не разобран.", { cause = err and err.text })
  end
  add_version(request, body)
  return strict.mark(body)
end

--- Version from If-Match: "v7", or nil.
---@return integer?
function methods.if_match(request)
  local header = request.http:header("if-match")
  return header and math.tointeger(tonumber(header:match('^%s*W?/?"v(%d+)"%s*$')))
end

--- Adds a cookie to the answer. Always HttpOnly, SameSite=Lax, Path=/; Secure and __Host- on https.
---@param name string
---@param value string must be safe in a cookie (base64url, url-encoded)
---@param max_age integer? seconds; nil: until the browser closes; 0: removes it
function methods.set_cookie(request, name, value, max_age)
  local line = request:cookie_name(name) .. "=" .. value .. "; Path=/; HttpOnly; SameSite=Lax"
  if request.scheme == "https" then line = line .. "; Secure" end
  if max_age then line = line .. "; Max-Age=" .. max_age end
  local list = rawget(request, "new_cookies")
  if not list then
    list = {}
    rawset(request, "new_cookies", list)
  end
  list[#list + 1] = line
end

---@return string name with the prefix of the scheme
function methods.cookie_name(request, name)
  return request.scheme == "https" and "__Host-" .. name or name
end

--- Value of one of our cookies, or nil.
---@return string?
function methods.cookie(request, name)
  return request.cookies[request:cookie_name(name)]
end

--- Address of this host as browsers name it in Origin.
---@return string
function methods.origin(request)
  return request.scheme .. "://" .. (request.host or "")
end

--- Path with the query, for links back.
---@return string
function methods.full_path(request)
  local raw = request.query_string
  return raw and raw ~= "" and request.path .. "?" .. raw or request.path
end

--- Asked for a fragment by htmx?
---@return boolean
function methods.is_htmx(request)
  return request.http:header("hx-request") == "true"
end

return Request
