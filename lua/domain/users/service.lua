--- Users as an administrator sees them: the list, blocking, passwords, roles.
local accounts = require("domain.accounts")
local audit = require("kit.audit")
local checks = require("kit.checks")
local db = require("core.db")
local errors = require("kit.errors")
local outbox = require("kit.outbox")
local policy = require("domain.users.policy")
local roles = require("kit.roles")
local session = require("kit.session")
local store = require("domain.users.store")
local text = require("core.text")
local transaction = require("kit.transaction")
local service = {}

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"
local LOGINS = { week = "recent", quarter = "old", never = "never" }

-- ---- the list

local function intersect(a, b)
  if not a then return b end
  local set, both = {}, {}
  for _, id in ipairs(a) do set[id] = true end
  for _, id in ipairs(b) do
    if set[id] then both[#both + 1] = id end
  end
  return both
end

-- Conditions that few fulfil become keys; those of many stay conditions of the walk.
local function narrow(filters, input)
  local found
  local word = input.q and text.trim(input.q) or ""
  if word ~= "" then
    local like = word:gsub("[\\%%_]", "\\%0")
    found = store.matches(like)
    if not found then filters.q = like end
  end
  if input.role then
    local holders = store.holders(input.role)
    if holders then found = intersect(found, holders) else filters.role = input.role end
  end
  if input.organization then found = intersect(found, store.members(input.organization)) end
  if found then filters.found = db.array(found) end
end

--- Filters of store.LIST for what was asked.
---@param input table values of fields.LIST
function service.filters(input)
  local filters = { state = input.state }
  if input.login then filters[LOGINS[input.login]] = true end
  narrow(filters, input)
  return filters
end

--- A page of the list.
---@param input table values of fields.LIST
---@return table? found {rows, next_cursor, count, is_capped}
---@return kit.Error? err
function service.list(user, input)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local filters = service.filters(input)
  local rows, cursor = store.LIST:page({ filters = filters, sort = input.sort, cursor = input.cursor, limit = input.limit })
  if not rows then return nil, cursor end
  local count, is_capped = store.LIST:count(filters)
  return { rows = rows, next_cursor = cursor, count = count, is_capped = is_capped }
end

--- Whose СНИЛС this is: the account to open. Asking is on record; the number itself goes into no address and no journal.
---@param typed string
---@return string? public_id of the account; nil when the text is no СНИЛС or nobody has it
---@return boolean is_snils
function service.find_by_snils(user, typed)
  local snils = #typed:gsub("%D", "") == 11 and checks.snils(text.trim(typed)) or nil
  if not snils or not policy.need_manage(user) then return nil, false end
  local row = store.account_of_snils(snils)
  audit.write("person.find_by_snils", "person", row and row.person_id, {})
  return row and row.public_id, true
end

-- ---- one user

local function find(user, public_id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local found = public_id:match(UUID) and store.find(public_id)
  if not found then return nil, errors.not_found("user", public_id) end
  return found
end
service.find = find

--- The account with its roles and people who may be the same.
---@return table? found {…, grants, alike}
---@return kit.Error? err
function service.get(user, public_id)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  found.grants = store.grants(found.id)
  found.alike = found.person_key and store.alike(found.person_key) or {}
  return found
end

local function stale(found)
  return errors.conflict("stale", "Учётную запись только что изменил кто-то другой. Обновите страницу.", { version = found.version })
end

local function set_state(user, found, state, action, reason, version)
  return transaction.run(function()
    local row, err = store.set_state(found.id, state, version or found.version, user.id)
    if not row then return nil, err or stale(found) end
    if state == "blocked" then session.revoke_all(found.id) end
    audit.write(action, "user_account", found.id, { state = { found.state, state } }, reason)
    outbox.emit(action, nil, { user_id = tostring(found.id) })
    return true
  end)
end

--- Blocks an account: all its sessions end at once, in every worker.
---@return true? ok
---@return kit.Error? err 409 last_admin, own_account, wrong_state, stale
function service.block(user, public_id, input)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  if found.id == user.id then return nil, errors.conflict("own_account", "Себя заблокировать нельзя: попросите другого администратора.") end
  if found.state == "blocked" or found.state == "deleted" then return nil, errors.conflict("wrong_state", "Учётная запись уже закрыта.") end
  return set_state(user, found, "blocked", "user.block", input.reason, input.version)
end

--- Opens a blocked account again, or one closed after guessed passwords. Who never set a password stays unconfirmed.
function service.unblock(user, public_id, input)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  if found.state ~= "blocked" and found.state ~= "locked" then return nil, errors.conflict("wrong_state", "Учётная запись не заблокирована.") end
  local state = (found.has_password or found.has_esia) and "active" or "registered"
  return set_state(user, found, state, "user.unblock", input.reason, input.version)
end

--- The old password goes, all sessions end, the person gets a link to set a new one.
function service.reset_password(user, public_id, input)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  if not found.email or found.state == "deleted" or found.state == "blocked" then
    return nil, errors.conflict("wrong_state", "Письмо послать нельзя: учётная запись закрыта или у неё нет почты.")
  end
  return transaction.run(function()
    store.forget_password(found.id, user.id)
    session.revoke_all(found.id)
    accounts.send_link(found, "reset")
    audit.write("user.force_reset", "user_account", found.id, {}, input.reason)
    return true
  end)
end

--- Takes the second factor off: the person lost his telephone. He sets up a new one at the next log-in, where the region asks for it.
function service.reset_second_factor(user, public_id, input)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  return accounts.reset_second_factor(user, found.id, input.reason)
end

-- ---- roles of a user

-- A role or a set that may be given.
local function is_given(code, kind)
  local role = roles.find(code)
  return role ~= nil and role.kind == kind and not role.archived_at
end

local function check_grant(input)
  local role, faults = roles.find(input.role), {}
  if not is_given(input.role, "role") then
    faults[#faults + 1] = { field = "role", code = "unknown", message = "Выберите роль из списка." }
  elseif role.needs_organization and not input.organization_id then
    faults[#faults + 1] = { field = "organization_id", code = "required", message = "Для этой роли выберите организацию." }
  end
  if input.valid_from and input.valid_to and input.valid_to < input.valid_from then
    faults[#faults + 1] = { field = "valid_to", code = "before_start", message = "Последний день раньше первого." }
  end
  for _, set in ipairs(input.sets or {}) do
    if not is_given(set, "set") then
      faults[#faults + 1] = { field = "sets", code = "unknown", message = "Такого набора прав нет. Обновите страницу." }
    end
  end
  return #faults > 0 and errors.invalid(faults) or nil
end
service.check_grant = check_grant

--- Gives a role. Inside the caller's transaction or in its own.
---@return table? row {id}
---@return kit.Error? err
function service.grant(user, found, input, reason)
  local err = check_grant(input)
  if err then return nil, err end
  local role = roles.find(input.role)
  local grant = { role = input.role, organization_id = role.needs_organization and input.organization_id or nil,
    sets = input.sets and #input.sets > 0 and db.array(input.sets) or nil, valid_from = input.valid_from, valid_to = input.valid_to }
  return transaction.run(function()
    local row, fault = store.insert_grant(found.id, grant, user.id)
    if not row then
      if fault and fault.constraint == "role_grant_key" then
        return nil, errors.invalid("role", "has_it", "Эта роль уже действует без срока. Измените наборы прав или завершите её.")
      end
      return nil, fault
    end
    audit.write("user.grant", "user_account", found.id, { role = { "", input.role }, organization = { "", grant.organization_id },
      sets = { "", table.concat(input.sets or {}, ", ") }, valid_to = { "", input.valid_to } }, reason)
    outbox.emit("user.granted", nil, { user_id = tostring(found.id), role = input.role })
    return row
  end)
end

--- Gives a role to the user of this public id.
function service.add_grant(user, public_id, input)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  if found.state == "deleted" then return nil, errors.conflict("wrong_state", "Учётная запись удалена.") end
  return service.grant(user, found, input)
end

local function not_in_force() return errors.conflict("not_in_force", "Эта роль уже закончилась.") end

--- Ends a role at once.
---@return true? ok
---@return kit.Error? err 409 last_admin, not_in_force
function service.end_grant(user, public_id, grant_id, input)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  return transaction.run(function()
    local row, fault = store.end_grant(found.id, grant_id)
    if not row then return nil, fault or not_in_force() end
    audit.write("user.end_grant", "user_account", found.id, { role = { row.role, "" }, grant = { tostring(grant_id), "" } }, input.reason)
    outbox.emit("user.grant_ended", nil, { user_id = tostring(found.id), role = row.role })
    return true
  end)
end

--- Changes the permission sets on top of a role.
function service.set_sets(user, public_id, grant_id, input)
  local found, err = find(user, public_id)
  if not found then return nil, err end
  return transaction.run(function()
    local row, fault = store.set_sets(found.id, grant_id, db.array(input.sets or {}))
    if not row then return nil, fault or not_in_force() end
    audit.write("user.sets", "user_account", found.id, { role = { row.role, row.role }, sets = { "", table.concat(input.sets or {}, ", ") } },
      input.reason)
    return true
  end)
end

--- Choices of the forms: roles, sets, organisations.
function service.choices()
  local choices = { roles = {}, sets = {}, organizations = store.organizations() }
  for _, role in ipairs(roles.state().order) do
    if not role.archived_at then
      table.insert(role.kind == "role" and choices.roles or choices.sets, { value = role.code, label = role.name, hint = role.note })
    end
  end
  return choices
end

return service
