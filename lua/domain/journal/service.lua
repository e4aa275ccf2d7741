--- The journal: attendance and marks of a lesson's page, its signature, the month of a group.
local access = require("kit.access")
local audit = require("kit.audit")
local errors = require("kit.errors")
local groups = require("domain.groups")
local lessons = require("domain.lessons")
local personal = require("kit.personal")
local store = require("domain.journal.store")
local transaction = require("kit.transaction")
local service = {}

local HINTS = {
  journal_signed = function() return errors.conflict("journal_signed", "Журнал этого занятия подписан. Попросите сотрудника ЦОПП открыть его для правки.") end,
  lesson_not_held = function() return errors.conflict("lesson_not_begun", "Занятие ещё не началось: отмечать можно с его начала.") end,
}

local function explain(fault)
  local make = fault.hint and HINTS[fault.hint]
  if make then return make() end
  if fault.constraint then return errors.invalid("grade", "bad_value", "Такой оценки нет. Ставят 5, 4, 3, 2 или «н/а».") end
  return fault
end

-- The lesson, open for marks: the first mark after its beginning opens the page by itself.
local function open_page(lesson_id, user)
  local lesson = lessons.find(lesson_id)
  if not lesson then return nil, errors.not_found("lesson", lesson_id) end
  local ok, err = access.need(user, "journal.write", lesson)
  if not ok then return nil, err end
  if lesson.state == "published" then
    if not lesson.has_begun then return nil, HINTS.lesson_not_held() end
    return lessons.transition(lesson_id, "hold", user, {})
  end
  return lesson
end

local function scale_of(value)
  if value == "pass" or value == "fail" then return "pass_fail" end
  return "five"
end

local function has(list, value)
  for _, v in ipairs(list or {}) do
    if v == value then return true end
  end
  return false
end

local function write_mark(lesson_id, cell, input, user)
  if input.mark then
    local row, fault = store.save_mark(lesson_id, cell.id, input.mark, input.minutes, user.id)
    if not row then return nil, explain(fault) end
    return row.version
  end
  if has(input.clear, "mark") and cell.mark then
    local _, fault = store.clear_mark(lesson_id, cell.id)
    if fault then return nil, explain(fault) end
    return 0
  end
  return cell.version
end

local function write_grade(lesson_id, cell, input, user)
  local fault, _
  if input.grade and input.grade ~= "" then
    _, fault = store.save_grade(lesson_id, cell.id, scale_of(input.grade), input.grade, user.id)
  elseif has(input.clear, "grade") and cell.grade then
    _, fault = store.clear_grade(lesson_id, cell.id)
  end
  if fault then return nil, explain(fault) end
  return true
end

--- Writes one cell of the journal.
---@param input table values of fields.CELL; `version` of the attendance cell guards against a second writer
---@return table? cell {enrollment_id, mark, grade, version}
---@return kit.Error? err 409 `version_conflict` with extra.current
function service.write(lesson_id, input, user)
  return transaction.run(function()
    local lesson, err = open_page(lesson_id, user)
    if not lesson then return nil, err end
    local cell = store.lock_cell(lesson_id, input.enrollment_id)
    if not cell then return nil, errors.invalid("enrollment_id", "not_in_lesson", "Этого слушателя нет на занятии.") end
    if input.version and input.version ~= cell.version then
      err = errors.conflict("version_conflict", "Отметку уже изменили. Показано новое значение.")
      err.extra = { current = { mark = cell.mark, grade = cell.grade, version = cell.version } }
      return nil, err
    end
    local version, ok
    version, err = write_mark(lesson_id, cell, input, user)
    if not version then return nil, err end
    ok, err = write_grade(lesson_id, cell, input, user)
    if not ok then return nil, err end
    local fresh = store.lock_cell(lesson_id, input.enrollment_id)
    audit.write("journal.mark", "lesson", lesson_id, {
      enrollment = { nil, input.enrollment_id }, mark = { cell.mark, fresh.mark }, grade = { cell.grade, fresh.grade },
    })
    return { enrollment_id = input.enrollment_id, mark = fresh.mark, grade = fresh.grade, version = fresh.version }
  end)
end

--- Topic and homework of a lesson.
function service.write_page(lesson_id, input, user)
  return transaction.run(function()
    local lesson, err = open_page(lesson_id, user)
    if not lesson then return nil, err end
    if lesson.state ~= "held" then return nil, HINTS.journal_signed() end
    store.save_page(lesson_id, input.topic, input.homework, user.id)
    audit.write("journal.page", "lesson", lesson_id, {
      topic = { lesson.topic, input.topic }, homework = { lesson.homework, input.homework },
    })
    return lessons.find(lesson_id)
  end)
end

local function hide_names(user, rows)
  for _, row in ipairs(rows) do row.name, row.short_name = personal.name(user, row.name), personal.name(user, row.short_name) end
  return rows
end

--- The page of a lesson: learners with marks, what may be done, and the history of changes for staff.
---@return table? lesson with learners, can_write, history?
---@return kit.Error? err
function service.page(lesson_id, user)
  local lesson, err = lessons.get(lesson_id, user)
  if not lesson then return nil, err end
  if access.can(user, "journal.read", lesson) then lesson.learners = hide_names(user, store.page(lesson_id)) end
  local may_write = access.can(user, "journal.write", lesson)
  lesson.can_write = may_write and (lesson.state == "held" or (lesson.state == "published" and lesson.has_begun))
  lesson.is_future = may_write and lesson.state == "published" and not lesson.has_begun
  if access.can(user, "journal.history", lesson) then lesson.history = store.history(lesson_id) end
  return lesson
end

local function cell_map(cells)
  local map = {}
  for _, c in ipairs(cells) do map[c.lesson_id .. ":" .. c.enrollment_id] = c end
  return map
end

--- The grid of a month.
---@param from string first day of the month
---@param to string last day
---@return table? grid {group, columns, rows, cells}
---@return kit.Error? err
function service.grid(group_id, from, to, user)
  local group, err = groups.get(group_id, user)
  if not group then return nil, err end
  local ok
  ok, err = access.need(user, "journal.read", group)
  if not ok then return nil, err end
  local columns = store.columns(group_id, from, to, user.person_id)
  for _, c in ipairs(columns) do
    c.is_open = c.is_writable and access.can(user, "journal.write",
      { organization_id = group.organization_id, person_ids = { c.is_mine and user.person_id or nil } })
  end
  return {
    group = group,
    columns = columns,
    rows = hide_names(user, store.rows(group_id, from, to)),
    cells = cell_map(store.cells(group_id, from, to)),
  }
end

--- Attendance of a month in academic hours.
function service.hours(group_id, from, to, user)
  local group, err = groups.get(group_id, user)
  if not group then return nil, err end
  local ok
  ok, err = access.need(user, "journal.read", group)
  if not ok then return nil, err end
  return { group = group, rows = hide_names(user, store.hours(group_id, from, to)) }
end

--- Marks of the learner himself.
function service.own(user)
  return store.own(user.person_id)
end

return service
