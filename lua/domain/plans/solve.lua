--- The job that searches for a plan: what the database says, made a term; the search, watched; the draft, kept.
local bus = require("core.bus")
local db = require("core.db")
local explain = require("domain.plans.explain")
local job = require("kit.job")
local json = require("core.json")
local live = require("kit.live")
local log = require("core.log")
local lookup = require("kit.lookup")
local rules = lookup.module("rules.timetable")
local order = require("domain.plans.order")
local russian = require("kit.russian")
local solver = require("core.solver")
local store = require("domain.plans.store")
local store_term = require("domain.plans.store_term")
local term = require("domain.plans.term")
local solve = {}

local WATCH_MS = 20 -- a wish to stop is seen so soon
local TELL_MS = 1000
local BLOCKERS_MAX = 2000 -- courses; beyond that the explanation would take longer than the search

local function ids_of(list, key)
  local ids, seen = {}, {}
  for _, item in ipairs(list) do
    local id = item[key]
    if id and not seen[id] then
      seen[id] = true
      ids[#ids + 1] = id
    end
  end
  return ids
end

local function resources_of(facts)
  local ids = {}
  local function add(list) table.move(list, 1, #list, #ids + 1, ids) end
  for _, group in ipairs(facts.groups) do
    ids[#ids + 1] = group.resource_id
    add(group.subgroup_resources or {})
    add(group.learner_resources or {})
  end
  add(ids_of(facts.teachers, "resource_id"))
  add(ids_of(facts.rooms, "id"))
  return ids
end

-- All that a term is made of but the courses.
local function gather(group_ids, staff_ids, range, except_lessons)
  local facts = { groups = store_term.groups(db.array(group_ids)), teachers = store_term.teachers(db.array(staff_ids)),
    days = store_term.days(range.from, range.to, range.with_saturdays or false), shared = store_term.shared(db.array(group_ids)) }
  for _, teacher in ipairs(facts.teachers) do
    if type(teacher.windows) == "string" then teacher.windows = json.decode(teacher.windows) end
  end
  local sites = db.array(ids_of(facts.groups, "site_id"))
  facts.rooms, facts.bells = store_term.rooms(sites, range.rooms_of), store_term.bells(sites)
  facts.offsets = store_term.offsets(db.array(ids_of(facts.groups, "zone")), range.from)
  facts.busy = store_term.busy(db.array(resources_of(facts)), range.from, range.to, db.array(except_lessons or {}))
  return facts
end

-- ---- what is wanted: hours that are left

local function chosen_teacher(params, row)
  local chosen = params.teachers and params.teachers[("%s.%s.%s"):format(row.group_id, row.module_id, row.kind)]
  if chosen == 0 then return nil end
  return chosen or row.staff_id
end

--- Courses of the hours that groups have left.
---@param rows table[] store_term.courses
---@return table[] courses
function solve.courses(rows, params, plan_rules)
  local courses = {}
  for _, row in ipairs(rows) do
    if row.left_hours > 0 then
      local lectures = (row.left_hours + 1) // 2
      courses[#courses + 1] = {
        group_id = row.group_id, module_id = row.module_id, position = row.position, title = row.title, kind = row.kind, is_final = row.is_final,
        lectures = lectures, hours = row.left_hours, staff_id = chosen_teacher(params, row),
        min_days = math.ceil(lectures / plan_rules.pairs_of_module_a_day),
      }
    end
  end
  return courses
end

-- The last pair of an odd number of hours is half a pair; of what is cut off the end is missing.
local function fill_rows(m)
  return function(rows, course, placed)
    table.sort(placed, function(a, b) return a.day.day < b.day.day or (a.day.day == b.day.day and a.bell.from_minute < b.bell.from_minute) end)
    local hours = course.hours
    for _, at in ipairs(placed) do
      local here = math.min(2, hours)
      hours = hours - here
      local minutes = here == 2 and at.bell.to_minute - at.bell.from_minute or rules.minutes_per_academic_hour
      rows[#rows + 1] = { group_id = course.group_id, module_id = course.module_id, kind = course.kind, mode = "offline", staff_id = course.staff_id,
        room_id = at.room.id, site_id = at.room.site_id, held_on = at.day.day, starts = at.bell.starts, zone = m.group_of[course.group_id].zone,
        minutes = minutes, academic_hours = here }
    end
  end
end

local function fill(params)
  local rows = store_term.courses(db.array(params.groups))
  local courses = solve.courses(rows, params, rules.plan)
  local facts = gather(params.groups, ids_of(courses, "staff_id"), params)
  local site_of = {}
  for _, group in ipairs(facts.groups) do site_of[group.id] = group.site_id end
  for _, course in ipairs(courses) do course.site_id = site_of[course.group_id] end
  local m = term.build(facts, courses, rules.plan)
  return m, fill_rows(m)
end

-- ---- what is wanted: lessons of a teacher who is away, elsewhere

local function is_simple(lesson) return #(lesson.staff_ids or {}) <= 1 and #(lesson.room_ids or {}) == 1 and lesson.site_id end

-- Lessons alike in all but their place are lectures of one course.
local function course_key(l)
  return table.concat({ l.group_id, l.subgroup_id or 0, l.module_id or 0, l.kind, l.staff_ids and l.staff_ids[1] or 0, l.minutes }, ":")
end

local function repair_courses(lessons)
  local courses, by_key, fixed = {}, {}, {}
  for _, lesson in ipairs(lessons) do
    if is_simple(lesson) then
      local key = course_key(lesson)
      local course = by_key[key]
      if not course then
        course = { group_id = lesson.group_id, subgroup_id = lesson.subgroup_id, module_id = lesson.module_id, title = lesson.title or "занятие",
          kind = lesson.kind, position = 0, lectures = 0, staff_id = lesson.staff_ids and lesson.staff_ids[1], lessons = {}, min_days = 0 }
        by_key[key], courses[#courses + 1] = course, course
      end
      course.lessons[#course.lessons + 1] = lesson
      course.lectures = #course.lessons
    else
      fixed[#fixed + 1] = lesson
    end
  end
  return courses, fixed
end

local function was_of(m)
  local was, locked, index = {}, {}, {}
  for i, room in ipairs(m.rooms) do index[room.id] = i end
  for _, course in ipairs(m.courses) do
    for _, lesson in ipairs(course.lessons) do
      was[#was + 1] = term.period_of(m, course.site_id, lesson.held_on, lesson.starts) or 0
      was[#was + 1] = index[lesson.room_ids[1]] or 0
      locked[#locked + 1] = lesson.is_locked and "1" or "0"
    end
  end
  return was, table.concat(locked)
end

local function moved_rows(m)
  return function(rows, course, placed)
    for _, at in ipairs(placed) do
      local lesson = course.lessons[at.k]
      if lesson.held_on ~= at.day.day or lesson.starts ~= at.bell.starts or lesson.room_ids[1] ~= at.room.id then
        rows[#rows + 1] = { lesson_id = lesson.id, lesson_version = lesson.version, group_id = lesson.group_id, subgroup_id = lesson.subgroup_id,
          module_id = lesson.module_id, kind = lesson.kind, mode = lesson.mode, staff_id = course.staff_id, room_id = at.room.id, site_id = at.room.site_id,
          held_on = at.day.day, starts = at.bell.starts, zone = m.group_of[course.group_id].zone, minutes = lesson.minutes,
          academic_hours = lesson.academic_hours, was_held_on = lesson.held_on, was_starts = lesson.starts, was_room_id = lesson.room_ids[1] }
      end
    end
  end
end

-- Off the bells or at another site: they stay where they are, and stand in the way of the others.
local function lessons_that_can_move(facts, courses, site_of)
  local probe = term.build({ groups = facts.groups, teachers = {}, rooms = {}, bells = facts.bells, days = facts.days, busy = {}, shared = {},
    offsets = facts.offsets, is_repair = true }, {}, rules.plan)
  local ids = {}
  for _, course in ipairs(courses) do
    local kept = {}
    for _, lesson in ipairs(course.lessons) do
      local is_home = lesson.site_id == site_of[lesson.group_id]
      if is_home and term.period_of(probe, lesson.site_id, lesson.held_on, lesson.starts) then kept[#kept + 1], ids[#ids + 1] = lesson, lesson.id end
    end
    course.lessons, course.lectures = kept, #kept
  end
  return ids
end

local function repair(params)
  local lessons = store_term.lessons(params.staff_id, params.from, params.to, params.until_day)
  if #lessons == 0 then return nil, "У преподавателя в эти дни нет занятий, которые можно перенести." end
  local courses = repair_courses(lessons)
  local groups, staff = ids_of(lessons, "group_id"), ids_of(courses, "staff_id")
  staff[#staff + 1] = params.staff_id
  local range = { from = params.from, to = params.until_day, with_saturdays = false, rooms_of = params.rooms_of }
  for _, lesson in ipairs(lessons) do range.with_saturdays = range.with_saturdays or russian.weekday(lesson.held_on) == 6 end
  local facts, site_of = gather(groups, staff, range), {}
  for _, group in ipairs(facts.groups) do site_of[group.id] = group.site_id end
  facts = gather(groups, staff, range, lessons_that_can_move(facts, courses, site_of))
  facts.is_repair, facts.moved = true, params.moved
  local person_of, wanted = {}, {}
  for _, teacher in ipairs(facts.teachers) do person_of[teacher.id] = teacher.resource_id end
  for _, course in ipairs(courses) do
    course.site_id = site_of[course.group_id]
    if course.staff_id and person_of[course.staff_id] == person_of[params.staff_id] then
      course.away = function(day) return day >= params.from and day <= params.to end
    end
    if course.lectures > 0 then wanted[#wanted + 1] = course end
  end
  if #wanted == 0 then return nil, "Занятия стоят не по звонкам или сразу в нескольких помещениях: перенесите их на доске." end
  local m = term.build(facts, wanted, rules.plan)
  m.term.was, m.term.locked = was_of(m)
  return m, moved_rows(m)
end

-- ---- the search

local function tell(plan_id, progress)
  store.save_progress(plan_id, json.encode(progress))
  live.notify("plan." .. plan_id, progress)
end

-- Watches the search until it is over; a wish to stop ends it with the best so far.
local function watch(plan_id, run, seconds)
  local stops, waited, told = -1, 0, 0 -- the first turn looks: the wish may be older than the first count
  while true do
    local state = run:wait(WATCH_MS)
    if state.is_done then return state end
    local now = bus.count("plan.stop")
    if job.is_stopping() or (now ~= stops and store.is_stop_asked(plan_id)) then run:stop() end
    stops, waited = now, waited + WATCH_MS
    if waited - told >= TELL_MS then
      told = waited
      local share = math.min(100, waited * 100 // math.max(1, math.floor(seconds * 1000)))
      job.progress(share, 100)
      tell(plan_id, { share = share, moves = state.moves, hard = state.hard, soft = state.soft })
    end
  end
end

local function keep(plan, m, run, shape)
  local draft, cost = run:draft()
  local was = m.term.was
  if not was then order.keep(m, draft) end
  local faults = term.faults(m, draft, was and function(l) return draft[l * 2 - 1] == was[l * 2 - 1] and draft[l * 2] == was[l * 2] end)
  local rows, total = explain.costs(cost)
  local items = explain.items(m, draft, faults, shape)
  local unplaced = explain.unplaced(m, faults)
  local blockers = #unplaced > 0 and #m.courses <= BLOCKERS_MAX and explain.blockers(m, solver.blockers(m.term)) or nil
  store.save_items(plan.id, json.encode(json.array(items)))
  return #items > 0 and "ready" or "impossible", { cost = total, costs = json.array(rows), groups = json.array(explain.groups(m, draft, faults)),
    unplaced = json.array(unplaced), blockers = blockers, lessons = #items }
end

local function searched(plan)
  local params = plan.params
  local build = plan.kind == "fill" and fill or repair
  local m, shape = build(params)
  if not m then return "impossible", { text = shape } end
  if #m.courses == 0 then
    local is_done = #m.left_out == 0
    return "impossible", { text = is_done and "Ставить нечего: все часы уже в расписании." or "Ни одно занятие не помещается в эти дни.",
      unplaced = json.array(explain.unplaced(m, {})) }
  end
  local run, err = solver.solve(m.term, { seconds = params.seconds, seed = params.seed or 1, is_repair = plan.kind == "repair" })
  if not run then return nil, err end
  watch(plan.id, run, params.seconds)
  return keep(plan, m, run, shape)
end

--- Handler of the job `plans.solve`; a second run begins anew.
function solve.run(payload)
  local plan = store.find(payload.plan_id)
  if not plan or not store.advance(plan.id, db.array({ "queued", "solving" }), "solving") then return {} end
  if type(plan.params) == "string" then plan.params = json.decode(plan.params) end
  local ok, state, result = xpcall(searched, debug.traceback, plan)
  if not ok then -- the page must not wait for ever
    log.error("a plan failed", { plan = plan.id, reason = state })
    state, result = "failed", { text = "Составить не получилось: ошибка записана в журнал. Попробуйте другие дни или меньше групп." }
  elseif not state then
    return nil, result
  end
  if not store.save_result(plan.id, state, json.encode(result)) then return {} end
  live.notify("plan." .. plan.id, { state = state })
  return { state = state }
end

--- Courses with the teachers that would be taken, for the form.
function solve.preview(group_ids)
  local rows = store_term.courses(db.array(group_ids))
  local courses = solve.courses(rows, {}, rules.plan)
  local groups = {}
  for _, group in ipairs(store_term.groups(db.array(group_ids))) do groups[group.id] = group end
  return courses, groups
end

return solve
