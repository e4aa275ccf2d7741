--- Explains what stands against a lesson at a place and time: who is busy, what is short, which rule is broken.
local db = require("core.db")
local engine = require("domain.lessons.engine")
local json = require("core.json")
local lookup = require("kit.lookup")
local rules = lookup.module("rules.timetable")
local russian = require("kit.russian")
local store = require("domain.lessons.store")
local board_store = require("domain.lessons.store_board")
local check = {}

local BUSY = { male = "занят", female = "занята" }
local KIND_WORDS = {
  group = "Группа %s занята", subgroup = "Подгруппа %s занята", room = "%s: помещение занято",
  learner = "Слушатель %s занят в другой группе",
}

-- «Петров П. П. занят: Колледж А, группа СВ-1, 09:00–10:30»
local function clash_text(clash)
  local who
  if clash.kind == "person" then
    who = clash.name .. " " .. (BUSY[clash.gender] or "занят(а)")
  else
    who = KIND_WORDS[clash.kind]:format(clash.name)
  end
  local where = clash.group_code and (clash.organization .. ", группа " .. clash.group_code) or (clash.note ~= "" and clash.note or "бронь")
  return ("%s: %s, %s–%s"):format(who, where, clash.busy_from, clash.busy_to)
end

-- The engine knows in a microsecond that nothing clashes; words, and the answer while it is not ready, are PostgreSQL's.
local function clashes_of(proposal)
  local cells = engine.check(proposal, { proposal })
  if not cells then return store.clashes(proposal), proposal.has_equipment and store.shortages(proposal) or {} end
  return engine.describe(proposal, cells[1])
end

local function hard_conflicts(proposal)
  local found = {}
  local clashes, shortages = clashes_of(proposal)
  for i, clash in ipairs(clashes) do
    found[i] = {
      rule = clash.rule, resource = clash.name, lesson_id = clash.lesson_id and tostring(clash.lesson_id) or json.null,
      from = clash.from, to = clash.to, short = json.null, overridable = false, text = clash_text(clash),
    }
  end
  for _, s in ipairs(shortages) do
    local short = s.used + s.qty - s.capacity
    found[#found + 1] = {
      rule = "H4", resource = s.name, lesson_id = json.null, from = json.null, to = json.null, short = short,
      overridable = false, text = ("%s: нужно %d, свободно %d из %d"):format(s.name, s.qty, math.max(s.capacity - s.used, 0), s.capacity),
    }
  end
  return found
end

local function soft(rule, resource, text)
  return { rule = rule, resource = resource, lesson_id = json.null, from = json.null, to = json.null, short = json.null,
    overridable = true, text = text }
end

--- Bells of the proposal's site, asked once: they come with its room.
function check.bells(p)
  if p.bells then return p.bells end
  local room = p.room_rows[1]
  if room and room.site_id == p.site_id then
    p.bells = room.bells and json.decode(room.bells) or {}
  else
    p.bells = p.site_id and store.bells(p.site_id) or {}
  end
  return p.bells
end

-- The site whose days and bells bound the search, with its bells.
local function search_site(p)
  local room, site_id = p.room_rows[1], p.site_id or p.context.site_id
  if room and room.site_id == site_id then return { id = site_id, closes = room.closes }, check.bells(p) end
  return store.site(site_id), p.site_id and check.bells(p) or store.bells(site_id)
end

local soft_rules = {}

local function hour_before(time) return ("%02d%s"):format(tonumber(time:sub(1, 2)) - 1, time:sub(3)) end

-- Hours and days of the site of one room; on a short day it closes an hour earlier.
local function site_hours(p, context, room, add)
  if context.weekday == 6 and context.calendar_kind == nil and not room.works_saturday then
    add(soft("H5", room.name, "Площадка помещения «" .. room.name .. "» не работает по субботам"))
  end
  local opens, closes = room.opens:sub(1, 5), room.closes:sub(1, 5)
  if context.calendar_kind == "short_day" then closes = hour_before(closes) end
  if p.starts < opens or p.ends > closes then
    add(soft("H5", room.name, ("Площадка помещения «%s» %s с %s до %s"):format(room.name,
      context.calendar_kind == "short_day" and "в короткий день работает" or "работает", opens, closes)))
  end
end

function soft_rules.H5(p, context, add)
  if not context.is_working_day and not (context.weekday == 6 and context.calendar_kind == nil) then
    add(soft("H5", context.code, ("%s — нерабочий день%s"):format(russian.date(p.held_on, "day"), context.holiday and (": " .. context.holiday) or "")))
  end
  for _, room in ipairs(p.room_rows) do site_hours(p, context, room, add) end
  if p.held_on < context.starts_on or p.held_on > context.ends_on then
    add(soft("H5", context.code, ("Группа %s учится с %s по %s"):format(context.code, russian.date(context.starts_on, "day"), russian.date(context.ends_on, "day"))))
  end
end

function soft_rules.H6(p, context, add)
  local seats = 0
  for _, room in ipairs(p.room_rows) do seats = seats + room.seats end
  if #p.room_rows > 0 and not p.subgroup_id and seats < context.seats_taken then
    add(soft("H6", p.room_rows[1].name, ("В помещении %s, в группе %s"):format(
      russian.plural(seats, "%s место", "%s места", "%s мест"), russian.plural(context.seats_taken, "%s слушатель", "%s слушателя", "%s слушателей"))))
  end
end

function soft_rules.H9(p, context, add)
  local left = (context.module_hours or 0) - (context.module_planned or 0)
  if context.module and p.academic_hours > left then
    add(soft("H9", context.module, ("Модуль «%s»: осталось %d ак. ч из %d, занятие — %d ак. ч"):format(
      context.module, math.max(left, 0), context.module_hours, p.academic_hours)))
  end
end

function soft_rules.H11(_, context, add)
  if context.lock_reason then
    add(soft("H11", context.code, "Занятие закреплено" .. (context.lock_reason ~= "" and ": " .. context.lock_reason or "")))
  end
end

function soft_rules.H13(p, context, add)
  local limit = context.minors > 0 and rules.hours_a_day.minors or rules.hours_a_day.adults
  local total = context.hours_that_day + p.academic_hours
  if total > limit then
    add(soft("H13", context.code, ("У группы %s в этот день выйдет %d ак. ч при норме %d%s"):format(
      context.code, total, limit, context.minors > 0 and " (есть несовершеннолетние)" or "")))
  end
end

function soft_rules.H14(p, context, add)
  if not p.site_id or p.mode == "online" then return end
  local bells = check.bells(p)
  if #bells == 0 then return end
  for _, bell in ipairs(bells) do
    if bell.starts == p.starts then return end
  end
  local nearest = {}
  for i, bell in ipairs(bells) do nearest[i] = bell.starts end
  add(soft("H14", context.code, "Начало не по звонкам площадки: " .. table.concat(nearest, ", ")))
end

--- Conflicts of a proposal (see service.prepare), hard ones first.
---@return table[] conflicts {rule, resource, lesson_id, from, to, short, overridable, text}
function check.conflicts(proposal)
  local found = hard_conflicts(proposal)
  for rule, judge in pairs(soft_rules) do
    if rules.rules[rule].on then judge(proposal, proposal.context, function(c) found[#found + 1] = c end) end
  end
  table.sort(found, function(a, b)
    if a.overridable ~= b.overridable then return not a.overridable end
    if a.rule ~= b.rule then return #a.rule < #b.rule or (#a.rule == #b.rule and a.rule < b.rule) end
    return a.text < b.text
  end)
  return found
end

local BUSY_PER_RESOURCE = 200

--- When the proposal's exclusive resources are taken between two days, with words: what a board shows while a lesson is dragged.
--- Counted equipment and softer rules are for check.conflicts, asked about the place where the pointer rests.
---@return table[] intervals {rule, from, to, text, room_id}
function check.busy(proposal, from, to)
  local intervals = json.array({})
  for i, row in ipairs(board_store.busy(proposal, from, russian.add_days(to, 1), BUSY_PER_RESOURCE)) do
    intervals[i] = { rule = row.rule, from = row.from, to = row.to, text = clash_text(row), room_id = row.kind == "room" and tostring(row.resource_id) or json.null,
      lesson_id = row.lesson_id and tostring(row.lesson_id) or json.null }
  end
  return intervals
end

--- Verdicts of a dragged lesson over a week in one question: what the database would forbid at each place, in codes. One round trip to
--- the engine whatever the number of places; nil while it is not ready (a board then checks only the place under the pointer).
---@param places {held_on: string, starts: string}[]
---@return table[][]? hits a list a place, empty where it is free: {rule = 1 to 4, role, key, lesson_id, booking_id}; and of persons
--- {rule = 5 | 12 | 13, lacks}: asked too early or late, no time for the way, too many hours
function check.grid(proposal, places) return engine.check(proposal, places) end

--- Which of these teachers could give the lesson at its place: as check.grid, a list a card.
---@param staff_ids integer[]
---@return table[][]?
function check.substitutes(proposal, staff_ids) return engine.each(proposal, "staff", staff_ids) end

--- Nearest places where all of the proposal's resources are free.
---@return table[] slots {held_on, starts, minutes, room_ids, rooms}
function check.free_slots(proposal)
  local site, bells = search_site(proposal)
  local seats, slots = proposal.context.seats_taken, json.array({})
  local found = engine.free_slots(proposal, site, bells, seats, rules.suggestion_days, rules.suggestions)
    or store.free_slots(proposal, site.id, seats, rules.suggestion_days, rules.suggestions)
  for i, row in ipairs(found) do
    local ids = json.array({})
    for k, id in ipairs(row.room_ids or {}) do ids[k] = tostring(id) end
    slots[i] = { held_on = row.held_on, starts = row.starts, minutes = row.minutes, room_ids = ids, rooms = row.rooms or json.null }
  end
  return slots
end

--- Arrays of the proposal as PostgreSQL literals, made once.
function check.arrays(proposal, teacher_ids, room_ids, equipment)
  local ids, quantities = {}, {}
  for i, item in ipairs(equipment) do ids[i], quantities[i] = item.id, item.qty end
  proposal.teachers, proposal.rooms = db.array(teacher_ids), db.array(room_ids)
  proposal.equipment_ids, proposal.equipment_qty = db.array(ids), db.array(quantities)
  proposal.has_equipment = #ids > 0
  proposal.teacher_ids, proposal.room_ids, proposal.equipment = teacher_ids, room_ids, equipment -- as the engine takes them
end

return check
