--- Who may do what. Permissions are data in lua/rules/permissions.lua:
---
---   ["application.decide"] = { staff = "all", partner = "organization" }
---
--- The key of a line is a role, or a permission set of the grant ("director": staff with that set). Scopes:
---   all           any object
---   organization  object.organization_id (or object.organization_ids) is the grant's organisation
---   own           object.person_id (or object.person_ids) is the user's person, or object.user_id the user
--- Without an object the question is "at all?": any scope will do. "guest" and "user" (anyone logged in) are keys, too.
local errors = require("kit.errors")
local access = {}

local permissions

--- Replaces the table of permissions: at load, and in tests.
---@param table table<string, table<string, string>>
function access.use(table)
  permissions = table
end

local function rule_of(permission)
  permissions = permissions or require("rules.permissions")
  local rule = permissions[permission]
  if not rule then error("no permission named " .. tostring(permission), 3) end
  return rule
end

local function contains(list, value)
  if value == nil or type(list) ~= "table" then return false end
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

local scopes = {}
function scopes.all()
  return true
end
function scopes.organization(user, object)
  local id = user.grant and user.grant.organization_id
  return id ~= nil and (object.organization_id == id or contains(object.organization_ids, id))
end
function scopes.own(user, object)
  if user.person_id and (object.person_id == user.person_id or contains(object.person_ids, user.person_id)) then return true end
  return user.id ~= nil and object.user_id == user.id
end

local function holds(scope, user, object)
  if not scope then return false end
  if not object then return true end
  local check = scopes[scope]
  if not check then error("no scope named " .. tostring(scope), 0) end
  return check(user, object)
end

local function may(rule, user, object)
  if user.is_guest then return holds(rule.guest, user, object) end
  if user.is_system or holds(rule.user, user, object) then return true end
  local grant = user.grant
  if not grant then return false end
  if holds(rule[grant.role], user, object) then return true end
  for set in pairs(grant.sets) do
    if holds(rule[set], user, object) then return true end
  end
  return false
end

--- May the user, in the grant in force, do this to the object?
---@param user kit.User
---@param permission string
---@param object table? fields organization_id, person_id … decide
---@return boolean
---@return kit.Error? err 403 (401 for guests)
function access.can(user, permission, object)
  local rule = rule_of(permission)
  if may(rule, user, object) then return true end
  if user.is_guest then return false, errors.unauthorized() end
  return false, errors.forbidden()
end

--- The same as nil, err, for services: `local ok, err = access.need(…) if not ok then return nil, err end`.
---@return true? ok
---@return kit.Error? err
function access.need(user, permission, object)
  local ok, err = access.can(user, permission, object)
  if ok then return true end
  return nil, err
end

--- The scope in which the role has a permission, for narrowing lists: "all", "organization", "own" or nil.
---@param user kit.User
---@param permission string
---@return string?
function access.scope(user, permission)
  local rule = rule_of(permission)
  if user.is_guest then return rule.guest end
  local grant, found = user.grant, rule.user
  if not grant then return found end
  local function wider(scope)
    if scope == "all" or not found or (scope == "organization" and found == "own") then found = scope or found end
  end
  wider(rule[grant.role])
  for set in pairs(grant.sets) do wider(rule[set]) end
  return found
end

--- Has the grant in force this role (or permission set)?
---@param user kit.User
---@param role string
---@return boolean
function access.is(user, role)
  local grant = user.grant
  return grant ~= nil and (grant.role == role or grant.sets[role] == true)
end

--- The check of a route before its handler: `access` is "public", "user" or a list of permissions, one of which is enough.
---@param user kit.User
---@param wanted string|string[]
---@return true? ok
---@return kit.Error? err
function access.enter(user, wanted)
  if wanted == "public" then return true end
  if user.is_guest then return nil, errors.unauthorized() end
  if wanted == "user" then return true end
  for _, permission in ipairs(wanted) do
    if may(rule_of(permission), user, nil) then return true end
  end
  return nil, errors.forbidden()
end

return access
