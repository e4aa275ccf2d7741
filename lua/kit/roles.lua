--- Roles, permission sets and their rights as they are in force: what the product ships (lua/rules) with what the region changed
--- (access_role, access_rule). Every worker keeps them (kit.cached), so that a check of access asks nobody.
---
---   local state = roles.state()
---   state.by_code.staff                 -- {code, kind, name, base, cabinet, …}
---   state.rules["order.sign"].director  -- "all"
---   roles.rights(grant)                 -- {permission → widest scope} of a grant, made once
local cached = require("kit.cached")
local store = require("kit.store")
local roles = {}

roles.TOPIC = "roles"

local shipped = setmetatable({}, { -- what use() did not give is the product's own
  __index = function(_, name) return require("rules." .. name) end,
})
local static -- the state without a database: at load, and in specs

---@class kit.Role
---@field code string
---@field kind "role"|"set"
---@field name string
---@field note string?
---@field base string? as which of the seven it acts
---@field cabinet string? whose first screen it lands on
---@field inherits boolean
---@field needs_organization boolean
---@field is_product boolean
---@field archived_at string?
---@field version integer

---@class kit.RolesState
---@field order kit.Role[] product roles, own roles, product sets, own sets
---@field by_code table<string, kit.Role>
---@field rules table<string, table<string, string>> permission → role → scope; without "none"
---@field shipped table<string, table<string, string>> the same before the region's changes
---@field changes table<string, table<string, table>> permission → role → {scope, reason, updated_at, updated_by}
---@field rights table<string, table<string, string>> made by roles.rights()

--- User rights are never inherited: who may manage users is said of each role.
roles.NOT_INHERITED = { ["user.manage"] = true }

local WIDTH = { none = 0, own = 1, organization = 2, all = 3 }

--- Is the first scope wider than the second? nil counts as "none".
---@param scope string?
---@param than string?
---@return boolean
function roles.is_wider(scope, than)
  return WIDTH[scope or "none"] > WIDTH[than or "none"]
end

local function product_role(kind, entry)
  local code = entry[1]
  return { code = code, kind = kind, name = entry.name, note = entry.note, base = entry.base or (kind == "role" and code or nil),
    cabinet = kind == "role" and code or nil, inherits = false, needs_organization = entry.organization or false, is_product = true,
    version = 1 }
end

local function product_roles()
  local list = {}
  for _, entry in ipairs(shipped.roles.roles) do list[#list + 1] = product_role("role", entry) end
  for _, entry in ipairs(shipped.roles.sets) do list[#list + 1] = product_role("set", entry) end
  return list
end

-- The region's word goes before the product's; what it added comes after what the product has of that kind.
local function merge_roles(rows)
  local list, by_code = product_roles(), {}
  for _, role in ipairs(list) do by_code[role.code] = role end
  for _, row in ipairs(rows) do
    local role = by_code[row.code]
    if role then
      role.name, role.note, role.version = row.name or role.name, row.note or role.note, row.version
    elseif not row.is_product then
      by_code[row.code] = row
      list[#list + 1] = row
    end
  end
  local order = {}
  for _, kind in ipairs({ "role", "set" }) do
    for _, role in ipairs(list) do
      if role.kind == kind then order[#order + 1] = role end
    end
  end
  return order, by_code
end

local function scopes_of(entry)
  local scopes = {}
  for key, value in pairs(entry) do
    if type(key) == "string" and WIDTH[value] then scopes[key] = value end
  end
  return scopes
end

local function shipped_rules()
  local rules = {}
  for permission, entry in pairs(shipped.permissions) do rules[permission] = scopes_of(entry) end
  return rules
end

-- Own roles that inherit have what their base has.
local function inherit(rules, order)
  for permission, rule in pairs(rules) do
    for _, role in ipairs(order) do
      if role.inherits and not roles.NOT_INHERITED[permission] then rule[role.code] = rule[role.base] end
    end
  end
end

local function apply(rules, changes)
  for permission, by_role in pairs(changes) do
    for role, change in pairs(by_role) do
      if rules[permission] then rules[permission][role] = change.scope ~= "none" and change.scope or nil end
    end
  end
end

local function changes_of(rows)
  local changes = {}
  for _, row in ipairs(rows) do
    changes[row.permission] = changes[row.permission] or {}
    changes[row.permission][row.role] = row
  end
  return changes
end

-- Changes of a base reach those who inherit from it; changes of their own come last.
local function build(role_rows, rule_rows)
  local order, by_code = merge_roles(role_rows)
  local changes = changes_of(rule_rows)
  local before, rules = shipped_rules(), shipped_rules()
  inherit(before, order)
  apply(rules, changes)
  inherit(rules, order)
  apply(rules, changes)
  for _, role in ipairs(order) do
    if role.archived_at then
      for _, rule in pairs(rules) do rule[role.code] = nil end
    end
  end
  return { order = order, by_code = by_code, rules = rules, shipped = before, changes = changes, rights = {} }
end

local live = cached.new(roles.TOPIC, function() return build(store.access_roles(), store.access_rules()) end)
local is_live = false

--- Puts what the product and the region's files say in force: at load, and in specs.
---@param permissions table of rules/permissions
---@param list table? of rules/roles
function roles.use(permissions, list)
  shipped.permissions, shipped.roles = permissions, list
  static = nil
end

--- From now on the region's changes count, too: called by boot when everything is loaded.
function roles.follow()
  is_live = true
end

---@return kit.RolesState
function roles.state()
  if is_live then return live.get() end
  static = static or build({}, {})
  return static
end

--- What the product says of an operation: {function, kind, words, …}.
---@param permission string
---@return table? entry
function roles.operation(permission)
  return shipped.permissions[permission]
end

--- All operations by name.
---@return table<string, table>
function roles.operations()
  return shipped.permissions
end

--- A role or a set; nil when there is none of that code.
---@param code string
---@return kit.Role?
function roles.find(code)
  return roles.state().by_code[code]
end

--- The word for a role or a set.
---@param code string
---@return string
function roles.name(code)
  local role = roles.find(code)
  return role and role.name or code
end

local function compile(state, codes)
  local rights = {}
  for permission, rule in pairs(state.rules) do
    local widest
    for _, code in ipairs(codes) do
      if roles.is_wider(rule[code], widest) then widest = rule[code] end
    end
    rights[permission] = widest
  end
  return rights
end

local function codes_of(grant)
  local codes = { "user" }
  if not grant then return codes end
  for set in pairs(grant.sets) do codes[#codes + 1] = set end
  table.sort(codes)
  table.insert(codes, 1, grant.code or grant.role)
  return codes
end

--- The widest scope of each permission for a grant; nil: what everybody has who is logged in. Made once for all grants alike.
---@param grant kit.Grant?
---@return table<string, string>
function roles.rights(grant)
  local state = roles.state()
  if grant and grant.rights_of == state then return grant.rights end
  local codes = codes_of(grant)
  local key = table.concat(codes, ",")
  local rights = state.rights[key]
  if not rights then
    rights = compile(state, codes)
    state.rights[key] = rights
  end
  if grant then grant.rights, grant.rights_of = rights, state end
  return rights
end

return roles
