--- The dispatcher's board: lessons of a range, rows of rooms, and what stands in the way of a lesson that is being dragged.
local access = require("kit.access")
local check = require("domain.lessons.check")
local errors = require("kit.errors")
local fields = require("domain.lessons.fields")
local json = require("core.json")
local russian = require("kit.russian")
local service = require("domain.lessons.service")
local store = require("domain.lessons.store")
local board_store = require("domain.lessons.store_board")
local changes_store = require("domain.lessons.store_changes")
local suggest = require("domain.lessons.suggest")
local board = {}

board.TONES = { lecture = "info", seminar = "info", practice = "ok", lab = "ok", industrial = "ok", workshop = "ok", control = "warn", final = "warn",
  webinar = "vio", consult = "vio" }

local MAX_DAYS = 42
local CHOICES = 500
local ROOM_ROWS = 60

--- Does the user get the board rather than a week of one's own?
---@return boolean
function board.is_for(user)
  if access.can(user, "lesson.plan") then return true end
  local role = user.grant and user.grant.role
  return role == "coordinator" or role == "admin"
end

-- A partner looks at its own organisation unless it asks about a resource of the network.
local function narrowed(input, user)
  local filter = { group_id = input.group, room_id = input.room, organization_id = input.organization, staff_id = input.teacher, program_id = input.program,
    with_plans = true }
  local is_wide = input.group or input.room or input.organization or input.teacher
  if not is_wide and access.scope(user, "lesson.plan") == "organization" then filter.organization_id = user.grant.organization_id end
  return filter
end

-- Of other organisations it is seen that the time is taken, not who teaches there.
local function mask(row, user)
  row.is_foreign = not access.can(user, "lesson.plan", row) and access.scope(user, "lesson.plan") ~= nil
  row.can_move = not row.is_foreign and (row.state == "planned" or row.state == "published") and access.can(user, "lesson.plan", row)
  if not row.is_foreign then return row end
  row.teachers, row.teacher_ids, row.topic = nil, nil, ""
  if row.state == "planned" then row.title, row.group_code = "Занято", "" end
  return row
end

--- One page of lessons of the days from … to.
---@return table[]? rows
---@return kit.Error|string|nil next_cursor or the error
function board.range(input, user)
  local ok, err = access.need(user, "lesson.read")
  if not ok then return nil, err end
  if input.to < input.from then return nil, errors.invalid("to", "before_start", "Конец раньше начала.") end
  if russian.day_number(input.to) - russian.day_number(input.from) >= MAX_DAYS then
    return nil, errors.invalid("to", "too_long", "Показываем не больше шести недель сразу.")
  end
  if not board.is_for(user) then return nil, errors.forbidden() end
  local limit = input.limit or fields.BOARD_LIMIT
  local rows = board_store.range(input.from, input.to, narrowed(input, user), input.cursor, limit + 1)
  local next_cursor
  if #rows > limit then
    rows[#rows] = nil
    next_cursor = rows[#rows].cursor
  end
  for _, row in ipairs(rows) do mask(row, user) end
  return rows, next_cursor
end

--- Options of the filters by name; those of one organisation when it is chosen.
function board.choices(input, user)
  local found = { organization = {}, group = {}, program = {}, teacher = {}, room = {} }
  local organization_id = input.organization or (access.scope(user, "lesson.plan") == "organization" and user.grant.organization_id) or nil
  for _, row in ipairs(board_store.choices(organization_id, CHOICES)) do
    table.insert(found[row.name], { value = row.value, label = row.more and row.label .. " — " .. row.more or row.label })
  end
  return found
end

local LOAD_ROWS = 6

--- What stands beside the board: the draft, hours of the chosen group's modules, the busiest teachers of the week.
function board.side(data, filter, user)
  if data.can_plan then data.draft_count = changes_store.count_draft(user.id) end
  if filter.group then data.modules = board_store.module_hours(filter.group) end
  if data.view == "list" then return end
  local named = { organization_id = filter.organization, group_id = filter.group, room_id = filter.room, program_id = filter.program }
  if access.scope(user, "lesson.plan") == "organization" then named.organization_id = user.grant.organization_id end
  data.load = board_store.teacher_hours(russian.monday(data.from), named, LOAD_ROWS)
end

--- Whose sheet is printed: {title, text}.
function board.subject(input)
  return board_store.subject(input.group, input.room, input.teacher)
end

--- Rows of the timeline of workshops.
function board.rooms(input, user)
  local organization_id = input.organization
  if not organization_id and not input.room and not input.group and access.scope(user, "lesson.plan") == "organization" then
    organization_id = user.grant.organization_id
  end
  return board_store.rooms(organization_id, input.room, input.group, ROOM_ROWS)
end

--- What is taken in the range for the lesson that is dragged: intervals with words, days off, hours of the site.
---@param input table values of fields.VERDICTS
---@return table? answer {busy, days_off, minutes, room_ids}
---@return kit.Error? err
function board.verdicts(input, user)
  local lesson = store.find(input.lesson_id)
  if not lesson then return nil, errors.not_found("lesson", input.lesson_id) end
  local rooms = lesson.room_ids or {}
  local p, err = service.prepare(service.moved_input(lesson, {}), user)
  if not p then return nil, err end
  check.arrays(p, lesson.teacher_ids or {}, input.room_ids and #input.room_ids > 0 and input.room_ids or rooms, {})
  local bells = json.array({})
  for i, bell in ipairs(check.bells(p)) do bells[i] = bell.starts end
  return {
    bells = bells, lesson_id = tostring(lesson.id),
    minutes = lesson.minutes, version = lesson.version, group_from = p.context.starts_on, group_to = p.context.ends_on,
    busy = check.busy(p, input.from, input.to), days_off = board.days_off(input.from, input.to, p.site_id),
    opens = p.room_rows[1] and p.room_rows[1].opens:sub(1, 5) or json.null, closes = p.room_rows[1] and p.room_rows[1].closes:sub(1, 5) or json.null,
  }
end

--- The exact verdict about one place: free, soft or hard, and everything that stands against it.
---@param input table values of fields.TARGET
---@return table? answer {verdict, conflicts}
---@return kit.Error? err
function board.check(input, user)
  local lesson = store.find(input.lesson_id)
  if not lesson then return nil, errors.not_found("lesson", input.lesson_id) end
  local p, err = service.prepare(service.moved_input(lesson, input), user)
  if not p then return nil, err end
  local conflicts = check.conflicts(p)
  local verdict = #conflicts == 0 and "free" or conflicts[1].overridable and "soft" or "hard"
  return { verdict = verdict, conflicts = json.array(conflicts), may_override = access.can(user, "lesson.override", p.context) }
end

--- What the page «Перенести занятие» shows: the lesson, what stands against the wished place, ranked ways out, what to choose from.
---@param input table values of fields.PLACE: the wished place, or nothing
---@return table? page
---@return kit.Error? err
function board.move_page(id, input, user)
  local lesson = store.find(id)
  if not lesson then return nil, errors.not_found("lesson", id) end
  local p, err = service.prepare(service.moved_input(lesson, input), user)
  if not p then return nil, err end
  local is_asked = input.held_on ~= nil or input.starts ~= nil or input.room_ids ~= nil or input.minutes ~= nil or input.teacher_ids ~= nil
  local conflicts = is_asked and check.conflicts(p) or {}
  return {
    lesson = lesson, proposal = p, is_asked = is_asked, conflicts = conflicts, may_override = access.can(user, "lesson.override", p.context),
    suggestions = suggest.all(p, conflicts, is_asked and p or lesson, user), bells = check.bells(p),
    lock = p.context.lock_id and { id = p.context.lock_id, reason = p.context.lock_reason, lesson_id = p.context.lock_lesson_id } or nil,
    rooms = store.form_rooms(access.scope(user, "room.book") == "organization" and user.grant.organization_id or lesson.organization_id),
  }
end

--- Who could take the lesson over, best first, with the day of each.
---@return table? page {lesson, candidates}
---@return kit.Error? err
function board.substitutes(id, user)
  local lesson = store.find(id)
  if not lesson then return nil, errors.not_found("lesson", id) end
  local p, err = service.prepare(service.moved_input(lesson, {}), user)
  if not p then return nil, err end
  return { lesson = lesson, candidates = suggest.teachers(p, user) }
end

--- What happened to a lesson: when it was made and moved, by whom, what was overridden and why.
---@return table[]? events
---@return kit.Error? err
function board.history(id, user)
  local lesson = store.find(id)
  if not lesson then return nil, errors.not_found("lesson", id) end
  local ok, err = access.need(user, "lesson.plan", lesson)
  if not ok then return nil, err end
  return board_store.history(id), nil, lesson
end

--- Days off of a range with their names.
function board.days_off(from, to, site_id)
  local days = json.array({})
  for i, row in ipairs(board_store.days_off(from, to, site_id)) do
    days[i] = { day = row.day, text = russian.date(row.day, "day") .. " — нерабочий день" .. (row.holiday and ": " .. row.holiday or "") }
  end
  return days
end

return board
