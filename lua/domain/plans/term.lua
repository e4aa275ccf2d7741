--- The model of a plan: what the database says of groups, teachers, rooms and days, as a term of the solver (core.solver). Pure.
---
--- A period is a pair of a day: days × the most bells of a site. Each site has its own times; who is busy elsewhere in part of a pair is busy
--- for all of it.
local russian = require("kit.russian")
local term = {}

local DAY_MINUTES = 1440

---@class plans.Facts
---@field days {day: string, weekday: integer}[]
---@field groups table[] of store_term.groups
---@field rooms table[]
---@field bells table[]
---@field teachers table[]
---@field busy {resource_id: integer, from_minute: integer, to_minute: integer}[]
---@field shared {groups: integer[]}[]
---@field offsets {zone: string, minutes: integer}[]

-- site → its bells in order of time; and the most of them.
local function grid_of(bells)
  local sites, most = {}, 0
  for _, bell in ipairs(bells) do
    local list = sites[bell.site_id] or {}
    sites[bell.site_id] = list
    list[#list + 1] = bell
    if #list > most then most = #list end
  end
  return sites, math.min(most, 16)
end

local function by(list, key)
  local map = {}
  for _, item in ipairs(list) do map[item[key]] = item end
  return map
end

-- Calls fn(period) for each pair of the site that an interval (minutes since 1970, UTC) touches.
local function each_period(m, site_id, zone, from, to, fn)
  local offset, bells = m.offset_of[zone] or 0, m.bells_of[site_id] or {}
  from, to = from + offset, to + offset
  for number = from // DAY_MINUTES, (to - 1) // DAY_MINUTES do
    local day = m.day_of[number]
    for slot = 1, day and math.min(#bells, m.slots) or 0 do
      local bell = bells[slot]
      if number * DAY_MINUTES + bell.from_minute < to and number * DAY_MINUTES + bell.to_minute > from then fn((day - 1) * m.slots + slot) end
    end
  end
end

-- Periods in which a resource is busy, as the bells of this site divide the day; kept, for many courses ask the same.
local function busy_periods(m, resource_id, site_id, zone)
  local key = resource_id .. ":" .. site_id
  local found = m.busy_kept[key]
  if found then return found end
  found = {}
  for _, span in ipairs(m.busy_of[resource_id] or {}) do
    each_period(m, site_id, zone, span.from_minute, span.to_minute, function(period) found[period] = true end)
  end
  m.busy_kept[key] = found
  return found
end

local function close(closed, periods)
  for period in pairs(periods) do closed[period] = true end
end

-- H5 and H14: the group's own bells and dates, the site's Saturdays.
local function close_foreign(m, group, closed)
  local bells = m.bells_of[group.site_id] or {}
  for d, day in ipairs(m.days) do
    local is_out = day.day < group.starts_on or day.day > group.ends_on or (day.weekday == 6 and not group.works_saturday)
    for slot = 1, m.slots do
      local bell = bells[slot]
      if is_out or not bell or bell.shift ~= group.shift then closed[(d - 1) * m.slots + slot] = true end
    end
  end
end

local function close_teacher(m, teacher, group, closed)
  close(closed, busy_periods(m, teacher.resource_id, group.site_id, group.zone))
  if not teacher.windows then return end
  local bells = m.bells_of[group.site_id] or {}
  for d, day in ipairs(m.days) do
    for slot = 1, math.min(#bells, m.slots) do
      local fits = false
      for _, window in ipairs(teacher.windows) do
        fits = fits or (window[1] == day.weekday and window[2] <= bells[slot].from_minute and bells[slot].to_minute <= window[3])
      end
      if not fits then closed[(d - 1) * m.slots + slot] = true end
    end
  end
end

-- Periods of a group before its courses are looked at; kept.
local function closed_of_group(m, group)
  if m.group_closed[group.id] then return m.group_closed[group.id] end
  local closed = {}
  close_foreign(m, group, closed)
  for _, list in ipairs({ { group.resource_id }, group.subgroup_resources or {}, group.learner_resources or {} }) do
    for _, resource_id in ipairs(list) do close(closed, busy_periods(m, resource_id, group.site_id, group.zone)) end
  end
  m.group_closed[group.id] = closed
  return closed
end

local function days_open(m, closed)
  local open = {}
  for d = 1, #m.days do
    for slot = 1, m.slots do
      if not closed[(d - 1) * m.slots + slot] then
        open[#open + 1] = d
        break
      end
    end
  end
  return open
end

-- Days first … last of `open` are left to a course; unless it would not find room there: order gives way to hours.
local function keep_turn(m, course, closed, open, first, last)
  local narrowed, free = {}, 0
  close(narrowed, closed)
  for n, d in ipairs(open) do
    for slot = 1, m.slots do
      local period = (d - 1) * m.slots + slot
      if n < first or n > last then narrowed[period] = true end
      if not narrowed[period] then free = free + 1 end
    end
  end
  if free >= course.lectures then close(closed, narrowed) end
end

-- Days at the end that the attestation takes, with those between it and the rest.
local function days_of_final(m, group, list)
  local pairs_final = 0
  for _, course in ipairs(list) do pairs_final = pairs_final + (course.is_final and course.lectures or 0) end
  if pairs_final == 0 then return 0 end
  return math.ceil(pairs_final / m.rules.pairs_a_day[group.has_minors and "minors" or "adults"]) + m.rules.order_slack_days
end

-- H10: the courses of a group take their turns in the order of the programme; the attestation comes after all.
local function order_group(m, group, list, closed_of)
  local open, total, before, slack = days_open(m, closed_of_group(m, group)), 0, 0, m.rules.order_slack_days
  local study_days = math.max(1, #open - days_of_final(m, group, list))
  for _, course in ipairs(list) do total = total + (course.is_final and 0 or course.lectures) end
  for _, course in ipairs(list) do -- by module, and theory before practice
    local first, last = study_days + 1, #open
    if not course.is_final then
      first = math.floor(before / math.max(total, 1) * study_days) + 1 - slack
      before = before + course.lectures
      last = math.min(study_days, math.ceil(before / math.max(total, 1) * study_days) + slack)
    end
    keep_turn(m, course, closed_of[course], open, first, last)
  end
end

local function close_out_of_turn(m, courses, closed_of)
  local groups = {}
  for _, course in ipairs(courses) do
    groups[course.group_id] = groups[course.group_id] or {}
    table.insert(groups[course.group_id], course)
  end
  for group_id, list in pairs(groups) do order_group(m, m.group_of[group_id], list, closed_of) end
end

local PRACTICAL = { practice = true, lab = true }

-- How far a room is from what a kind of lesson wants: 0 is best.
local function distance_of(room, kind, competences)
  local is_practical = room.kind ~= "classroom" and room.kind ~= "hall"
  if not PRACTICAL[kind] then return is_practical and 1 or 0 end
  if room.competence and competences[room.competence] then return 0 end
  return is_practical and 1 or 2
end

-- H6 and H7: rooms at the group's site with seats for all; practice where its competence is taught, or at least in a workshop.
local function rooms_for(m, course, group)
  local distances, best, least, competences = {}, {}, math.huge, {}
  for _, code in ipairs(group.competences or {}) do competences[code] = true end
  for i, room in ipairs(m.rooms) do
    if room.site_id == group.site_id and room.seats >= group.learners then
      distances[i] = distance_of(room, course.kind, competences)
      least = math.min(least, distances[i])
    end
  end
  for i, distance in pairs(distances) do best[i] = distance == least or nil end
  return best
end

local function bits(count, set)
  local signs = {}
  for i = 1, count do signs[i] = set[i] and "1" or "0" end
  return table.concat(signs)
end

local function new_model(facts, rules)
  local m = { days = facts.days, rooms = facts.rooms, rules = rules, group_of = by(facts.groups, "id"), teacher_of = by(facts.teachers, "id"), day_of = {},
    offset_of = {}, busy_of = {}, busy_kept = {}, group_closed = {} }
  m.bells_of, m.slots = grid_of(facts.bells)
  for i, day in ipairs(m.days) do m.day_of[russian.day_number(day.day)] = i end
  for _, zone in ipairs(facts.offsets) do m.offset_of[zone.zone] = zone.minutes end
  for _, span in ipairs(facts.busy) do
    local list = m.busy_of[span.resource_id] or {}
    m.busy_of[span.resource_id] = list
    list[#list + 1] = span
  end
  m.periods = #m.days * m.slots
  return m
end

local function room_rows(m, facts)
  local zone_of = {}
  for _, group in ipairs(facts.groups) do zone_of[group.site_id] = group.zone end
  local rows = {}
  for i, room in ipairs(m.rooms) do
    rows[i] = { name = room.name, seats = room.seats, taken = bits(m.periods, busy_periods(m, room.id, room.site_id, zone_of[room.site_id])) }
  end
  return rows
end

local function add_line(lines, name, courses, shape)
  if #courses == 0 then return end
  local line = { name = name, courses = courses }
  for key, value in pairs(shape) do line[key] = value end
  lines[#lines + 1] = line
end

-- A group is in one place at a time, a teacher too, and a learner of two groups.
local function lines_of(m, facts, courses)
  local of_group, of_teacher, lines = {}, {}, {}
  for c, course in ipairs(courses) do
    of_group[course.group_id] = of_group[course.group_id] or {}
    table.insert(of_group[course.group_id], c)
    local teacher = course.staff_id and m.teacher_of[course.staff_id]
    if teacher then
      of_teacher[teacher.resource_id] = of_teacher[teacher.resource_id] or { teacher = teacher }
      table.insert(of_teacher[teacher.resource_id], c)
    end
  end
  for _, group in ipairs(facts.groups) do
    local limit = m.rules.pairs_a_day[group.has_minors and "minors" or "adults"]
    add_line(lines, group.code, of_group[group.id] or {}, { lonely = m.rules.lonely, window = m.rules.window, day_limit = limit, group = group })
  end
  for _, list in pairs(of_teacher) do
    add_line(lines, list.teacher.name, list,
      { window = m.rules.teacher_window, day_limit = math.max(1, list.teacher.max_hours_per_day // 2), teacher = list.teacher })
  end
  for _, shared in ipairs(facts.shared) do
    local both = {}
    for _, group_id in ipairs(shared.groups) do table.move(of_group[group_id] or {}, 1, #(of_group[group_id] or {}), #both + 1, both) end
    add_line(lines, "слушатели двух групп", both, {})
  end
  return lines
end

--- The periods in which a course of lessons may be held, and its rooms.
local function course_row(m, course, closed)
  local group, unfit = m.group_of[course.group_id], {}
  local fit, own = rooms_for(m, course, group), {}
  for _, lesson in ipairs(course.lessons or {}) do own[lesson.room_ids[1]] = true end
  for i, room in ipairs(m.rooms) do fit[i] = fit[i] or own[room.id] end
  for i in ipairs(m.rooms) do unfit[i] = not fit[i] end
  return {
    name = course.title, lectures = course.lectures, learners = course.lessons and 0 or group.learners, min_days = course.min_days,
    closed = bits(m.periods, closed), unfit = bits(#m.rooms, unfit),
  }
end

local function closed_of_course(m, course)
  local closed, group = {}, m.group_of[course.group_id]
  close(closed, closed_of_group(m, group))
  local teacher = course.staff_id and m.teacher_of[course.staff_id]
  if teacher then close_teacher(m, teacher, group, closed) end
  for d, day in ipairs(m.days) do
    for slot = 1, course.away and course.away(day.day) and m.slots or 0 do closed[(d - 1) * m.slots + slot] = true end
  end
  -- Where a lesson stands it may stay, though its bells be another shift's; only who is away must go.
  for _, lesson in ipairs(course.lessons or {}) do
    local period = not (course.away and course.away(lesson.held_on)) and term.period_of(m, course.site_id, lesson.held_on, lesson.starts)
    if period then closed[period] = nil end
  end
  return closed
end

-- A search takes no course that has fewer periods than lectures: what is too many is told at once.
local function cut(row, course)
  local _, shut = row.closed:gsub("1", "")
  course.cut = math.max(0, course.lectures - (#row.closed - shut))
  course.lectures = course.lectures - course.cut
  row.lectures = course.lectures
end

--- Makes the term of courses. A course that finds no period at all is left out; `cut` of a course tells how many of its lectures are.
---@param facts plans.Facts
---@param courses table[] {group_id, module_id, title, kind, position, lectures, staff_id, lessons, away = fn(day)}
---@param rules table rules.timetable.plan
---@return table model {term, courses, lines, rooms, days, slots, left_out}
function term.build(facts, courses, rules)
  local m = new_model(facts, rules)
  local closed_of, rows = {}, {}
  for _, course in ipairs(courses) do closed_of[course] = closed_of_course(m, course) end
  if not facts.is_repair then close_out_of_turn(m, courses, closed_of) end
  m.courses, m.left_out = {}, {}
  for _, course in ipairs(courses) do
    local row = course_row(m, course, closed_of[course])
    if not facts.is_repair then cut(row, course) end
    local list = course.lectures > 0 and m.courses or m.left_out
    list[#list + 1] = course
    if course.lectures > 0 then rows[#rows + 1] = row end
  end
  m.lines = lines_of(m, facts, m.courses)
  m.term = { days = #m.days, day_periods = m.slots, rooms = room_rows(m, facts), courses = rows, lines = m.lines,
    weights = { day = rules.day, room = rules.room, moved = facts.moved or 0 } }
  return m
end

--- The period of a site at which a lesson stands, or nil: off the bells, or on another day.
---@return integer?
function term.period_of(m, site_id, held_on, starts)
  local day = m.day_of[russian.day_number(held_on)]
  for slot = 1, day and math.min(#(m.bells_of[site_id] or {}), m.slots) or 0 do
    if m.bells_of[site_id][slot].starts == starts then return (day - 1) * m.slots + slot end
  end
end

--- Day and bell of a period at a site.
function term.place_of(m, site_id, period)
  local day, slot = (period - 1) // m.slots + 1, (period - 1) % m.slots + 1
  return m.days[day], m.bells_of[site_id][slot]
end

-- course → its lines
local function lines_by_course(m)
  local lines = {}
  for l, line in ipairs(m.lines) do
    for _, c in ipairs(line.courses) do
      lines[c] = lines[c] or {}
      table.insert(lines[c], l)
    end
  end
  return lines
end

local function in_order(m, is_kept)
  local order, lecture = {}, 0
  for c, course in ipairs(m.courses) do
    for _ = 1, course.lectures do
      lecture = lecture + 1
      order[#order + 1] = { lecture = lecture, course = c, rank = is_kept and is_kept(lecture) and 0 or 1 }
    end
  end
  table.sort(order, function(a, b) return a.rank < b.rank or (a.rank == b.rank and a.lecture < b.lecture) end)
  return order
end

local function why_not(m, row, lines, taken, period, room)
  if period == 0 then return "нет свободного времени" end
  if room == 0 then return "нет свободного помещения" end
  if row.closed:byte(period) == 49 then return "время занято" end
  for _, l in ipairs(lines) do
    local limit = m.lines[l].day_limit or 0
    if taken[l .. ":" .. period] then return m.lines[l].name .. ": в это время другое занятие" end
    if limit > 0 and (taken[l .. "d" .. (period - 1) // m.slots] or 0) >= limit then return m.lines[l].name .. ": слишком много пар в день" end
  end
end

--- Lectures of a draft that cannot stay: without a place or a room, or where the line of an earlier one is already. Those that have
--- not moved go first.
---@param draft integer[] period, room of each lecture
---@param is_kept (fun(lecture: integer): boolean)?
---@return table<integer, string> faults lecture → why
function term.faults(m, draft, is_kept)
  local faults, taken, lines = {}, {}, lines_by_course(m)
  for _, at in ipairs(in_order(m, is_kept)) do
    local period, room = draft[at.lecture * 2 - 1], draft[at.lecture * 2]
    local here = lines[at.course] or {}
    faults[at.lecture] = why_not(m, m.term.courses[at.course], here, taken, period, room)
    for _, l in ipairs(not faults[at.lecture] and here or {}) do
      local day = l .. "d" .. (period - 1) // m.slots
      taken[l .. ":" .. period], taken[day] = true, (taken[day] or 0) + 1
    end
  end
  return faults
end

return term
