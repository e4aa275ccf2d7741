--- Looking at the platform as somebody else, for administrators: as a role, or in the grant of a user. Only reading: kit.app refuses
--- every writing route, kit.transaction every transaction, kit.access special data; the audit names the administrator. What is
--- looked at lies in the session row ("role|partner|7", "grant|12"), so that it ends with the session.
local errors = require("kit.errors")
local roles = require("kit.roles")
local preview = {}

local RIGHT = "user.manage"

---@class kit.Preview
---@field user kit.User the administrator himself
---@field label string «Преподаватель, Петров П. П.»

--- May this user look as somebody else?
---@param user kit.User
---@return boolean
function preview.is_allowed(user)
  return not user.is_guest and not user.preview and roles.rights(user.grant)[RIGHT] == "all"
end

-- A role without a person: own things are nobody's.
local function as_role(admin, code, organization_id, organization_name)
  local role = roles.find(code)
  if not role or role.kind ~= "role" or role.archived_at then return nil end
  local grant = { id = 0, role = role.base, code = code, cabinet = role.cabinet, name = role.name, organization_id = organization_id,
    organization_name = organization_name, sets = {} }
  return { id = admin.id, name = admin.name, email = admin.email, is_guest = false, grants = { grant }, grant = grant,
    preview = { user = admin, label = role.name .. (organization_name and ", " .. organization_name or "") } }
end

local function as_grant(admin, target)
  if not target or not target.grant then return nil end
  for _, grant in ipairs(target.grants) do
    -- Whoever manages users has secrets of the platform: nobody looks over his shoulder.
    if roles.rights(grant)[RIGHT] then return nil end
  end
  target.grants = { target.grant }
  target.preview = { user = admin, label = ("%s, %s"):format(target.grant.name, target.name or target.email or "") }
  return target
end

--- The user to be shown instead of the administrator; nil when it is no longer possible (a right lost, a grant ended).
---@param admin kit.User
---@param packed string session.preview
---@param source {organization_name: (fun(id: integer): string?), user_of_grant: fun(id: integer): kit.User?}
---@return kit.User? user
function preview.user(admin, packed, source)
  if not preview.is_allowed(admin) then return nil end
  local code, organization = packed:match("^role|([%w_]+)|(%d*)$")
  if code then
    local id = math.tointeger(tonumber(organization))
    return as_role(admin, code, id, id and source.organization_name(id))
  end
  local grant_id = math.tointeger(tonumber(packed:match("^grant|(%d+)$")))
  local target = grant_id and source.user_of_grant(grant_id)
  if target and target.grant and target.grant.id ~= grant_id then return nil end
  return as_grant(admin, target)
end

--- May this request go on? Reading, and what is said to be harmless (`preview = true`: looks of the site, the way out); nothing
--- that belongs to the account itself (`private = true`: sessions, second factor, secret links).
---@param request kit.Request
---@param route kit.Route
---@return true? ok
---@return kit.Error? err
function preview.check(request, route)
  local seen = request.user.preview
  if not seen then return true end
  if route.preview then
    request.user = seen.user -- these act for the administrator himself
    return true
  end
  if request.method == "GET" and not route.private then return true end
  return nil, errors.in_preview()
end

return preview
