--- The draft of a dispatcher: several moves that are tried together and made as one. It holds no place until it is made.
local access = require("kit.access")
local changes = require("domain.lessons.changes")
local changes_store = require("domain.lessons.store_changes")
local db = require("core.db")
local errors = require("kit.errors")
local service = require("domain.lessons.service")
local store = require("domain.lessons.store")
local draft = {}

draft.MAX = 100

--- Adds a change, or replaces the one of the same lesson.
---@param input {lesson_id: integer, kind: string?, held_on: string?, starts: string?, minutes: integer?, room_ids: integer[]?, teacher_ids: integer[]?}
---@return integer? id
---@return kit.Error? err
function draft.put(input, user)
  local lesson = store.find(input.lesson_id)
  if not lesson then return nil, errors.not_found("lesson", input.lesson_id) end
  local ok, err = access.need(user, "lesson.plan", lesson)
  if not ok then return nil, err end
  if changes_store.count_draft(user.id) >= draft.MAX then
    return nil, errors.conflict("draft_full", ("В черновике уже %d изменений: примените их или уберите лишние."):format(draft.MAX))
  end
  local place = service.moved_input(lesson, input)
  local row = changes_store.put_draft(user.id, {
    lesson_id = lesson.id, kind = input.kind or "move", held_on = place.held_on, starts = place.starts, minutes = place.minutes,
    room_ids = db.array(place.room_ids), teacher_ids = db.array(place.teacher_ids), version = lesson.version,
  })
  return row.id
end

function draft.drop(id, user) changes_store.drop_draft(user.id, id) end
function draft.count(user) return changes_store.count_draft(user.id) end

--- The changes as they are now, each judged together with the others.
---@return table[] items of changes.apply, with the id of the change; empty when the draft is
---@return kit.Error? err
function draft.items(user)
  local list = changes_store.draft(user.id)
  if #list == 0 then return {} end
  local run, err = changes.apply(list, user, { title = "", reason = "Проверка черновика", dry = true })
  if not run then return nil, err end
  table.sort(run.items, function(a, b) return a.change.id < b.change.id end)
  return run.items
end

--- Makes all of it, or nothing.
---@return table? run
---@return kit.Error? err
function draft.apply(user, options)
  local list = changes_store.draft(user.id)
  local run, err = changes.apply(list, user, { title = "Черновик изменений", reason = options.reason, override_reason = options.override_reason })
  if not run then return nil, err end
  changes_store.drop_draft(user.id, nil)
  return run
end

return draft
