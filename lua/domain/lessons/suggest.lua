--- Ranked ways out for a lesson that cannot stand where it is wanted (or must leave where it stands): another room, another time,
--- another teacher, a change of places. Each says what it costs in words and whom it touches.
local access = require("kit.access")
local check = require("domain.lessons.check")
local lookup = require("kit.lookup")
local rules = lookup.module("rules.timetable")
local russian = require("kit.russian")
local store = require("domain.lessons.store_suggest")
local substitutes = lookup.module("rules.substitutes")
local suggest = {}

local ROOMS = 3
local TEACHERS = 30

local function hours_between(a, b)
  local function minutes(time) return tonumber(time:sub(1, 2)) * 60 + tonumber(time:sub(4, 5)) end
  return math.abs(minutes(a) - minutes(b)) / 60
end

local function days_between(a, b) return math.abs(russian.day_number(a) - russian.day_number(b)) end

-- Cost of a time against where the lesson was wanted, and its words.
local function time_cost(wanted, slot, words)
  local costs = rules.suggestion_cost
  local days, hours = days_between(wanted.held_on, slot.held_on), hours_between(wanted.starts, slot.starts)
  local cost = days * costs.day + hours * costs.hour
  local later = slot.held_on > wanted.held_on and " позже" or " раньше"
  words[1] = days == 0 and "тот же день" or "на " .. russian.plural(days, "%s день", "%s дня", "%s дней") .. later
  if slot.starts >= costs.evening_from and wanted.starts < costs.evening_from then
    cost = cost + costs.evening
    words[#words + 1] = "вечер"
  end
  if russian.weekday(slot.held_on) == 6 then
    cost = cost + costs.saturday
    words[#words + 1] = "суббота"
  end
  return cost
end

local function is_same_room(p, ids)
  if #ids ~= #p.room_ids then return false end
  local known = {}
  for _, id in ipairs(p.room_ids) do known[tostring(id)] = true end
  for _, id in ipairs(ids) do
    if not known[tostring(id)] then return false end
  end
  return true
end

local function touches(p, more)
  local list = { russian.plural(p.context.seats_taken, "%s слушатель", "%s слушателя", "%s слушателей") }
  if #p.teacher_ids > 0 then list[2] = russian.plural(#p.teacher_ids, "%s преподаватель", "%s преподавателя", "%s преподавателей") end
  list[#list + 1] = more
  return table.concat(list, ", ")
end

local function times(p, wanted, into)
  for _, slot in ipairs(check.free_slots(p)) do
    local words = {}
    local cost = time_cost(wanted, slot, words)
    if #p.room_ids > 0 then
      local is_same = is_same_room(p, slot.room_ids)
      words[#words + 1] = is_same and "то же помещение" or "другое помещение"
      if not is_same then cost = cost + rules.suggestion_cost.room end
    end
    if #p.teacher_ids > 0 then words[#words + 1] = "тот же преподаватель" end
    into[#into + 1] = { kind = "time", cost = cost, why = words, touches = touches(p), held_on = slot.held_on, starts = slot.starts, minutes = slot.minutes,
      room_ids = slot.room_ids, rooms = type(slot.rooms) == "string" and slot.rooms or nil }
  end
end

local function other_rooms(p, into)
  if #p.room_ids ~= 1 then return end
  for _, room in ipairs(store.rooms(p, p.room_ids[1], p.context.seats_taken, ROOMS)) do
    into[#into + 1] = { kind = "room", cost = rules.suggestion_cost.room, touches = touches(p), held_on = p.held_on, starts = p.starts, minutes = p.minutes,
      room_ids = { tostring(room.id) }, rooms = room.name,
      why = { "то же время", "другое помещение", russian.plural(room.seats, "%s место", "%s места", "%s мест") } }
  end
end

--- Teachers who could give the lesson, best first.
---@return table[] candidates {id, name, organization, day, hours_day, hours_week, max_week, score, reasons, warnings}
function suggest.teachers(p, user)
  local organization_id = access.scope(user, "lesson.plan") == "organization" and user.grant.organization_id or nil
  local list = store.teachers(p, organization_id, 200)
  for _, c in ipairs(list) do
    c.hours_day, c.hours_week = c.hours_day + p.academic_hours, c.hours_week + p.academic_hours
    local said = substitutes.judge(c)
    c.score, c.reasons, c.warnings = said.score, said.reasons, said.warnings
  end
  table.sort(list, function(a, b)
    if a.score ~= b.score then return a.score > b.score end
    return a.id < b.id
  end)
  return table.move(list, 1, math.min(#list, TEACHERS), 1, {})
end

local function other_teacher(p, user, into)
  local best = suggest.teachers(p, user)[1]
  if not best or #best.reasons == 0 then return end
  into[#into + 1] = { kind = "teacher", cost = rules.suggestion_cost.teacher, held_on = p.held_on, starts = p.starts, minutes = p.minutes, room_ids = p.room_ids,
    teacher_ids = { tostring(best.id) }, teacher = best.name, touches = touches(p, "новый преподаватель"),
    why = { "то же время", "ведёт " .. best.name, table.concat(best.reasons, ", ") } }
end

local function swap(p, conflicts, user, into)
  for _, conflict in ipairs(conflicts) do
    local other_id = not conflict.overridable and math.tointeger(tonumber(conflict.lesson_id))
    local other = other_id and store.swap(p, other_id)
    if other and access.can(user, "lesson.plan", other) then
      into[#into + 1] = { kind = "swap", cost = rules.suggestion_cost.swap, held_on = p.held_on, starts = p.starts, minutes = p.minutes, room_ids = p.room_ids,
        other = other, touches = touches(p, "группа " .. other.group_code), why = { ("поменять местами с «%s», группа %s"):format(other.title, other.group_code) } }
    end
    if other_id then return end -- one probe is enough: the first in the way
  end
end

local function names(conflicts, rule)
  for _, conflict in ipairs(conflicts) do
    if conflict.rule == rule then return true end
  end
  return false
end

--- Ways out, cheapest first.
---@param p table proposal of the wished place
---@param conflicts table[] what stands against it
---@param wanted {held_on: string, starts: string} what the cost is counted from
---@return table[] suggestions {kind, cost, why, touches, held_on, starts, minutes, room_ids, rooms, teacher_ids, other}
function suggest.all(p, conflicts, wanted, user)
  local list = {}
  local is_group_free, is_teacher_free = not names(conflicts, "H3"), not names(conflicts, "H1")
  if #conflicts > 0 and is_group_free and is_teacher_free then other_rooms(p, list) end
  if not is_teacher_free and is_group_free and not names(conflicts, "H2") then other_teacher(p, user, list) end
  if #conflicts > 0 then swap(p, conflicts, user, list) end
  times(p, wanted, list)
  table.sort(list, function(a, b)
    if a.cost ~= b.cost then return a.cost < b.cost end
    return a.held_on .. a.starts < b.held_on .. b.starts
  end)
  return table.move(list, 1, math.min(#list, rules.suggestions), 1, {})
end

return suggest
