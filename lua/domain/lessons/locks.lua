--- Locks of the plan: by lesson, day, teacher, group. A locked lesson moves only by who may override, with a reason (H11).
local access = require("kit.access")
local audit = require("kit.audit")
local changes_store = require("domain.lessons.store_changes")
local errors = require("kit.errors")
local store = require("domain.lessons.store")
local transaction = require("kit.transaction")
local writing = require("domain.lessons.writing")
local locks = {}

local ROWS = 200

-- The organisation whose lessons a lock holds.
local function owner_of(input, user)
  if input.lesson_id then
    local lesson = store.find(input.lesson_id)
    if not lesson then return nil, errors.not_found("lesson", input.lesson_id) end
    return lesson, nil, lesson.held_on
  end
  if input.group_id then
    local group = store.context({ group_id = input.group_id, held_on = "2000-01-01" })
    if not group then return nil, errors.invalid("group_id", "unknown", "Такой группы нет.") end
    return group
  end
  local id = user.grant and user.grant.organization_id
  return id and { organization_id = id } or nil, errors.invalid("group_id", "required", "Выберите группу.")
end

---@return integer? id
---@return kit.Error? err
function locks.add(input, user)
  if not (input.lesson_id or input.group_id or input.staff_id or input.day) then
    return nil, errors.invalid("group_id", "required", "Выберите, что закрепить: группу, преподавателя или день.")
  end
  local owner, err, held_on = owner_of(input, user)
  if not owner then return nil, err end
  local ok, denied = access.need(user, "lesson.plan", owner)
  if not ok then return nil, denied end
  return transaction.run(function()
    input.organization_id = owner.organization_id
    local row = changes_store.put_lock(input, user.id)
    if not row then return nil, errors.conflict("already_locked", "Это уже закреплено.") end
    if input.lesson_id then
      audit.write("lesson.pin", "lesson", input.lesson_id, {}, input.reason)
      writing.tell_boards(held_on)
    else
      audit.write("plan_lock.create", "plan_lock", row.id,
        { group_id = { nil, input.group_id }, staff_id = { nil, input.staff_id }, day = { nil, input.day } }, input.reason)
    end
    return row.id
  end)
end

---@return true? ok
---@return kit.Error? err
function locks.drop(id, user)
  local lock = changes_store.find_lock(id)
  if not lock then return nil, errors.not_found("plan_lock", id) end
  local ok, denied = access.need(user, "lesson.plan", lock)
  if not ok then return nil, denied end
  return transaction.run(function()
    changes_store.drop_lock(id)
    if lock.lesson_id then
      audit.write("lesson.unpin", "lesson", lock.lesson_id, {})
      writing.tell_boards(store.find(lock.lesson_id).held_on)
    else
      audit.write("plan_lock.delete", "plan_lock", id, {})
    end
    return true
  end)
end

function locks.list(user)
  return changes_store.locks(access.scope(user, "lesson.plan") == "organization" and user.grant.organization_id or nil, ROWS)
end

return locks
