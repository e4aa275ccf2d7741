--- JSON of changes to the plan: lists of changes, the draft, undo, repetition, publishing, locks, ways out of a conflict.
local board = require("domain.lessons.board")
local changes = require("domain.lessons.changes")
local draft = require("domain.lessons.draft")
local fields = require("domain.lessons.fields")
local form = require("kit.form")
local json = require("core.json")
local locks = require("domain.lessons.locks")
local planning = require("domain.lessons.planning")
local present = require("domain.lessons.present")
local respond = require("kit.respond")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function null(value)
  if value == nil then return json.null end
  return value
end

local VERDICTS = { ok = "free", warn = "soft", bad = "hard" }

local function item_json(item)
  local shown = present.change(item)
  local p = item.after
  return {
    id = item.change.id and tostring(item.change.id) or json.null, kind = item.change.kind, lesson_id = tostring(item.change.lesson_id),
    made_id = item.lesson_id and tostring(item.lesson_id) or json.null, verdict = VERDICTS[shown.tone], conflicts = json.array(item.conflicts),
    title = shown.title, group = null(shown.group), was = null(shown.was), now = null(shown.now), held_on = p and p.held_on or json.null,
    starts = p and p.starts or json.null, ends = p and p.ends or json.null, minutes = p and p.minutes or json.null, rooms = null(shown.rooms),
    teachers = null(shown.teachers),
  }
end

local function run_json(run, skipped)
  local items, left_out = json.array({}), json.array({})
  for i, item in ipairs(run.items) do items[i] = item_json(item) end
  for i, s in ipairs(skipped or {}) do left_out[i] = { held_on = s.held_on, title = s.lesson.title, text = s.text } end
  return { commit_id = run.commit_id and tostring(run.commit_id) or json.null, done = run.done, refused = run.refused, items = items, skipped = left_out }
end

-- A refused list says of each change what stands against it.
local function answer(run, err, skipped)
  if run then return respond.json(run_json(run, skipped)) end
  if err.run then
    err.extra = err.extra or {}
    err.extra.items = run_json(err.run).items
  end
  return nil, err
end

local function apply(request)
  local input, err = form.json(fields.CHANGES, request)
  if not input then return nil, err end
  local title = input.title or (#input.changes == 1 and input.changes[1].kind == "move" and "Перенос занятия" or "Изменение расписания")
  return answer(changes.apply(input.changes, request.user, { title = title, dry = input.dry, skip = input.skip, reason = input.reason,
    override_reason = input.override_reason }))
end

local function undo(request) return answer(changes.undo(id_of(request), request.user)) end

local function show_draft(request)
  local found, err = draft.items(request.user)
  if not found then return nil, err end
  local items = json.array({})
  for i, item in ipairs(found) do items[i] = item_json(item) end
  return respond.json({ items = items, next_cursor = json.null })
end

local function put_draft(request)
  local input, err = form.json(fields.CHANGE, request)
  if not input then return nil, err end
  local id
  id, err = draft.put(input, request.user)
  if not id then return nil, err end
  return respond.json({ id = tostring(id), count = draft.count(request.user) }, 201)
end

local function drop_draft(request)
  draft.drop(id_of(request), request.user)
  return respond.empty()
end

local function apply_draft(request)
  local input, err = form.json(fields.REASONS, request)
  if not input then return nil, err end
  return answer(draft.apply(request.user, input))
end

-- The same list is judged (dry) or made.
local function planned(schema, list_of, title, skip)
  return function(request)
    local input, err = form.json(schema, request)
    if not input then return nil, err end
    local list, fault, skipped = list_of(input, request.user)
    if not list then return nil, fault end
    local run
    run, err = changes.apply(list, request.user,
      { title = title, dry = input.dry, skip = skip, reason = input.reason or title, override_reason = input.override_reason })
    return answer(run, err, skipped)
  end
end

local function publish(request)
  local input, err = form.json(fields.PUBLISH, request)
  local result
  if input then result, err = planning.publish(input, request.user) end
  if not result then return nil, err end
  local refused = json.array({})
  for i, r in ipairs(result.refused) do refused[i] = { lesson_id = tostring(r.lesson.id), text = r.text } end
  return respond.json({ done = result.done, refused = refused })
end

local function substitutes(request)
  local page, err = board.substitutes(id_of(request), request.user)
  if not page then return nil, err end
  local items = json.array({})
  for i, c in ipairs(page.candidates) do
    items[i] = { teacher_id = tostring(c.id), name = c.name, organization = c.organization, day = null(c.day), hours_day = c.hours_day, hours_week = c.hours_week,
      score = c.score, reasons = json.array(c.reasons), warnings = json.array(c.warnings) }
  end
  return respond.json({ items = items, next_cursor = json.null })
end

local function suggestions(request)
  local input, err = form.json(fields.PLACE, request)
  if not input then return nil, err end
  local page
  page, err = board.move_page(id_of(request), input, request.user)
  if not page then return nil, err end
  local items = json.array({})
  for i, s in ipairs(page.suggestions) do
    local rooms, teachers = json.array({}), json.array({})
    for k, id in ipairs(s.room_ids or {}) do rooms[k] = tostring(id) end
    for k, id in ipairs(s.teacher_ids or {}) do teachers[k] = tostring(id) end
    items[i] = { kind = s.kind, cost = s.cost, why = json.array(s.why), touches = s.touches, held_on = s.held_on, starts = s.starts, minutes = s.minutes,
      room_ids = rooms, teacher_ids = teachers, swap_with = s.other and tostring(s.other.id) or json.null }
  end
  return respond.json({ conflicts = json.array(page.conflicts), items = items })
end

local function add_lock(request)
  local input, err = form.json(fields.LOCK, request)
  local id
  if input then id, err = locks.add(input, request.user) end
  if not id then return nil, err end
  return respond.json({ id = tostring(id) }, 201)
end

local function list_locks(request)
  local items = json.array({})
  for i, row in ipairs(locks.list(request.user)) do
    items[i] = { id = tostring(row.id), lesson_id = row.lesson_id and tostring(row.lesson_id) or json.null, group = null(row.group_code),
      teacher = null(row.teacher), day = null(row.day), reason = row.reason, organization = row.organization }
  end
  return respond.json({ items = items, next_cursor = json.null })
end

local function drop_lock(request)
  local ok, err = locks.drop(id_of(request), request.user)
  if not ok then return nil, err end
  return respond.empty()
end

local PLAN, API = { "lesson.plan" }, "/api/v1/schedule/"
local OBJECT = { type = "object" }

return {
  { "POST", API .. "changes", apply, access = PLAN, body = fields.CHANGES, returns = OBJECT,
    summary = "Несколько изменений расписания как одно; dry — только проверить" },
  { "POST", API .. "changes/{id}/undo", undo, access = PLAN, returns = OBJECT, summary = "Отменить своё изменение, пока его занятий никто не касался" },
  { "GET", API .. "draft", show_draft, access = PLAN, returns = OBJECT, summary = "Черновик изменений, проверенный вместе" },
  { "POST", API .. "draft", put_draft, access = PLAN, body = fields.CHANGE, returns = OBJECT, summary = "Добавить изменение в черновик" },
  { "DELETE", API .. "draft/{id}", drop_draft, access = PLAN, summary = "Убрать изменение из черновика" },
  { "POST", API .. "draft/apply", apply_draft, access = PLAN, body = fields.REASONS, returns = OBJECT, summary = "Применить черновик: всё или ничего" },
  { "POST", API .. "repeat", planned(fields.REPEAT, planning.repeat_week, "Повтор недели", true), access = PLAN, body = fields.REPEAT, returns = OBJECT,
    summary = "Повторить неделю в следующих; праздники пропускаются" },
  { "POST", API .. "day", planned(fields.DAY, planning.move_day, "Перенос дня", false), access = PLAN, body = fields.DAY, returns = OBJECT,
    summary = "Перенести все занятия дня на другой день" },
  { "POST", API .. "publish", publish, access = PLAN, body = fields.PUBLISH, returns = OBJECT, summary = "Опубликовать запланированное за дни" },
  { "GET", API .. "locks", list_locks, access = PLAN, returns = OBJECT, summary = "Закреплённые занятия, группы, преподаватели и дни" },
  { "POST", API .. "locks", add_lock, access = PLAN, body = fields.LOCK, returns = OBJECT, summary = "Закрепить" },
  { "DELETE", API .. "locks/{id}", drop_lock, access = PLAN, summary = "Открепить" },
  { "GET", "/api/v1/lessons/{id}/substitutes", substitutes, access = PLAN, returns = OBJECT, summary = "Кто может заменить преподавателя, лучшие первыми" },
  { "POST", "/api/v1/lessons/{id}/suggestions", suggestions, access = PLAN, body = fields.PLACE, returns = OBJECT, is_read = true,
    summary = "Куда можно перенести занятие, дешевле — раньше" },
}
