--- Plans made of plans: a week repeated, a day moved, a lesson repeated, a range published. Each gives a list for changes.apply.
local access = require("kit.access")
local board = require("domain.lessons.board")
local changes = require("domain.lessons.changes")
local errors = require("kit.errors")
local outbox = require("kit.outbox")
local russian = require("kit.russian")
local service = require("domain.lessons.service")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local writing = require("domain.lessons.writing")
local planning = {}

-- Lessons of own groups in a range, whatever their number up to what may be changed at once.
local function lessons_of(input, from, to, user)
  local asked = { from = from, to = to, limit = 500, group = input.group, organization = input.organization, teacher = input.teacher, room = input.room }
  local rows, more = board.range(asked, user)
  if not rows then return nil, more end
  local own = {}
  for _, row in ipairs(rows) do
    if access.can(user, "lesson.plan", row) then own[#own + 1] = row end
  end
  return own
end

local function empty(field, text) return nil, errors.invalid(field, "nothing", text) end

-- Copies that fall on days off are left out and named.
local function without_days_off(list, rows)
  local kept, skipped, off = {}, {}, {}
  if #list == 0 then return kept, skipped end
  local first, last = list[1].held_on, list[1].held_on
  for _, change in ipairs(list) do
    if change.held_on < first then first = change.held_on end
    if change.held_on > last then last = change.held_on end
  end
  for _, day in ipairs(board.days_off(first, last)) do off[day.day] = day.text end
  for i, change in ipairs(list) do
    if off[change.held_on] then skipped[#skipped + 1] = { lesson = rows[i], held_on = change.held_on, text = off[change.held_on] }
    else kept[#kept + 1] = change end
  end
  return kept, skipped
end

--- Copies of a week into the weeks that follow: every week, or every second (numerator and denominator).
---@return table[]? list
---@return kit.Error? err
---@return table[]? skipped {lesson, held_on, text}: what would fall on a holiday
function planning.repeat_week(input, user)
  local monday = russian.monday(input.week)
  local rows, err = lessons_of(input, monday, russian.add_days(monday, 6), user)
  if not rows then return nil, err end
  if #rows == 0 then return empty("week", "На этой неделе занятий нет: повторять нечего.") end
  local list, of = {}, {}
  for k = 1, input.times do
    for _, row in ipairs(rows) do
      list[#list + 1] = { kind = "copy", lesson_id = row.id, held_on = russian.add_days(row.held_on, 7 * input.every * k) }
      of[#list] = row
    end
  end
  local kept, skipped = without_days_off(list, of)
  return kept, nil, skipped
end

--- All lessons of a day to another day.
function planning.move_day(input, user)
  local rows, err = lessons_of(input, input.day, input.day, user)
  if not rows then return nil, err end
  if input.to_day == input.day then return empty("to_day", "Выберите другой день.") end
  local list = {}
  for _, row in ipairs(rows) do
    if row.can_move then list[#list + 1] = { kind = "move", lesson_id = row.id, version = row.version, held_on = input.to_day } end
  end
  if #list == 0 then return empty("day", "В этот день переносить нечего.") end
  return list
end

--- One lesson repeated: `times` more, every `every` weeks.
function planning.repeat_lesson(lesson, input)
  local list, of = {}, {}
  for k = 1, input.times do
    list[k], of[k] = { kind = "copy", lesson_id = lesson.id, held_on = russian.add_days(lesson.held_on, 7 * input.every * k) }, lesson
  end
  local kept, skipped = without_days_off(list, of)
  return kept, nil, skipped
end

--- A new lesson, and its repetitions where it may stand.
---@return table? lesson
---@return kit.Error? err
---@return table? run of the repetitions
function planning.create(input, user)
  return transaction.run(function()
    local lesson, err = service.create(input, user)
    if not lesson then return nil, err end
    if not input.times then return lesson end
    local list, _, skipped = planning.repeat_lesson(lesson, { times = input.times, every = input.every or 1 })
    local run = #list > 0 and changes.apply(list, user, { title = "Повтор занятия", override_reason = input.override_reason, skip = true })
      or { done = 0, refused = #list }
    run.skipped = skipped
    return lesson, nil, run
  end)
end

--- What a range would publish: planned lessons, and what is published there already.
---@return table[]? planned
---@return kit.Error? err
---@return integer? published
function planning.unpublished(input, user)
  local rows, err = lessons_of(input, input.from, input.to, user)
  if not rows then return nil, err end
  local planned, published = {}, 0
  for _, row in ipairs(rows) do
    if row.state == "planned" then planned[#planned + 1] = row elseif row.state == "published" then published = published + 1 end
  end
  return planned, nil, published
end

local function publish_all(rows, user)
  local groups, first, last, count, refused = {}, nil, nil, 0, {}
  for _, row in ipairs(rows) do
    local fired, err = transaction.attempt(function() return workflow.fire(writing.binding, row.id, "publish", user, {}) end)
    if fired then
      count = count + 1
      groups[row.group_id] = (groups[row.group_id] or 0) + 1
      first, last = math.min(first or row.id, row.id), math.max(last or row.id, row.id)
    else
      refused[#refused + 1] = { lesson = row, text = err.text }
    end
  end
  for group_id, n in pairs(groups) do
    outbox.emit("timetable.published", nil, { group_id = group_id, count = n, from = rows[1].held_on, to = rows[#rows].held_on })
  end
  if count > 0 then writing.tell_boards(rows[1].held_on, rows[#rows].held_on) end
  return { done = count, refused = refused }
end

--- Publishes what is planned in a range; people of each group are told once.
---@return {done: integer, refused: table[]}? result
---@return kit.Error? err
function planning.publish(input, user)
  local rows, err = planning.unpublished(input, user)
  if not rows then return nil, err end
  if #rows == 0 then return nil, errors.conflict("nothing", "Всё уже опубликовано.") end
  if #rows > changes.MAX then
    return nil, errors.invalid("to", "too_many", ("За один раз публикуем не больше %d занятий: сузьте отбор."):format(changes.MAX))
  end
  return transaction.run(function() return publish_all(rows, user) end)
end

return planning
