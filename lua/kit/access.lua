--- Who may do what. Operations are data in lua/rules/permissions.lua, changed by the region at /admin/roles (kit.roles):
---
---   ["application.decide"] = { "F19", "decide", "Решать по заявкам", staff = "all", partner = "organization" }
---
--- The key of a right is a role, or a permission set of the grant ("director": staff with that set). Scopes:
---   all           any object
---   organization  object.organization_id (or object.organization_ids) is the grant's organisation
---   own           object.person_id (or object.person_ids) is the user's person, or object.user_id the user
--- Without an object the question is "at all?": any scope will do. "guest" and "user" (anyone logged in) are keys, too.
--- A check is a look into the table that kit.roles made of the grant: it costs well under a microsecond and asks nobody.
local errors = require("kit.errors")
local roles = require("kit.roles")
local access = {}

--- Replaces the table of permissions: in tests.
---@param permissions table<string, table>
function access.use(permissions)
  roles.use(permissions)
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
  return scopes[scope](user, object)
end

-- The scope in which the user has a permission. In a preview nobody has special data, nor does the table say so.
local function scope_of(user, permission)
  local operation = roles.operation(permission)
  if not operation then error("no permission named " .. tostring(permission), 3) end
  if user.is_guest then return roles.state().rules[permission].guest end
  if user.is_system then return "all" end
  if user.preview and operation.special then return nil end
  return roles.rights(user.grant)[permission]
end

local function refusal(user, permission)
  if user.is_guest then return errors.unauthorized() end
  local err = errors.forbidden()
  err.permission = permission
  return err
end

--- May the user, in the grant in force, do this to the object?
---@param user kit.User
---@param permission string
---@param object table? fields organization_id, person_id … decide
---@return boolean
---@return kit.Error? err 403 (401 for guests) that names the permission; kit.why puts it into words
function access.can(user, permission, object)
  if holds(scope_of(user, permission), user, object) then return true end
  return false, refusal(user, permission)
end

--- The same as nil, err, for services: `local ok, err = access.need(…) if not ok then return nil, err end`.
---@return true? ok
---@return kit.Error? err
function access.need(user, permission, object)
  if holds(scope_of(user, permission), user, object) then return true end
  return nil, refusal(user, permission)
end

--- The scope in which the user has a permission, for narrowing lists: "all", "organization", "own" or nil.
---@param user kit.User
---@param permission string
---@return string?
function access.scope(user, permission)
  return scope_of(user, permission)
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
    if scope_of(user, permission) then return true end
  end
  return nil, refusal(user, wanted[1])
end

return access
