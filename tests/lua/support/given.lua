--- Builders of the things that specs of the kit need.
local Request = require("kit.request")
local given = {}

local HTTP = {}
HTTP.__index = HTTP
function HTTP:header(name) return self.head[name:lower()] end
function HTTP:headers() return self.head end
function HTTP:route(route, user_id) self.named_route, self.named_user = route, user_id end
function HTTP:body(limit)
  if #(self.content or "") > (limit or math.huge) then return nil, { code = "limit", text = "too large" } end
  return self.content or ""
end
function HTTP:multipart() return { fields = self.fields or {}, files = self.uploads or {} } end

--- The raw table of the core: given.raw("GET", "/programs?q=x", {cookie = "…"}, body).
function given.raw(method, target, headers, body)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local head = {}
  for name, value in pairs(headers or {}) do head[name:lower()] = value end
  return {
    id = "request-1", method = method, path = path, query_string = query, is_api = path:sub(1, 5) == "/api/", host = "copp.test", scheme = "http", ip = "192.0.2.7",
    http = setmetatable({ head = head, content = body }, HTTP),
  }
end

--- A request object, as handlers get it.
function given.request(method, target, headers, body)
  local request = Request.wrap(given.raw(method or "GET", target or "/", headers, body))
  request.user = given.guest()
  request.params = {}
  return request
end

function given.form_request(target, body, headers)
  headers = headers or {}
  headers["content-type"] = "application/x-www-form-urlencoded"
  return given.request("POST", target, headers, body)
end

function given.json_request(target, body, headers)
  headers = headers or {}
  headers["content-type"] = "application/json"
  return given.request("POST", target, headers, body)
end

function given.guest() return require("kit.session").guest() end

--- A machine of a spec in force: its data and guards as plain functions.
function given.machine(name, machine, guards, version)
  local set = { id = "workflow/" .. name, data = machine, hash = version or "v1", origin = {}, faults = {} }
  function set.value() return guards or {} end
  function set.call(_, _, guard, ctx)
    local ok, verdict = guards[guard](ctx)
    return { n = 2, ok, verdict }, { chunk = "rules/guards/" .. name .. ".lua", line = 1, us = 1 }
  end
  require("kit.packs").use(set.id, set)
  return require("kit.workflow").of_set(set)
end

local next_id = 100

--- A user in a role: given.user("staff", { sets = { director = true }, organization_id = 7, person_id = 3 }).
function given.user(role, options)
  local more = options or {}
  next_id = next_id + 1
  local grant = { id = next_id, role = role, organization_id = more.organization_id, sets = more.sets or {} }
  return {
    id = more.id or next_id, person_id = more.person_id or next_id, is_guest = false, email = role .. "@copp.test", name = role,
    grant = grant, grants = { grant },
  }
end

local facts_number = 0

--- Row of store.session and of store.session_facts for a web session with one grant; each row has facts of its own.
function given.session_row(more)
  facts_number = facts_number + 1
  local row = {
    id = 5, user_id = 42, email = "anna@copp.test", person_id = 17, name = "Сидорова А.", is_stale = false, facts = facts_number, day = "2026-11-27",
    grants = { "9|learner|||" },
  }
  for key, value in pairs(more or {}) do row[key] = value end
  return row
end

return given
