--- Roles and permission sets of the region: what the product ships, changed by tick boxes. In force in every worker at once.
local audit = require("kit.audit")
local cached = require("kit.cached")
local errors = require("kit.errors")
local features = require("kit.lookup").module("rules.features")
local fields = require("domain.roles.fields")
local policy = require("domain.roles.policy")
local roles = require("kit.roles")
local russian = require("kit.russian")
local store = require("domain.roles.store")
local transaction = require("kit.transaction")
local service = {}

local function stale(role)
  return errors.conflict("stale", "Права этой роли только что изменил кто-то другой. Обновите страницу: ваши отметки сравнят с новыми.",
    { version = role and role.version })
end

local function find(code)
  local role = roles.find(code)
  if not role then return nil, errors.not_found("role", code) end
  return role
end

local function feature_of(operation) return operation[1]:match("%S+") end

-- One line of the editor.
local function rule_of(state, permission, operation, code)
  local rule = state.rules[permission]
  local scope = rule[code] or (operation.locked and rule.user) or "none"
  local shipped = state.shipped[permission][code] or "none"
  return {
    permission = permission, label = operation[3], kind = operation[2], scope = scope, shipped = shipped, is_changed = not operation.locked and scope ~= shipped,
    is_locked = operation.locked or false, is_special = operation.special or false, group = operation.group,
  }
end

--- The rights of a role by functions of the matrix: {code, label, rules = {…}}; functions without operations are left out.
local function groups_of(state, code)
  local by_feature, groups = {}, {}
  for permission, operation in pairs(roles.operations()) do
    local feature = feature_of(operation)
    by_feature[feature] = by_feature[feature] or {}
    table.insert(by_feature[feature], rule_of(state, permission, operation, code))
  end
  for _, feature in ipairs(features) do
    local rules = by_feature[feature[1]]
    if rules then
      table.sort(rules, function(a, b) return a.permission < b.permission end)
      groups[#groups + 1] = { code = feature[1], label = feature[2], rules = rules }
    end
  end
  for feature, rules in pairs(by_feature) do -- what plugins bring stands behind the functions of the platform
    if rules[1].group then
      table.sort(rules, function(a, b) return a.permission < b.permission end)
      groups[#groups + 1] = { code = feature, label = rules[1].group, rules = rules }
    end
  end
  return groups
end

local function changes_count(state, code)
  local n = 0
  for permission, rule in pairs(state.rules) do
    if rule[code] ~= state.shipped[permission][code] then n = n + 1 end
  end
  return n
end

--- Roles and sets with how many hold them and how many rights differ from the product's.
---@return table[]? list
---@return kit.Error? err
function service.list(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local state, holders, list = roles.state(), {}, {}
  for _, row in ipairs(store.holders()) do holders[row.code] = row.n end
  for index, role in ipairs(state.order) do
    list[index] = { role = role, holders = holders[role.code] or 0, is_capped = (holders[role.code] or 0) > store.HOLDERS_MOST,
      changed = changes_count(state, role.code) }
  end
  return list
end

--- Who has what, over all roles: rows of the matrix by functions.
function service.matrix(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local state, columns, groups = roles.state(), {}, groups_of(roles.state(), "user")
  for _, role in ipairs(state.order) do
    if not role.archived_at then columns[#columns + 1] = role end
  end
  for _, group in ipairs(groups) do
    for _, rule in ipairs(group.rules) do
      rule.cells = {}
      for index, role in ipairs(columns) do rule.cells[index] = rule_of(state, rule.permission, roles.operation(rule.permission), role.code) end
    end
  end
  return { columns = columns, groups = groups }
end

--- A role with its rights by functions, and who changed them last.
---@return table? found {role, groups, changed, authors}
---@return kit.Error? err
function service.get(user, code)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local role
  role, err = find(code)
  if not role then return nil, err end
  local state, authors = roles.state(), {}
  for _, row in ipairs(store.authors(code)) do authors[row.permission] = row end
  return { role = role, groups = groups_of(state, code), changed = changes_count(state, code), authors = authors }
end

-- What is to be changed: {permission → {old, new}}; refuses unknown names and locked rights.
local function differences(state, code, wanted)
  local found, is_wider = {}, false
  for permission, scope in pairs(wanted) do
    local operation = roles.operation(permission)
    if not operation or not fields.SCOPE_WORDS[scope] then
      return nil, errors.invalid("rules", "unknown", ("Нет права «%s» с охватом «%s»."):format(tostring(permission), tostring(scope)))
    end
    local old = state.rules[permission][code] or "none"
    if scope ~= old then
      if operation.locked then return nil, errors.invalid("rules", "locked", ("Право «%s» есть у всех: его не меняют."):format(operation[3])) end
      found[permission] = { old, scope }
      is_wider = is_wider or roles.is_wider(scope, old)
    end
  end
  return found, is_wider
end

-- A line is kept where the role differs from what it would have without one.
local function is_kept(state, role, permission, scope)
  if scope ~= (state.shipped[permission][role.code] or "none") then return true end
  return role.inherits and scope ~= (state.rules[permission][role.base] or "none")
end

local function write_rules(role, changed, reason, user)
  local state = roles.state()
  for permission, pair in pairs(changed) do
    local ok, err
    if is_kept(state, role, permission, pair[2]) then
      ok, err = store.put_rule(permission, role.code, pair[2], reason, user.id)
    else
      ok, err = store.drop_rule(permission, role.code)
    end
    if not ok then return nil, err end
  end
  return true
end

local function save(user, role, input, changed)
  local name, note = input.name or role.name, input.note or role.note
  local diff = {}
  for permission, pair in pairs(changed) do diff[permission] = pair end
  if name ~= role.name then diff.name = { role.name, name } end
  if note ~= role.note then diff.note = { role.note or "", note } end
  if next(diff) == nil then return role end
  return transaction.run(function()
    local row = store.touch(role.code, input.version, name, note, user.id)
    if not row then return nil, stale(role) end
    local ok, err = write_rules(role, changed, input.reason, user)
    if not ok then return nil, err end
    diff.role = { role.code, role.code }
    audit.write("role.change", "role", nil, diff, input.reason)
    cached.changed(roles.TOPIC)
    return role
  end)
end

local function need_reason(reason)
  if reason and reason ~= "" then return nil end
  return errors.invalid("reason", "reason_required", "Вы расширяете права. Напишите, зачем: это останется в журнале действий.")
end

--- Changes name, words and rights of a role.
---@param input table values of fields.CHANGE
---@return table? found of get()
---@return kit.Error? err 409 stale, last_admin; 422 reason_required
function service.change(user, code, input)
  local found, err = service.get(user, code)
  if not found then return nil, err end
  local role, wanted = found.role, type(input.rules) == "table" and input.rules or {}
  if role.archived_at then return nil, errors.conflict("archived", "Роль в архиве: её права не меняют.") end
  local changed, is_wider = differences(roles.state(), code, wanted)
  if not changed then return nil, is_wider end
  err = is_wider and need_reason(input.reason) or nil
  if err then return nil, err end
  local ok
  ok, err = save(user, role, input, changed)
  if not ok then return nil, err end
  return service.get(user, code)
end

--- Puts the product's rights in force again (an own role: those it was made with).
---@return table? found
---@return kit.Error? err
function service.reset(user, code, input)
  local found, err = service.get(user, code)
  if not found then return nil, err end
  local wanted = {}
  for _, group in ipairs(found.groups) do
    for _, rule in ipairs(group.rules) do
      if rule.is_changed then wanted[rule.permission] = rule.shipped end
    end
  end
  return service.change(user, code, { rules = wanted, reason = input.reason, version = input.version })
end

local function check_new(input)
  local state = roles.state()
  if state.by_code[input.code] then return errors.invalid("code", "taken", "Такой код уже есть. Придумайте другой.") end
  if input.code == "guest" or input.code == "user" or input.code == "system" then
    return errors.invalid("code", "reserved", "Этот код занят платформой. Придумайте другой.")
  end
  if input.kind == "set" then return nil end
  local faults = {}
  for _, name in ipairs({ "base", "cabinet" }) do
    local role = input[name] and state.by_code[input[name]]
    if not (role and role.kind == "role" and role.is_product) then
      faults[#faults + 1] = { field = name, code = "unknown", message = "Выберите роль из списка." }
    end
  end
  return #faults > 0 and errors.invalid(faults) or nil
end

--- Makes a role or a set of the region.
---@param input table values of fields.NEW
---@return table? found of get()
---@return kit.Error? err
function service.create(user, input)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  err = check_new(input)
  if err then return nil, err end
  local is_set = input.kind == "set"
  local row = { code = input.code, kind = input.kind, name = input.name, note = input.note, base = not is_set and input.base or nil,
    cabinet = not is_set and input.cabinet or nil, inherits = not is_set and input.inherits or false }
  ok, err = transaction.run(function()
    local made, refused = store.insert(row, user.id)
    if not made then return nil, refused end
    audit.write("role.create", "role", nil, { role = { "", row.code }, name = { "", row.name }, base = { "", row.base or "" },
      cabinet = { "", row.cabinet or "" }, inherits = { "", tostring(row.inherits) } })
    cached.changed(roles.TOPIC)
    return made
  end)
  if not ok then return nil, err end
  return service.get(user, input.code)
end

--- Archives a role of the region that nobody holds any more.
---@return true? ok
---@return kit.Error? err
function service.archive(user, code, input)
  local found, err = service.get(user, code)
  if not found then return nil, err end
  if found.role.is_product then return nil, errors.conflict("product_role", "Роли платформы не архивируют. Снимите с неё права.") end
  return transaction.run(function()
    local n = store.lock_and_count(code)
    if n > 0 then
      return nil, errors.conflict("in_use", ("Роль действует у %s. Сначала завершите её у них."):format(
        russian.plural(n, "%s пользователя", "%s пользователей", "%s пользователей")))
    end
    if not store.archive(code, input.version, user.id) then return nil, stale(found.role) end
    audit.write("role.archive", "role", nil, { role = { code, code } }, input.reason)
    cached.changed(roles.TOPIC)
    return true
  end)
end

return service
