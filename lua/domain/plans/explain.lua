--- A draft in words: what it costs and where, what found no place and why. Pure.
local russian = require("kit.russian")
local term = require("domain.plans.term")
local explain = {}

local KIND_WORDS = { lecture = "лекции", seminar = "семинары", practice = "практика", lab = "лабораторные", control = "аттестация", final = "итоговая аттестация" }
local COSTS = {
  { "shape", "Окна и одиночные пары" }, { "days", "Модули сбиты в мало дней" }, { "rooms", "Модуль в разных помещениях" },
  { "seats", "Не хватает мест" }, { "moved", "Перенесённые занятия" },
}
local MOST_ROWS = 100

function explain.course(course, group_code) return ("%s, %s (%s)"):format(group_code, course.title, KIND_WORDS[course.kind] or course.kind) end

local function pairs_word(n) return russian.plural(n, "%s пара", "%s пары", "%s пар") end

--- Rows of the price: {title, cost}.
function explain.costs(cost)
  local rows, total = {}, 0
  for _, known in ipairs(COSTS) do
    local value = cost[known[1]] or 0
    if value > 0 then rows[#rows + 1] = { title = known[2], cost = value } end
    total = total + value
  end
  return rows, total
end

-- Days of a group: its pairs as a set of slots.
local function days_of(m, draft, faults)
  local days, lecture = {}, 0
  for _, course in ipairs(m.courses) do
    for _ = 1, course.lectures do
      lecture = lecture + 1
      local period = draft[lecture * 2 - 1]
      if not faults[lecture] then
        local of_group = days[course.group_id] or {}
        local day, slot = (period - 1) // m.slots, (period - 1) % m.slots + 1
        days[course.group_id], of_group[day] = of_group, of_group[day] or {}
        of_group[day][slot] = true
      end
    end
  end
  return days
end

local function shape_of(slots, most)
  local first, last, count, lonely = nil, nil, 0, 0
  for slot = 1, most do
    if slots[slot] then
      first, last, count = first or slot, slot, count + 1
      if not slots[slot - 1] and not slots[slot + 1] then lonely = lonely + 1 end
    end
  end
  return count, last - first + 1 - count, lonely
end

--- How the days of each group look: {group, days, pairs, windows, lonely, longest}.
function explain.groups(m, draft, faults)
  local rows = {}
  for group_id, days in pairs(days_of(m, draft, faults)) do
    local row = { group = m.group_of[group_id].code, days = 0, pairs = 0, windows = 0, lonely = 0, longest = 0 }
    for _, slots in pairs(days) do
      local count, windows, lonely = shape_of(slots, m.slots)
      row.days, row.pairs, row.windows, row.lonely = row.days + 1, row.pairs + count, row.windows + windows, row.lonely + lonely
      row.longest = math.max(row.longest, count)
    end
    rows[#rows + 1] = row
  end
  table.sort(rows, function(a, b) return a.group < b.group end)
  return table.move(rows, 1, math.min(#rows, MOST_ROWS), 1, {})
end

--- What found no place: {title, why}. Lectures of one course that fail alike are one row.
function explain.unplaced(m, faults)
  local rows, row_of, lecture = {}, {}, 0
  local function note(course, why, count)
    local title = explain.course(course, m.group_of[course.group_id].code)
    local row = row_of[title .. why]
    if not row then
      row = { title = title, why = why, count = 0 }
      row_of[title .. why] = row
      rows[#rows + 1] = row
    end
    row.count = row.count + count
  end
  for _, course in ipairs(m.courses) do
    for _ = 1, course.lectures do
      lecture = lecture + 1
      if faults[lecture] then note(course, faults[lecture], 1) end
    end
    if (course.cut or 0) > 0 then note(course, "свободного времени меньше, чем нужно", course.cut) end
  end
  for _, course in ipairs(m.left_out) do note(course, "нет ни одной пары, когда свободны группа, преподаватель и подходящее помещение", course.cut) end
  for _, row in ipairs(rows) do row.pairs = pairs_word(row.count) end
  return table.move(rows, 1, math.min(#rows, MOST_ROWS), 1, {})
end

--- «Почему нельзя»: the smallest set that stands in the way, as core.solver found it.
function explain.blockers(m, found)
  if not found then return nil end
  local names = {}
  for i, c in ipairs(found.courses) do names[i] = explain.course(m.courses[c], m.group_of[m.courses[c].group_id].code) end
  local line = found.line and m.lines[found.line]
  local who = line and (line.teacher and "преподавателя " .. line.name or "группы " .. line.name) or "этих занятий"
  if #names == 0 then
    return { text = ("Всего нужно %s, а помещений и времени хватает на %d."):format(pairs_word(found.needed), found.open), courses = names }
  end
  return { text = ("У %s нужно %s, а времени, когда всё свободно, — %d."):format(who, pairs_word(found.needed), found.open), courses = names }
end

--- Lessons of a draft for the database: new ones, or those that move.
---@return table[] rows of store.save_items
function explain.items(m, draft, faults, shape)
  local rows, lecture = {}, 0
  for _, course in ipairs(m.courses) do
    local placed = {}
    for k = 1, course.lectures do
      lecture = lecture + 1
      if not faults[lecture] then
        local day, bell = term.place_of(m, course.site_id, draft[lecture * 2 - 1])
        placed[#placed + 1] = { day = day, bell = bell, room = m.rooms[draft[lecture * 2]], k = k, lecture = lecture }
      end
    end
    shape(rows, course, placed)
  end
  return rows
end

return explain
