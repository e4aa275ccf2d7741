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
  return {
    lesson_id = tostring(lesson.id), minutes = lesson.minutes, version = lesson.version, group_from = p.context.starts_on, group_to = p.context.ends_on,
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

--- What the page «Перенести занятие» shows: the lesson, what stands against the wished place, free places, what to choose from.
---@param input table values of fields.PLACE: the wished place, or nothing
---@return table? page {lesson, wished, conflicts, slots, bells, rooms, may_override}
---@return kit.Error? err
function board.move_page(id, input, user)
  local lesson = store.find(id)
  if not lesson then return nil, errors.not_found("lesson", id) end
  local p, err = service.prepare(service.moved_input(lesson, input), user)
  if not p then return nil, err end
  local is_asked = next(input) ~= nil
  local wished = { held_on = p.held_on, starts = p.starts, minutes = p.minutes, room_ids = input.room_ids or lesson.room_ids or {} }
  return {
    lesson = lesson, wished = wished, is_asked = is_asked, conflicts = is_asked and check.conflicts(p) or {}, slots = check.free_slots(p),
    bells = check.bells(p), may_override = access.can(user, "lesson.override", p.context), ends = p.ends,
    rooms = store.form_rooms(access.scope(user, "room.book") == "organization" and user.grant.organization_id or lesson.organization_id),
  }
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
