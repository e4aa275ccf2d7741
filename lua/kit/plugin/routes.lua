--- Routes of plugins: the input is checked by the schema of the manifest, the right by the platform, then the plugin's function makes the
--- answer: JSON below /api/v1/x/<id>, a part of a cabinet page below /cabinet/x/<id>.
local csrf = require("kit.csrf")
local errors = require("kit.errors")
local form = require("kit.form")
local health = require("kit.plugin.health")
local host = require("kit.plugin.host")
local json = require("core.json")
local markup = require("kit.plugin.markup")
local respond = require("kit.respond")
local transaction = require("kit.transaction")
local routes = {}

local PAGE = "plugins/page"

local function failed(plugin)
  return errors.new(503, "plugin_failed", ("Плагин «%s» сейчас не отвечает. Повторите позже."):format(plugin.manifest.title), { retry_after = 60 })
end

-- What a function returned as nil, {code, text, status, field}.
local function refusal_of(plugin, err)
  if err.code == "plugin_fault" then return failed(plugin) end
  if err.code == "plugin_off" then return errors.new(503, "plugin_off", err.text, { retry_after = 300 }) end
  local words = type(err.text) == "string" and err.text ~= "" and err.text or "Запрос отклонён."
  local code = type(err.code) == "string" and err.code:match("^[a-z][a-z0-9_]*$") or "refused"
  if type(err.field) == "string" then return errors.invalid(err.field, code, words) end
  local status = math.tointeger(err.status) or 422
  return errors.new(status >= 400 and status < 500 and status or 422, code, words)
end

local function read_input(request, route)
  local query, body = {}, nil
  local err
  if route.query then
    query, err = form.parse(route.query, request.query_all)
    if not query then return nil, err end
  end
  if route.body then
    if request.is_api then
      body, err = request:json()
      if not body then return nil, err end
    else
      body = request:form_all()
    end
    body, err = form.parse(route.body, body)
    if not body then return nil, err end
  end
  local params = {}
  for name in route.path:gmatch("{([%w_]+)}") do params[name] = request.params[name] end
  return { query = query, body = body, params = params }
end

local function call(plugin, route, request, input)
  local given = { point = route.method .. " " .. route.path, fn = route.fn, input = input, view = route.view, user = request.user }
  if route.method == "GET" then return host.call(plugin, given) end
  return transaction.run(function()
    local value, err = host.call(plugin, given)
    if value == nil and err then return nil, refusal_of(plugin, err) end
    return value == nil and {} or value
  end)
end

local function page(plugin, route, request, value)
  local token = csrf.token(request)
  local html, reason = markup.check(type(value) == "table" and value.html or "", {
    id = plugin.id, csrf = ('<input type="hidden" name="_csrf" value="%s">'):format(token or ""),
  })
  if not html then
    host.blame(plugin, { point = route.method .. " " .. route.path }, "markup", reason)
    return nil, failed(plugin)
  end
  return respond.page(request, PAGE, { title = route.summary, nav = "plugin." .. plugin.id, plugin = plugin.manifest.title, plugin_html = html })
end

local function redirect(plugin, value)
  local root = "/cabinet/x/" .. plugin.id
  local path = type(value.redirect) == "string" and respond.is_local(value.redirect) and value.redirect or root
  return respond.redirect(path, type(value.notice) == "string" and { notice = value.notice:sub(1, 400) } or nil)
end

local function answer(plugin, route, request, value)
  if route.view then return page(plugin, route, request, value) end
  if not request.is_api then return redirect(plugin, type(value) == "table" and value or {}) end
  return respond.json(type(value) == "table" and value or json.object({}), route.method == "POST" and 201 or 200)
end

local function handler_of(plugin, route)
  return function(request)
    local off = health.is_off(plugin.id)
    if off then return nil, refusal_of(plugin, { code = "plugin_off", text = ("Плагин «%s» приостановлен."):format(plugin.manifest.title) }) end
    local input, err = read_input(request, route)
    if not input then return nil, err end
    local value
    value, err = call(plugin, route, request, input)
    if value == nil and err then return nil, errors.is(err) and err or refusal_of(plugin, err) end
    return answer(plugin, route, request, value)
  end
end

--- Routes for the router, like those of a module.
---@param plugin kit.Plugin
---@return kit.Route[]
function routes.of(plugin)
  local list = {}
  for i, route in ipairs(plugin.manifest.routes) do
    list[i] = { route.method, route.path, handler_of(plugin, route), access = route.perm == "user" and "user" or { route.perm },
      summary = route.summary, query = route.query, body = route.body, returns = route.returns, tag = "x " .. plugin.id,
      description = ("Плагин «%s» %s"):format(plugin.manifest.title, plugin.manifest.version) }
  end
  return list
end

return routes
