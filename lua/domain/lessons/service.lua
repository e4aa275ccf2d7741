--- Lessons: proposing, making, moving, cancelling. What must never happen is refused by PostgreSQL; what is said
--- about it comes from check.lua.
local access = require("kit.access")
local check = require("domain.lessons.check")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local json = require("core.json")
local lookup = require("kit.lookup")
local rules = lookup.module("rules.timetable")
local store = require("domain.lessons.store")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local writing = require("domain.lessons.writing")
local service = {}

local function distinct(list)
  local keys, seen = {}, {}
  for _, key in ipairs(list or {}) do
    if not seen[key] then
      seen[key] = true
      keys[#keys + 1] = key
    end
  end
  return keys
end

local function ends_of(starts, minutes)
  local h, m = starts:match("^(%d%d):(%d%d)")
  local total = tonumber(h) * 60 + tonumber(m) + minutes
  return ("%02d:%02d"):format(total // 60, total % 60), total
end

-- Rooms and teachers must exist, be in work, and belong to whom the user may book.
local function check_resources(p, room_ids, teacher_ids, user)
  p.room_rows, p.teacher_rows = store.rooms(p.rooms), store.teachers(p.teachers)
  if #p.room_rows < #room_ids then return errors.invalid("room_ids", "unknown", "Выбрано помещение, которого нет.") end
  if #p.teacher_rows < #teacher_ids then return errors.invalid("teacher_ids", "unknown", "Выбран преподаватель, которого нет.") end
  for _, room in ipairs(p.room_rows) do
    if room.state ~= "active" then
      return errors.invalid("room_ids", "not_active", "Помещение «" .. room.name .. "» сейчас не в работе.")
    end
    if not access.can(user, "room.book", room) then
      if not p.may_request[room.id] then
        return errors.forbidden(("«%s» принадлежит организации %s. Запросите помещение у владельца: занятие опубликуют, когда он согласится."):format(
          room.name, room.organization), "foreign_room")
      end
      p.requested_ids[#p.requested_ids + 1] = room.id
    end
  end
  for _, teacher in ipairs(p.teacher_rows) do
    if teacher.state ~= "active" then
      return errors.invalid("teacher_ids", "not_active", teacher.name .. ": карточка преподавателя не в работе.")
    end
  end
end

-- Zone and site of the lesson: of its first room, otherwise of the group's home.
local function place(p)
  local first = p.room_rows[1]
  p.site_id = first and first.site_id or (p.mode ~= "online" and p.context.site_id or nil)
  p.zone = first and first.zone or store.site(p.context.site_id).zone
end

-- Rooms of others that this form may ask for: all where it says so, those the lesson has already when an unpublished one moves.
local function requestable(input)
  local may = {}
  for _, id in ipairs(input.request and input.room_ids or input.known_room_ids or {}) do may[id] = true end
  return may
end

--- Turns a checked form into a proposal: keys, zone and site, context, arrays for PostgreSQL.
---@param input table values of fields.LESSON
---@return table? proposal
---@return kit.Error? err
function service.prepare(input, user)
  local room_ids, teacher_ids = distinct(input.room_ids), distinct(input.teacher_ids)
  local p = {
    group_id = input.group_id, subgroup_id = input.subgroup_id, module_id = input.module_id, kind = input.kind or "lecture",
    mode = input.mode or "offline", held_on = input.held_on, starts = input.starts:sub(1, 5), minutes = input.minutes,
    topic = input.topic, lesson_id = input.lesson_id, publish = input.publish,
    academic_hours = math.max(1, (input.minutes + 22) // rules.minutes_per_academic_hour),
  }
  p.requested_ids, p.may_request = {}, requestable(input)
  local total
  p.ends, total = ends_of(p.starts, p.minutes)
  if total > 24 * 60 then return nil, errors.invalid("minutes", "past_midnight", "Занятие не может переходить на следующий день.") end
  check.arrays(p, teacher_ids, room_ids, input.equipment or {})
  p.context = store.context(p)
  if not p.context then return nil, errors.invalid("group_id", "unknown", "Такой группы нет.") end
  if p.module_id and not p.context.module then return nil, errors.invalid("module_id", "unknown", "Такого модуля в программе группы нет.") end
  local ok, err = access.need(user, "lesson.plan", p.context)
  if not ok then return nil, err end
  err = check_resources(p, room_ids, teacher_ids, user)
  if err then return nil, err end
  place(p)
  return p
end

--- What stands against the lesson, and where it could be instead.
---@return table? answer {conflicts, free_slots}
---@return kit.Error? err
function service.check(input, user)
  local p, err = service.prepare(input, user)
  if not p then return nil, err end
  local conflicts = check.conflicts(p)
  local slots = #conflicts > 0 and check.free_slots(p) or json.array({})
  return { conflicts = json.array(conflicts), free_slots = slots }
end

local function refusal(p, conflicts)
  local err = errors.conflict("lesson_conflict", conflicts[1] and conflicts[1].text or "Это время только что заняли.")
  err.extra = { conflicts = json.array(conflicts), free_slots = check.free_slots(p) }
  return err
end

--- Hard conflicts always refuse; soft ones unless the user may override and says why.
---@return boolean is_allowed
---@return table[] conflicts
function service.judge(p, input, user)
  local conflicts = check.conflicts(p)
  if #conflicts == 0 then return true, conflicts end
  local reason = input.override_reason
  local may = reason and reason ~= "" and access.can(user, "lesson.override", p.context)
  for _, conflict in ipairs(conflicts) do
    if not conflict.overridable or not may then return false, conflicts end
  end
  return true, conflicts
end

local function is_busy_fault(fault)
  return fault and (fault.constraint == "booking_overlap" or fault.constraint == "slot_use_capacity")
end

-- Runs `write` under the locks of the proposal's resources. Losing a race reads like any other conflict.
local function guarded(p, input, user, write)
  local conflicts
  local result, err = transaction.run(function()
    store.lock_resources(p)
    local ok
    ok, conflicts = service.judge(p, input, user)
    if not ok then return nil, refusal(p, conflicts) end
    return write(conflicts)
  end)
  if result or not is_busy_fault(err) then return result, err end
  return nil, refusal(p, check.conflicts(p))
end

--- Puts a lesson into the timetable.
---@return table? lesson
---@return kit.Error? err 409 with extra.conflicts and extra.free_slots
function service.create(input, user)
  input.lesson_id = nil
  local p, err = service.prepare(input, user)
  if not p then return nil, err end
  return guarded(p, input, user, function(conflicts)
    local row, refused = writing.create(p, conflicts, user, { reason = input.override_reason })
    if not row then return nil, refused end
    return store.find(row.id)
  end)
end

local function find_for(id, user, permission)
  local lesson = store.find(id)
  if not lesson then return nil, errors.not_found("lesson", id) end
  local ok, err = access.need(user, permission, lesson)
  if not ok then return nil, err end
  return lesson
end

local function equipment_of(lesson)
  local list = {}
  for i, id in ipairs(lesson.equipment_ids or {}) do list[i] = { id = id, qty = lesson.equipment_qty[i] } end
  return list
end

--- The form of a lesson that moves: only what changes is in `data`, the rest stays.
function service.moved_input(lesson, data)
  return {
    group_id = lesson.group_id, subgroup_id = lesson.subgroup_id, module_id = lesson.module_id, kind = lesson.kind,
    mode = lesson.mode, held_on = data.held_on or lesson.held_on, starts = data.starts or lesson.starts,
    minutes = data.minutes or lesson.minutes, teacher_ids = data.teacher_ids or lesson.teacher_ids or {},
    room_ids = data.room_ids or lesson.room_ids or {}, lesson_id = lesson.id, override_reason = data.override_reason,
    equipment = equipment_of(lesson), topic = lesson.topic, known_room_ids = lesson.state == "planned" and lesson.room_ids or nil,
  }
end

local function move(lesson, input, user)
  local data, p, err
  data, err = form.parse(fields.MOVE, input.data or {}, { strict = true })
  if not data then return nil, err end
  p, err = service.prepare(service.moved_input(lesson, data), user)
  if not p then return nil, err end
  return guarded(p, data, user, function(conflicts)
    local moved, refused = writing.move(lesson, p, conflicts, user, { reason = input.reason or data.override_reason, version = input.version })
    if not moved then return nil, refused end
    return store.find(lesson.id)
  end)
end

service.binding = writing.binding

--- Fires an action of the machine `lesson`; `move` takes the new place in `data`.
---@return table? lesson
---@return kit.Error? err
function service.transition(id, action, user, input)
  local lesson, err = find_for(id, user, "lesson.read")
  if not lesson then return nil, err end
  if action == "move" then return move(lesson, input, user) end
  return transaction.run(function()
    local fired, refused = workflow.fire(service.binding, lesson.id, action, user, input)
    if fired then writing.saved(lesson.id, action, lesson.held_on) end
    return fired, refused
  end)
end

--- A lesson with what the user may do with it.
function service.get(id, user)
  local lesson, err = find_for(id, user, "lesson.read")
  if not lesson then return nil, err end
  lesson.actions = workflow.actions(service.binding, lesson, user, service.binding.facts(lesson))
  return lesson
end

--- Lessons of a week. Learners and teachers see their own; staff and partners choose by filter.
---@param from string first day
---@param to string last day
---@return table[]? lessons
---@return kit.Error? err
function service.week(from, to, filter, user)
  local ok, err = access.need(user, "lesson.read")
  if not ok then return nil, err end
  local role = user.grant.role
  local narrowed = { group_id = filter.group, room_id = filter.room, organization_id = filter.organization }
  if role == "learner" then narrowed.learner_id = user.person_id
  elseif role == "teacher" then narrowed.teacher_id = user.person_id
  else narrowed.with_plans = true end
  if role == "partner" and not filter.room then narrowed.organization_id = user.grant.organization_id end
  return store.week(from, to, narrowed)
end

--- What the form of a new lesson offers.
function service.form(group_id, user)
  local ok, err = access.need(user, "lesson.plan")
  if not ok then return nil, err end
  local organization_id = user.grant.role == "partner" and user.grant.organization_id or nil
  return {
    groups = store.choices(organization_id),
    modules = group_id and store.form_modules(group_id) or {},
    subgroups = group_id and store.subgroups(group_id) or {},
    rooms = store.form_rooms(organization_id, true),
    teachers = store.form_teachers(organization_id),
  }
end

--- The secret address of the user's own calendar.
function service.calendar_token(user)
  return store.calendar_token(user.id, crypto.token(24))
end

--- Lessons behind a calendar address, or nil: unknown.
function service.calendar(token)
  local owner = store.calendar_owner(token)
  if not owner then return nil, errors.not_found("calendar", "") end
  return store.calendar(owner.person_id)
end

--- Every few minutes: lessons that have ended are held.
function service.hold_due()
  for _, row in ipairs(store.due(500)) do
    workflow.fire(service.binding, row.id, "hold", workflow.SYSTEM, {})
  end
  return true
end

return service
