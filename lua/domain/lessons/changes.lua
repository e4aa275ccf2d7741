--- Many changes of the plan as one: all are judged against the plan as it will be, all are written or none. A drag is a list
--- of one; so a draft, a repeated week, a day that moves and the taking back of any of them go the same way.
---
---   { kind = "move", lesson_id, version?, held_on?, starts?, minutes?, room_ids?, teacher_ids? }   what is missing stays
---   { kind = "copy", lesson_id, … }  a new planned lesson like that one
---   { kind = "cancel", lesson_id, version? } · { kind = "remove", lesson_id }  never published, hence without trace
local access = require("kit.access")
local check = require("domain.lessons.check")
local db = require("core.db")
local errors = require("kit.errors")
local json = require("core.json")
local outbox = require("kit.outbox")
local russian = require("kit.russian")
local service = require("domain.lessons.service")
local store = require("domain.lessons.store")
local changes_store = require("domain.lessons.store_changes")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local writing = require("domain.lessons.writing")
local changes = {}

changes.MAX = 200

-- Keys that the list names, and those of the lessons as they are.
local function keys_of(list, lessons)
  local groups, staff, rooms = {}, {}, {}
  local function add(into, ids)
    for _, id in ipairs(ids or {}) do into[#into + 1] = id end
  end
  for _, lesson in pairs(lessons) do
    groups[#groups + 1] = lesson.group_id
    add(staff, lesson.teacher_ids)
    add(rooms, lesson.room_ids)
  end
  for _, change in ipairs(list) do
    add(staff, change.teacher_ids)
    add(rooms, change.room_ids)
  end
  return db.array(groups), db.array(staff), db.array(rooms)
end

local function lessons_of(list)
  local ids, by_id = {}, {}
  for i, change in ipairs(list) do ids[i] = change.lesson_id end
  for _, lesson in ipairs(changes_store.find_lessons(db.array(ids))) do by_id[lesson.id] = lesson end
  return by_id, ids
end

-- Locks in one order everywhere: resources ascending, then lessons ascending.
local function hold(list)
  local lessons, ids = lessons_of(list)
  changes_store.lock_resources(keys_of(list, lessons))
  local held = {}
  for _, lesson in ipairs(changes_store.lock_lessons(db.array(ids))) do held[lesson.id] = lesson end
  return held
end

local function lift(list, lessons)
  local ids = {}
  for _, change in ipairs(list) do
    if change.kind ~= "copy" and lessons[change.lesson_id] then ids[#ids + 1] = change.lesson_id end
  end
  if #ids > 0 then changes_store.lift(db.array(ids)) end
end

local function blocked(text, rule)
  return { { rule = rule or "version", resource = json.null, lesson_id = json.null, from = json.null, to = json.null, short = json.null,
    overridable = false, text = text or "Это время только что заняли." } }
end

local function place_of(lesson)
  return { held_on = lesson.held_on, starts = lesson.starts, minutes = lesson.minutes, room_ids = json.array(lesson.room_ids or {}),
    teacher_ids = json.array(lesson.teacher_ids or {}) }
end

local writers = {}

function writers.move(run, change, lesson, p, conflicts)
  local moved, err = writing.move(lesson, p, conflicts, run.user, { reason = run.reason, version = change.version }, { silent = run.is_many })
  return moved and lesson.id, err
end

function writers.copy(run, _, _, p, conflicts)
  local row, err = writing.create(p, conflicts, run.user, { reason = run.reason, silent = true })
  return row and row.id, err
end

local function proposal_of(run, change, lesson)
  local input = service.moved_input(lesson, change)
  if change.kind == "copy" then input.lesson_id = nil end
  return service.prepare(input, run.user)
end

-- Judges one change and writes it. `item.conflicts` says what stands against it; a fault of the database is raised as such.
local function lay(run, change, lesson)
  local item = { change = change, before = lesson }
  if not lesson then
    item.conflicts = blocked("Занятие уже удалено.")
    return item
  end
  if change.version and change.kind ~= "copy" and change.version ~= lesson.version then
    item.conflicts = blocked(writing.lost_text(lesson.id))
    return item
  end
  local p, err = proposal_of(run, change, lesson)
  if not p then
    item.conflicts = blocked(err.by_field and select(2, next(err.by_field)) or err.text, err.code)
    return item
  end
  item.after = p
  local is_allowed
  is_allowed, item.conflicts = service.judge(p, { override_reason = run.override_reason }, run.user)
  item.is_hard = item.conflicts[1] ~= nil and not item.conflicts[1].overridable
  if item.is_hard or (not is_allowed and not run.is_dry) then return item end
  -- A savepoint: a refused statement must not end the others.
  item.lesson_id, err = transaction.attempt(function() return writers[change.kind](run, change, lesson, p, item.conflicts) end)
  if not item.lesson_id then item.conflicts = blocked(err.text, err.code) end
  return item
end

local function cancel(run, change, lesson)
  local item = { change = change, before = lesson, conflicts = {} }
  local fired, err = workflow.fire(writing.binding, change.lesson_id, "cancel", run.user, { reason = run.reason, version = change.version })
  if not fired then
    item.conflicts = blocked(err.code == "version_conflict" and writing.lost_text(change.lesson_id) or err.text, err.code)
    return item
  end
  writing.saved(change.lesson_id, "cancel", lesson.held_on)
  item.lesson_id = change.lesson_id
  return item
end

local function remove(run, change, lesson)
  local ok, err = access.need(run.user, "lesson.plan", lesson)
  if not ok then return { change = change, before = lesson, conflicts = blocked(err.text, err.code) } end
  changes_store.delete_planned(change.lesson_id)
  writing.saved(change.lesson_id, "remove", lesson.held_on)
  return { change = change, before = lesson, conflicts = {}, lesson_id = change.lesson_id }
end

-- What frees a place comes first, so that the others may use it.
local ORDER = { cancel = 1, remove = 1, move = 2, copy = 3 }
local STEPS = { cancel = cancel, remove = remove, move = lay, copy = lay }

local function in_order(list)
  local ordered = table.move(list, 1, #list, 1, {})
  for i, change in ipairs(ordered) do change.position = i end
  table.sort(ordered, function(a, b)
    if ORDER[a.kind] ~= ORDER[b.kind] then return ORDER[a.kind] < ORDER[b.kind] end
    return a.position < b.position
  end)
  return ordered
end

-- One event for all lessons of a group tells its people once.
local function tell(run, commit_id)
  local groups = {}
  for _, item in ipairs(run.items) do
    if item.lesson_id and item.before.state == "published" and item.change.kind == "move" then groups[item.before.group_id] = true end
  end
  for group_id in pairs(groups) do
    outbox.emit("timetable.changed", ("timetable.changed:%d:%d"):format(commit_id, group_id), { commit_id = commit_id, group_id = group_id })
  end
end

local KINDS = { move = "move", copy = "create", cancel = "cancel" }

local function note_commit(run)
  local commit_id = changes_store.commit(run.user.id, run.title)
  for _, item in ipairs(run.items) do
    local kind = KINDS[item.change.kind]
    if item.lesson_id and kind then
      changes_store.commit_item(commit_id, item.lesson_id, kind, kind == "move" and json.encode(place_of(item.before)) or nil)
    end
  end
  if run.is_many then tell(run, commit_id) end
  return commit_id
end

local function refusal(run)
  local first
  for _, item in ipairs(run.items) do first = first or (not item.lesson_id and item.conflicts[1]) end
  local err = errors.conflict("lesson_conflict", first and first.text or "Это время только что заняли.")
  err.extra = { conflicts = json.array({ first or nil }) }
  err.run = run
  return err
end

local function perform(run, list)
  run.items, run.refused, run.done = {}, 0, 0
  local lessons = hold(list)
  lift(list, lessons)
  for i, change in ipairs(in_order(list)) do
    local item = STEPS[change.kind](run, change, lessons[change.lesson_id])
    if item.lesson_id then run.done = run.done + 1 else
      run.refused = run.refused + 1
      if lessons[change.lesson_id] and change.kind == "move" then changes_store.lay(change.lesson_id) end
    end
    run.items[i] = item
  end
end

--- Judges and writes a list of changes.
---@param list table[]
---@param options {title: string, reason: string?, override_reason: string?, dry: boolean?, skip: boolean?} dry: only judged; skip: what
--- cannot be is left out instead of refusing all
---@return table? run {items = {change, before, after, conflicts, lesson_id}, done, refused, commit_id}
---@return kit.Error? err 409 with `run`
function changes.apply(list, user, options)
  if #list == 0 then return nil, errors.invalid("changes", "required", "Здесь нет ни одного изменения.") end
  if #list > changes.MAX then
    return nil, errors.invalid("changes", "too_many", ("За один раз меняем не больше %d занятий, а здесь %s. Сузьте отбор."):format(changes.MAX,
      russian.plural(#list, "%s занятие", "%s занятия", "%s занятий")))
  end
  local run = { user = user, title = options.title, reason = options.reason or options.override_reason, override_reason = options.override_reason,
    is_dry = options.dry, is_many = #list > 1 }
  local done, err = transaction.run(function()
    perform(run, list)
    if run.is_dry then return nil, errors.conflict("dry", "") end
    if run.done == 0 or (run.refused > 0 and not options.skip) then return nil, refusal(run) end
    run.commit_id = note_commit(run)
    return run
  end)
  if done then return done end
  if run.is_dry and err.code == "dry" then return run end
  return nil, err
end

--- Takes back what was made at once, while nobody has touched its lessons since.
---@return table? run
---@return kit.Error? err
function changes.undo(commit_id, user)
  return transaction.run(function()
    local commit = changes_store.lock_commit(commit_id)
    if not commit or commit.user_id ~= user.id then return nil, errors.not_found("plan_commit", commit_id) end
    if commit.undone_at then return nil, errors.conflict("already_undone", "Это изменение уже отменено.") end
    local list = {}
    for i, item in ipairs(changes_store.commit_items(commit_id)) do
      if item.kind == "cancel" then return nil, errors.conflict("cannot_undo", "Отменённое занятие не вернуть: поставьте новое.") end
      if item.version ~= item.version_now then return nil, errors.conflict("touched", writing.lost_text(item.lesson_id)) end
      if item.kind == "move" then
        list[i] = { kind = "move", lesson_id = item.lesson_id, version = item.version, held_on = item.held_on, starts = item.starts,
          minutes = item.minutes, room_ids = item.room_ids, teacher_ids = item.teacher_ids }
      else
        list[i] = { kind = item.state == "planned" and "remove" or "cancel", lesson_id = item.lesson_id }
      end
    end
    local reason = "Отмена: " .. commit.title
    local run, err = changes.apply(list, user, { title = reason, reason = reason, override_reason = access.can(user, "lesson.override") and reason or nil })
    if not run then return nil, err end
    changes_store.mark_undone(commit_id)
    return run
  end)
end

--- Moves one lesson at once, as a change that can be taken back.
---@return table? lesson
---@return kit.Error? err
---@return integer? commit_id
function changes.move(lesson_id, place, user, options)
  local lesson = store.find(lesson_id)
  if not lesson then return nil, errors.not_found("lesson", lesson_id) end
  local ok, denied = access.need(user, "lesson.plan", lesson)
  if not ok then return nil, denied end
  local change = { kind = "move", lesson_id = lesson_id }
  for name, value in pairs(place) do change[name] = value end
  local run, err = changes.apply({ change }, user, options)
  if run then return store.find(lesson_id), nil, run.commit_id end
  local item = err.run and err.run.items[1]
  if item and item.after then
    err.extra = { conflicts = json.array(item.conflicts), free_slots = check.free_slots(item.after) }
  end
  if item and item.conflicts[1] and item.conflicts[1].rule == "version" then err.code = "version_conflict" end
  return nil, err
end

return changes
