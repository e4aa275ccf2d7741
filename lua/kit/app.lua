--- The way of a request: route, session, access, CSRF, idempotency, handler, answer. Made once at load by boot.
local access = require("kit.access")
local context = require("kit.context")
local csrf = require("kit.csrf")
local errors = require("kit.errors")
local idempotency = require("kit.idempotency")
local locale = require("kit.locale")
local log = require("core.log")
local preview = require("kit.preview")
local Request = require("kit.request")
local respond = require("kit.respond")
local Router = require("kit.router")
local session = require("kit.session")
local urls = require("kit.urls")
local view = require("kit.view")
local why = require("kit.why")
local app = {}

local guest = session.guest()
local gates = {}

--- Adds a condition on every request with a session: fn(request, route) → true | nil, err. By `gates` of a module's init.
function app.gate(fn)
  gates[#gates + 1] = fn
end

-- ---- answers for faults

-- Visitors of the site get its header and a search; who works in a cabinet, or signs in, a bare page.
local function error_view(request, err)
  local is_inside = request.path:find("^/cabinet") or request.path:find("^/admin") or request.path:find("^/login")
  if request.method == "GET" and not is_inside and not err.why and view.exists("errors/public") then return "errors/public" end
  return "errors/error"
end

local function error_page(request, err)
  local name = error_view(request, err)
  if not view.exists(name) then return respond.text(err.text .. "\n", err.status) end
  local ok, page = pcall(respond.page, request, name, {
    title = locale.find("status." .. err.status) or err.text, status = err.status, text = err.text, request_id = request.id,
    code = err.code, rule = err.rule and { name = err.rule } or nil, error = err, robots = "noindex", why = err.why,
  }, err.status)
  if ok then return page end
  log.error("the error page failed", { reason = tostring(page) })
  return respond.text(err.text .. "\n", err.status)
end

-- A guest on a page is led to the log-in and back.
local function login_redirect(request)
  local next_path = (request.method == "GET" or request.method == "HEAD") and request:full_path() or nil
  return respond.redirect(urls.with("/login", { next = next_path }))
end

-- A refusal for want of a right says which, and who can give it.
local function add_reason(request, err)
  if err.status ~= 403 or not err.permission then return end
  local ok, reason = pcall(why.explain, request.user, err)
  if not ok then return log.error("a refusal could not be explained", { reason = tostring(reason) }) end
  err.why, err.extra = reason, reason and why.members(reason) or err.extra
end

local function answer_error(request, err)
  add_reason(request, err)
  if err.status == 401 or err.status == 403 then
    log.info("denied", { code = err.code, status = err.status, user = request.user and request.user.id })
  end
  if request.is_api then return respond.problem(err, request) end
  if err.status == 401 and not request:is_htmx() then return login_redirect(request) end
  if err.page and not request:is_htmx() then return err.page(request) end
  if err.location and not request:is_htmx() then return respond.redirect(err.location) end
  local page = error_page(request, err)
  if err.retry_after then page.headers["retry-after"] = tostring(err.retry_after) end
  return page
end

local function internal_error(request, reason)
  log.error("internal error", { route = request.route and request.route[2], reason = reason })
  return answer_error(request, errors.new(500, "internal", locale.text("errors.internal")))
end

-- Message handler: expected failures pass as they are, everything else gets its traceback.
local function with_traceback(fault)
  if type(fault) == "table" then return fault end
  return debug.traceback(tostring(fault), 2)
end

local function answer_fault(request, fault)
  local err = errors.from(fault)
  if not err then
    return internal_error(request, type(fault) == "table" and (fault.text or fault.code) or fault)
  end
  if err.status == 503 then log.warn("unavailable", { reason = err.cause }) end
  return answer_error(request, err)
end

-- ---- the way

local function no_route(request, kind, detail)
  if kind == "redirect" then
    local query = request.query_string
    local target = query and query ~= "" and detail .. "?" .. query or detail
    local status = (request.method == "GET" or request.method == "HEAD") and 301 or 308
    return { status = status, headers = { location = target } }
  end
  if kind == "method" then
    if request.method == "OPTIONS" then return { status = 204, headers = { allow = detail } } end
    local response = answer_error(request, errors.new(405, "method_not_allowed", locale.text("errors.method")))
    response.headers.allow = detail
    return response
  end
  session.load(request) -- the error page shows the shell of whoever asks
  return nil, errors.not_found()
end

local function enter(request, route)
  if route.session == false then
    request.user = guest
    return true
  end
  local ok, err = session.load(request)
  if not ok then return nil, err end
  if route.access ~= "public" then
    ok, err = access.enter(request.user, route.access)
    if not ok then return nil, err end
  end
  if request.method ~= "GET" then
    ok, err = csrf.check(request)
    if not ok then return nil, err end
  end
  ok, err = preview.check(request, route)
  for i = 1, ok and #gates or 0 do
    ok, err = gates[i](request, route)
    if not ok then break end
  end
  return ok, err
end

local function call_handler(request, route)
  local replay, refused = idempotency.begin(request)
  if replay or refused then return replay, refused end
  return route[3](request)
end

local function way(router, request)
  local route, params, detail = router:find(request.method, request.path)
  if not route then return no_route(request, params, detail) end
  request.route, request.params = route, params
  local ok, err = enter(request, route)
  request.http:route(route[2], request.user and request.user.id)
  if not ok then return nil, err end
  if request.is_api and request.method ~= "GET" then return call_handler(request, route) end
  return route[3](request)
end

local function run(router, request)
  local ok, response, err = xpcall(way, with_traceback, router, request)
  if not ok and idempotency.is_race(response) then
    ok, response, err = xpcall(idempotency.loser, with_traceback, request)
  end
  if not ok then return answer_fault(request, response) end
  if response then return response end
  local known = errors.from(err)
  if known then return answer_error(request, known) end
  return internal_error(request, "the handler returned no response" .. (err and ": " .. tostring(err.text or err) or ""))
end

local function is_unchanged(request, response)
  local headers = response.headers
  if not (headers.etag or headers["last-modified"]) or response.status ~= 200 or request.method ~= "GET" then return false end
  local wanted = request:header("if-none-match")
  if wanted then return headers.etag ~= nil and wanted:find(headers.etag:gsub("^W/", ""), 1, true) ~= nil end
  return headers["last-modified"] ~= nil and request:header("if-modified-since") == headers["last-modified"]
end

local function finish(request, response)
  if request.claimed then idempotency.finish(request, response) end
  if is_unchanged(request, response) then
    response.status, response.body = 304, nil
    response.headers["content-type"] = nil
  end
  local cookies = request.new_cookies
  if cookies then response.headers["set-cookie"] = cookies end
  -- After a log-out nothing of the person stays in the browser; looks of the site live in cookies and do.
  if request.has_left and request.scheme == "https" then response.headers["clear-site-data"] = '"cache", "storage"' end
end

local function note_fault(fault)
  log.error("work after the answer failed", { reason = type(fault) == "table" and (fault.text or fault.code) or tostring(fault) })
end

--- The function that answers requests.
---@param router table kit.router
---@return fun(req: table): integer, table, any
function app.handler(router)
  return function(req)
    local request = Request.wrap(req)
    request.user = guest
    context.enter(request)
    local response = run(router, request)
    finish(request, response)
    context.run_later(request, note_fault)
    context.leave()
    return response.status, response.headers, response.body
  end
end

--- A router of route lists. Raises a sentence naming what is wrong.
---@param lists {source: string, routes: kit.Route[]}[]
function app.router(lists)
  local all = {}
  for _, list in ipairs(lists) do
    for _, route in ipairs(list.routes) do
      app.check_route(route, list.source)
      route.source = list.source
      all[#all + 1] = route
    end
  end
  return Router.new(all), all
end

local METHODS = { GET = true, POST = true, PUT = true, PATCH = true, DELETE = true }

--- Raises when a route is not as the contract has it.
---@param route kit.Route
---@param source string
function app.check_route(route, source)
  local where = ("%s: route %s %s"):format(source, tostring(route[1]), tostring(route[2]))
  if not METHODS[route[1]] then error(where .. ": unknown method", 0) end
  if type(route[2]) ~= "string" or not route[2]:find("^/") then error(where .. ": the path must begin with /", 0) end
  if type(route[3]) ~= "function" then error(where .. ": no handler", 0) end
  if not route.summary then error(where .. ": no summary", 0) end
  local allowed = route.access
  if allowed ~= "public" and allowed ~= "user" and type(allowed) ~= "table" then error(where .. ": no access", 0) end
  for _, permission in ipairs(type(allowed) == "table" and allowed or {}) do
    local ok, reason = pcall(access.scope, guest, permission)
    if not ok then error(where .. ": " .. tostring(reason), 0) end
  end
end

return app
