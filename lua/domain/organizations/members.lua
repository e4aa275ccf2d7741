--- Membership in an organisation: the one way by which people become its curators, members and experts, and cease to be. The
--- roles that go with it (rows of role_grant) are made here and end with it.
local audit = require("kit.audit")
local db = require("core.db")
local errors = require("kit.errors")
local outbox = require("kit.outbox")
local policy = require("domain.organizations.policy")
local store = require("domain.organizations.store")
local people = require("domain.organizations.store_people")
local transaction = require("kit.transaction")
local members = {}

-- Which roles an organisation gives to its people. An expert has none: he is asked by name.
local function roles_of(organization, capacity)
  local roles = {}
  if capacity == "expert" then return roles end
  if organization.is_partner then roles[#roles + 1] = "partner" end
  if organization.is_customer then roles[#roles + 1] = "customer" end
  return roles
end

-- New grants come before old ones go: a membership without any would end (trigger role_grant_leaves).
local function give_grants(organization, member_id, user_id, capacity, by)
  local roles = roles_of(organization, capacity)
  for _, role in ipairs(roles) do
    people.put_grant(member_id, user_id, role, organization.id, db.array({ capacity }), by)
  end
  people.end_grants(member_id, db.array(roles))
end

local function record(action, organization_id, member_id, diff, reason)
  audit.write("organization." .. action, "organization", organization_id, diff, reason)
  outbox.emit("organization." .. action, nil, { organization_id = tostring(organization_id), member_id = tostring(member_id) })
end

local function refused(err)
  if err.constraint == "last_curator" then
    return errors.conflict("last_curator",
      "Это последний куратор организации. Сначала назначьте куратором другого сотрудника или попросите об этом центр.")
  end
  return err
end

--- Makes somebody a member, or raises one who is there already. The caller has checked who may.
---@param organization table row of store.find()
---@param by_user kit.User
---@return integer? member_id
---@return kit.Error? err
function members.start(organization, user_id, capacity, post, by_user)
  return transaction.run(function()
    local is_expert = capacity == "expert"
    local known = people.member_of(organization.id, user_id, is_expert)
    if known and (known.capacity == capacity or known.capacity == "curator") then return known.id end
    local id = known and known.id
    if known then
      people.save_member(id, capacity, post or known.post, policy.is_moderator(by_user), by_user.id)
    else
      local row, err = people.insert_member(organization.id, user_id, capacity, post, by_user.id)
      if not row then return nil, err end
      id = row.id
    end
    give_grants(organization, id, user_id, capacity, by_user.id)
    record("member_start", organization.id, id, { user = { "", tostring(user_id) }, capacity = { known and known.capacity or "", capacity } })
    return id
  end)
end

--- Lays the grants of all members anew: after the sides of the organisation have changed.
function members.refresh(organization, by_user)
  for _, member in ipairs(people.open_members(organization.id)) do
    give_grants(organization, member.id, member.user_id, member.capacity, by_user.id)
  end
end

local function lock(user, organization_id, member_id)
  local organization = organization_id and store.find(organization_id)
  if not organization then return nil, errors.not_found("organization", organization_id) end
  local ok, err = policy.need_members(user, organization)
  if not ok then return nil, err end
  local member = member_id and people.lock_member(organization.id, member_id)
  if not member or member.ended_at then return nil, errors.not_found("member", member_id) end
  return member, nil, organization
end

--- Another capacity or post.
---@param input {capacity: string?, post: string?, version: integer?}
---@return table? member
---@return kit.Error? err
function members.change(user, organization_id, member_id, input)
  return transaction.run(function()
    local member, err, organization = lock(user, organization_id, member_id)
    if not member then return nil, err end
    if input.version and input.version ~= member.version then
      return nil, errors.conflict("version_conflict", "Запись изменили в другом окне. Обновите страницу.", { version = member.version })
    end
    local capacity = input.capacity or member.capacity
    if (capacity == "expert") ~= (member.capacity == "expert") then
      return nil, errors.invalid("capacity", "not_possible", "Эксперта назначают отдельно: пригласите его ещё раз в этом качестве.")
    end
    local done, fault = people.save_member(member.id, capacity, input.post or member.post, policy.is_moderator(user), user.id)
    if not done then return nil, refused(fault) end
    give_grants(organization, member.id, member.user_id, capacity, user.id)
    record("member_change", organization.id, member.id, { user = { "", member.name }, capacity = { member.capacity, capacity } })
    return people.lock_member(organization.id, member.id)
  end)
end

local function finish(user, member, by_staff, reason)
  local done, err = people.end_member(member.id, by_staff, user.id)
  if not done then return nil, refused(err) end
  people.end_grants(member.id, db.array({}))
  record("member_end", member.organization_id, member.id, { user = { member.name or "", "" }, capacity = { member.capacity, "" } }, reason)
  return true
end

--- Ends a membership and its roles at once.
---@return true? ok
---@return kit.Error? err 409 last_curator
function members.finish(user, organization_id, member_id, reason)
  return transaction.run(function()
    local member, err = lock(user, organization_id, member_id)
    if not member then return nil, err end
    return finish(user, member, policy.is_moderator(user), reason)
  end)
end

--- Leaves by oneself; a curator may name who takes over (member id).
---@param successor_id integer?
---@return true? ok
---@return kit.Error? err 409 last_curator
function members.leave(user, organization_id, successor_id)
  return transaction.run(function()
    local member = people.member_of(organization_id, user.id, false)
    if not member then return nil, errors.not_found("organization", organization_id) end
    if successor_id and member.capacity == "curator" then
      local heir = people.lock_member(organization_id, successor_id)
      if not heir or heir.ended_at or heir.capacity == "expert" or heir.user_id == user.id then
        return nil, errors.invalid("successor_id", "unknown", "Выберите сотрудника, которому передаёте организацию.")
      end
      people.save_member(heir.id, "curator", heir.post, false, user.id)
      give_grants(store.find(organization_id), heir.id, heir.user_id, "curator", user.id)
      record("member_change", organization_id, heir.id, { user = { "", heir.name }, capacity = { heir.capacity, "curator" } }, "передача")
    end
    return finish(user, member, false, "уход")
  end)
end

--- Everybody leaves: the organisation is closed.
function members.finish_all(organization_id, user)
  for _, row in ipairs(people.end_all(organization_id, user.id)) do people.end_grants(row.id, db.array({})) end
end

return members
