--- How a lesson that has been judged is written: state machine, history, audit, events. Callers hold the locks of its resources.
local audit = require("kit.audit")
local board_store = require("domain.lessons.store_board")
local live = require("kit.live")
local outbox = require("kit.outbox")
local points = require("kit.plugin.points")
local russian = require("kit.russian")
local store = require("domain.lessons.store")
local workflow = require("kit.workflow")
local writing = {}

writing.binding = {
  machine = "lesson",
  entity = "lesson",
  lock = store.lock,
  facts = function(lesson)
    return { has_begun = lesson.has_begun, unmarked = store.unmarked(lesson.id), group_state = lesson.group_state,
      signed_at = lesson.signed_at, bookings_unconfirmed = lesson.state == "planned" and #store.requests(lesson.id) or 0 }
  end,
  capacities = function(lesson, user)
    for _, person_id in ipairs(lesson.person_ids or {}) do
      if person_id == user.person_id then return { lesson_teacher = true } end
    end
    return {}
  end,
  -- A move is one statement, so that its bookings are judged once, at the new place.
  save = function(lesson, to, input)
    if input.place then return store.move(lesson.id, input.place, input.user_id) end
    return store.save_state(lesson.id, to, input.reason, input.user_id)
  end,
  effects = {},
}

--- Open boards that show one of the days load them anew.
function writing.tell_boards(day, other_day)
  other_day = other_day or day
  live.notify("schedule", { from = day < other_day and day or other_day, to = day < other_day and other_day or day })
end

--- Plugins hear of it after the commit.
function writing.saved(lesson_id, action, day, other_day)
  outbox.emit("lesson.saved", nil, { entity = "lesson", lesson_id = lesson_id, action = action })
  writing.tell_boards(day, other_day)
end

local function overridden(conflicts)
  local kept = {}
  for i, c in ipairs(conflicts) do kept[i] = { rule = c.rule, text = c.text } end
  return #kept > 0 and kept or nil
end

-- Plugins may refuse a lesson or change its topic before it is saved.
local function ask_plugins(p, user)
  if not points.has("lesson.before_save.v1") then return true end
  local patch, err = points.filter("lesson.before_save.v1", {
    lesson_id = p.lesson_id, group_id = p.group_id, subgroup_id = p.subgroup_id, module_id = p.module_id, kind = p.kind, mode = p.mode, topic = p.topic,
    held_on = p.held_on, starts = p.starts, minutes = p.minutes, room_ids = p.room_ids, teacher_ids = p.teacher_ids,
    user = { id = user.id, role = user.grant and user.grant.role or "system" },
  }, { user = user, case = "lesson:" .. tostring(p.lesson_id or "new") })
  if not patch then return nil, err end
  if patch.topic then p.topic = patch.topic end
  return true
end

--- Why an optimistic write lost: who was faster, and where the lesson is now.
---@return string
function writing.lost_text(id)
  local last = board_store.last_writer(id)
  if not last then return "Занятие уже удалено." end
  local who = last.who and (last.who .. " уже изменил(а) это занятие в " .. last.at) or ("Занятие уже изменили в " .. last.at)
  if last.state == "cancelled" then return who .. ": оно отменено." end
  return ("%s: теперь %s, %s."):format(who, russian.date(last.held_on, "weekday"), last.starts)
end

-- Owners of rooms that are only asked for hear of it.
local function ask_owners(lesson_id, p, user)
  if #(p.requested_ids or {}) == 0 then return end
  for _, request in ipairs(store.requests(lesson_id)) do
    store.name_asker(request.id, user.id, user.grant and user.grant.organization_id)
    outbox.emit("booking.requested", nil, { id = request.id })
  end
end

--- A new lesson.
---@param options {reason: string?, silent: boolean?} reason of an override; silent: whoever writes many tells of them together
---@return table? row {id, version}
---@return kit.Error? err
function writing.create(p, conflicts, user, options)
  local ok, refused = ask_plugins(p, user)
  if not ok then return nil, refused end
  local row, fault = store.insert(p, user.id)
  if not row then return nil, fault end
  ask_owners(row.id, p, user)
  writing.saved(row.id, "create", p.held_on)
  audit.write("lesson.create", "lesson", row.id, { held_on = { nil, p.held_on }, starts = { nil, p.starts }, overridden = { nil, overridden(conflicts) } },
    options.reason)
  if p.publish and not options.silent then outbox.emit("lesson.published", "lesson.published:" .. row.id, { lesson_id = row.id }) end
  return row
end

local function names(rows)
  local list = {}
  for i, row in ipairs(rows) do list[i] = row.name end
  return #list > 0 and table.concat(list, ", ") or nil
end

--- A lesson at its new place.
---@param input {reason: string?, version: integer?} of the transition
---@return table? lesson as it was before
---@return kit.Error? err
function writing.move(lesson, p, conflicts, user, input, options)
  local ok, denied = ask_plugins(p, user)
  if not ok then return nil, denied end
  store.keep_history(lesson.id, input.reason, user.id)
  local moved, fault = workflow.fire(writing.binding, lesson.id, "move", user, { reason = input.reason, version = input.version, place = p })
  if not moved then
    if fault.code == "version_conflict" then fault.text = writing.lost_text(lesson.id) end
    return nil, fault
  end
  ask_owners(lesson.id, p, user)
  writing.saved(lesson.id, "move", lesson.held_on, p.held_on)
  audit.write("lesson.move", "lesson", lesson.id, {
    held_on = { lesson.held_on, p.held_on }, starts = { lesson.starts, p.starts }, rooms = { lesson.rooms, names(p.room_rows) },
    teachers = { lesson.teachers, names(p.teacher_rows) }, overridden = { nil, overridden(conflicts) },
  }, input.reason)
  if lesson.state == "published" and not (options and options.silent) then
    outbox.emit("lesson.moved", nil, { lesson_id = lesson.id, held_on = lesson.held_on, starts = lesson.starts, teacher_ids = lesson.teacher_ids })
  end
  return lesson
end

return writing
