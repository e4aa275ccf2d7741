--- «Почему нельзя?»: what a refusal was about, in words. A 403 that names its permission (kit.access, kit.workflow) becomes a page
--- and a problem+json that say which right is needed, who has it, who can give it, and who changed the rule last.
---
---   why.sentence("order.sign")   -- «Нужно право «Подписывать приказы». Оно есть у роли: Директор (подписант).»: beside a button
local json = require("core.json")
local roles = require("kit.roles")
local russian = require("kit.russian")
local store = require("kit.store")
local why = {}

-- Who works for the centre may know who its administrators are; to others it is «администратор платформы».
local INSIDE = { staff = true, coordinator = true, admin = true }
local NAMED_MOST = 3
local ANYBODY = "администратор платформы"

local function holders(permission)
  local state, names = roles.state(), {}
  for _, role in ipairs(state.order) do
    if state.rules[permission][role.code] then names[#names + 1] = role.name end
  end
  return names
end

--- One sentence for beside a button that may not be pressed.
---@param permission string
---@return string
function why.sentence(permission)
  local operation = roles.operation(permission)
  if not operation then return "" end
  local names = holders(permission)
  local who = #names > 0 and ("Оно есть у: " .. table.concat(names, ", ") .. ".") or "Его пока нет ни у кого."
  return ("Нужно право «%s». %s"):format(operation[3], who)
end

local function givers(user)
  local list = {}
  if not (user.grant and INSIDE[user.grant.role]) then return list end
  for index, row in ipairs(store.administrators(NAMED_MOST)) do
    list[index] = row.name and row.name ~= "" and ("%s (%s)"):format(row.name, row.email) or row.email
  end
  return list
end

-- The last change of this right by the region: of the user's own role before others.
local function last_change(user, permission)
  local changes = roles.state().changes[permission]
  if not changes then return nil end
  local own = user.grant and changes[user.grant.code or user.grant.role]
  if own then return own end
  local latest
  for _, change in pairs(changes) do
    if not latest or change.updated_at > latest.updated_at then latest = change end
  end
  return latest
end

local function changed_words(user, change)
  if not change then return nil end
  local is_inside = user.grant and INSIDE[user.grant.role]
  return { at = change.updated_at, by = is_inside and change.who or nil,
    text = ("Регион менял это правило %s%s."):format(russian.date(change.updated_at, "long"),
      is_inside and change.who and (", изменил: " .. change.who) or "") }
end

--- What to say of a refusal; nil when it names no permission.
---@param user kit.User
---@param err kit.Error
---@return table? reason {permission, needed, has_some, roles, who_grants, changed}
function why.explain(user, err)
  local operation = err.permission and roles.operation(err.permission)
  if not operation then return nil end
  local list = givers(user)
  -- The right is there, but not for this object.
  local has_some = not user.is_guest and not user.is_system and roles.rights(user.grant)[err.permission] ~= nil
  return {
    permission = err.permission, needed = operation[3], has_some = has_some, roles = holders(err.permission),
    who_grants = #list > 0 and table.concat(list, ", ") or ANYBODY, changed = changed_words(user, last_change(user, err.permission)),
  }
end

--- Members for the problem+json.
---@param reason table of explain()
---@return table
function why.members(reason)
  return { permission = reason.permission, needed = reason.needed, roles = json.array(reason.roles), who_grants = reason.who_grants,
    rule_changed = reason.changed and { at = reason.changed.at, by = reason.changed.by or json.null } or json.null }
end

return why
