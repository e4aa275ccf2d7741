--- Who is asking. The cookie (or Bearer token) carries a random token; PostgreSQL has its hash, so logout is effective
--- in every worker at once. One query finds the session; account, person and grants are kept in the worker under the number
--- that the session says they have (triggers raise it with every change of them).
local context = require("kit.context")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local preview = require("kit.preview")
local roles = require("kit.roles")
local settings = require("core.settings")
local store = require("kit.store")
local session = {}

---@class kit.Grant
---@field id integer
---@field role string as which of the product's roles it acts: learner, teacher, partner, customer, staff, coordinator, admin
---@field code string the role itself: the same, or one that the region made
---@field cabinet string whose first screen it lands on
---@field name string what people call it
---@field organization_id integer?
---@field organization_name string?
---@field sets table<string, boolean> permission sets

---@class kit.User
---@field id integer?
---@field person_id integer?
---@field email string?
---@field name string? «Сидорова А. П.»
---@field is_guest boolean
---@field grant kit.Grant? the grant in force
---@field grants kit.Grant[]
---@field preview kit.Preview? an administrator looks through these eyes

local COOKIE = "copp"
local TOKEN_BYTES = 32
local LIFE = { web = { idle_minutes = 720, hours = 24 * 7 }, api = { idle_minutes = 1440, hours = 24 } }

local GUEST = { is_guest = true, grants = {} }
setmetatable(GUEST, { __newindex = function() error("the guest is shared: keep nothing on it", 2) end })

---@return kit.User
function session.guest()
  return GUEST
end

local function life(kind, options)
  local given = settings.session and settings.session[kind] or {}
  return options and options.idle_minutes or given.idle_minutes or LIFE[kind].idle_minutes,
    options and options.hours or given.hours or LIFE[kind].hours
end

local function parse_sets(list)
  local sets = {}
  for name in list:gmatch("[^,]+") do sets[name] = true end
  return sets
end

-- "12|partner|7|curator,director|Колледж А", as store.SESSION packs it.
local function parse_grant(packed)
  local id, code, organization_id, sets, name = packed:match("^(%d+)|([%w_]+)|(%d*)|([^|]*)|(.*)$")
  local role = roles.find(code) or {}
  return {
    id = math.tointeger(tonumber(id)), role = role.base or code, code = code, cabinet = role.cabinet or code, name = role.name or code,
    organization_id = math.tointeger(tonumber(organization_id)),
    organization_name = name ~= "" and name or nil, sets = parse_sets(sets),
  }
end

local function parse_grants(packed)
  local grants = {}
  for i, one in ipairs(packed or {}) do grants[i] = parse_grant(one) end
  return grants
end

local function make_user(row, grants, grant_id)
  local chosen = grants[1]
  for _, grant in ipairs(grants) do
    if grant.id == grant_id then chosen = grant end
  end
  return {
    id = row.user_id, person_id = row.person_id, email = row.email, name = row.name or row.email, is_guest = false,
    grants = grants, grant = chosen,
  }
end

--- The user of a row with user_id, person_id, email, name, grants (packed) and grant_id.
---@return kit.User
function session.user_of(row)
  return make_user(row, parse_grants(row.grants), row.grant_id)
end

-- ---- facts of sessions, kept

local FACTS_MOST = 5000 -- of a worker: some 5 MB
local facts, facts_count = {}, 0

-- Grants are in force by the day, and are called what the region calls their roles. (The user: a restored database counts anew.)
local function is_current(known, row)
  return known ~= nil and known.facts == row.facts and known.user_id == row.user_id and known.day == row.day and known.roles == roles.state()
end

-- {facts, day, user_id, person_id, email, name, has_otp, grants, roles} of a session's row; nil when the account may not enter.
local function facts_of(row)
  local known = facts[row.id]
  if is_current(known, row) then return known end
  local found = store.session_facts(row.id)
  if not found then return nil end
  found.roles = roles.state()
  found.grants = parse_grants(found.grants)
  if not known then
    if facts_count >= FACTS_MOST then facts, facts_count = {}, 0 end
    facts_count = facts_count + 1
  end
  facts[row.id] = found
  return found
end

local function bearer(request)
  local header = request.http:header("authorization")
  return header and header:match("^[Bb]earer%s+([%w%-_]+)%s*$"), header
end

-- Where a preview finds whom it shows.
local PREVIEWED = {
  organization_name = function(id) return store.organization_name(id) end,
  user_of_grant = function(id)
    local row = store.user_of_grant(id)
    return row and session.user_of(row)
  end,
}

--- The user to be shown instead of an administrator; nil when he may not look so.
---@param admin kit.User
---@param packed string
---@return kit.User?
function session.previewed(admin, packed)
  return preview.user(admin, packed, PREVIEWED)
end

--- Begins a preview in this session (kit.preview), or ends it with nil.
---@param request kit.Request
---@param packed string?
function session.set_preview(request, packed)
  store.set_preview(request.session.id, packed)
end

--- Finds out who asks: sets request.user, request.session, request.token_kind ("bearer", "cookie" or nil).
--- A Bearer token that is not valid is an error; a stale cookie makes a guest.
---@param request kit.Request
---@return true? ok
---@return kit.Error? err
function session.load(request)
  local token, header = bearer(request)
  local kind = "bearer"
  if header and not token then
    request.user = GUEST
    return nil, errors.unauthorized("bad_token", "Токен не подходит.")
  end
  if not token and request.http:header("cookie") then
    token, kind = request:cookie(COOKIE), "cookie"
  end
  request.user = GUEST
  if not token or token == "" then return true end
  local row = store.session(crypto.sha256(token), kind == "bearer" and "api" or "web")
  local known = row and facts_of(row)
  if not known then
    if kind == "bearer" then return nil, errors.unauthorized("bad_token", "Токен не подходит или устарел.") end
    return true
  end
  if row.is_stale then store.touch_session(row.id) end
  row.has_otp = known.has_otp
  request.user, request.session = make_user(known, known.grants, row.grant_id), row
  request.token, request.token_kind = token, kind
  if row.preview then request.user = session.previewed(request.user, row.preview) or request.user end
  return true
end

local function cookie_on(request, token, hours)
  request:set_cookie(COOKIE, token, math.max(1, math.floor(hours * 3600)))
end

--- Opens a session for an account whose password (or whatever) was checked. On pages the cookie is set and a former
--- session of this browser ends: the token is always new after a log-in.
---@param request kit.Request
---@param user_id integer
---@param options {kind: "web"|"api"|nil, grant_id: integer?, idle_minutes: integer?, hours: integer?}?
---@return string token
---@return integer expires_in seconds
function session.start(request, user_id, options)
  local kind = options and options.kind or "web"
  local idle, hours = life(kind, options)
  local token = crypto.token(TOKEN_BYTES)
  if kind == "web" and request.session then store.revoke_session(request.session.id) end
  store.insert_session(crypto.sha256(token), kind, user_id, options and options.grant_id, request.ip,
    (request:header("user-agent") or ""):sub(1, 300), idle, hours)
  if kind == "web" then cookie_on(request, token, hours) end
  return token, hours * 3600
end

--- Ends the session of this request, in every worker at once.
---@param request kit.Request
function session.finish(request)
  if request.session then store.revoke_session(request.session.id) end
  if request.token_kind ~= "bearer" then request:set_cookie(COOKIE, "", 0) end
  request.user, request.session, request.has_left = GUEST, nil, true
end

--- Puts another grant of the user in force; the token changes with the rights.
---@param request kit.Request
---@param grant_id integer
---@return true? ok
---@return kit.Error? err
function session.switch_grant(request, grant_id)
  for _, grant in ipairs(request.user.grants) do
    if grant.id == grant_id and request.session then
      local token = crypto.token(TOKEN_BYTES)
      store.switch_session(request.session.id, crypto.sha256(token), grant_id)
      if request.token_kind == "cookie" then cookie_on(request, token, request.session.left_s / 3600) end
      return true
    end
  end
  return nil, errors.forbidden("Такой роли у вас нет. Выберите роль из списка.")
end

--- Notes that the owner has just proved himself (kit.reauth), under a new token: what somebody saw of the old one is void.
---@param request kit.Request
function session.prove(request)
  local token = crypto.token(TOKEN_BYTES)
  store.prove_session(request.session.id, crypto.sha256(token))
  request.session.proved_s = 0
  request.token, request.csrf_token = token, nil -- a page that is rendered now speaks for the new token
  if request.token_kind == "cookie" then cookie_on(request, token, request.session.left_s / 3600) end
end

--- Sessions of a user that are in force: {id, kind, ip, user_agent, created_at, last_seen_at}.
---@param user_id integer
---@return table[]
function session.list(user_id)
  return store.sessions_of(user_id)
end

--- Ends one session of a user.
---@param user_id integer
---@param id integer
function session.revoke(user_id, id)
  return store.revoke_session_of(user_id, id)
end

--- Ends all sessions of a user (after a new password, when blocked), but the given one.
---@param user_id integer
---@param except_id integer?
function session.revoke_all(user_id, except_id)
  store.revoke_sessions_of(user_id, except_id)
end

--- Topic of core.bus that is notified when something about the session of a request has changed (a trigger does it).
---@param request kit.Request
---@return string
function session.topic(request)
  return "session." .. request.session.id
end

--- Is the session of a request still in force, with the rights it began with? For answers that stay open. Asking is no
--- sign of life: the session may run out meanwhile.
---@param request kit.Request
---@return boolean
function session.is_current(request)
  local row = store.session(crypto.sha256(request.token), request.token_kind == "bearer" and "api" or "web")
  local before = request.session
  return row ~= nil and row.id == before.id and row.grant_id == before.grant_id and row.facts == before.facts
end

--- The user as if logged in, for commands, jobs and tests: loads account and grants without a session.
---@param user_id integer
---@param grant_id integer?
---@return kit.User?
function session.impersonate(user_id, grant_id)
  local row = store.user(user_id)
  if not row then return nil end
  row.grant_id = grant_id
  return session.user_of(row)
end

--- User of the current context (the guest outside of requests).
---@return kit.User
function session.current()
  return context.get().user or GUEST
end

return session
