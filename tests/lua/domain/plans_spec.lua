-- The model of a plan, and a draft in words.
require("support.fakes")
local explain = require("domain.plans.explain")
local order = require("domain.plans.order")
local solve = require("domain.plans.solve")
local term = require("domain.plans.term")

local RULES = { lonely = 2, window = 3, teacher_window = 1, day = 2, room = 1, moved = 10, pairs_a_day = { adults = 2, minors = 1 },
  pairs_of_module_a_day = 2, order_slack_days = 0 }

-- Monday 2024-10-07 and Tuesday; three bells, the last of the second shift; one group of ten.
local function facts(changes)
  local known = {
    days = { { day = "2024-10-07", weekday = 1 }, { day = "2024-10-08", weekday = 2 } },
    groups = { { id = 7, code = "СВ-1", site_id = 1, shift = 1, starts_on = "2024-10-01", ends_on = "2024-12-31", resource_id = 20, zone = "Europe/Moscow",
      works_saturday = true, learners = 10, competences = { "C1" } } },
    bells = { { site_id = 1, shift = 1, starts = "09:00", from_minute = 540, to_minute = 630 },
      { site_id = 1, shift = 1, starts = "10:40", from_minute = 640, to_minute = 730 },
      { site_id = 1, shift = 2, starts = "18:00", from_minute = 1080, to_minute = 1170 } },
    rooms = { { id = 10, name = "101", site_id = 1, kind = "classroom", seats = 20 },
      { id = 11, name = "Сварка", site_id = 1, kind = "workshop", competence = "C1", seats = 12 },
      { id = 12, name = "Малая", site_id = 1, kind = "classroom", seats = 5 } },
    teachers = { { id = 5, resource_id = 30, name = "Петров П. П.", max_hours_per_day = 8 } },
    offsets = { { zone = "Europe/Moscow", minutes = 180 } }, busy = {}, shared = {},
  }
  for key, value in pairs(changes or {}) do known[key] = value end
  return known
end

local function course(changes)
  local made = { group_id = 7, site_id = 1, module_id = 1, title = "Сварка", kind = "lecture", position = 1, lectures = 1, hours = 2, staff_id = 5, min_days = 1 }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

describe("a term", function()
  it("is open at the group's own bells, in rooms with seats for all", function()
    local m = term.build(facts(), { course() }, RULES)
    assert.equal("001001", m.term.courses[1].closed)
    assert.equal("011", m.term.courses[1].unfit)
  end)

  it("takes practice to the workshop of the competence", function()
    local m = term.build(facts(), { course({ kind = "practice" }) }, RULES)
    assert.equal("101", m.term.courses[1].unfit)
  end)

  it("closes what a booking of teacher, group or room touches", function()
    local monday = 20003 * 1440 - 180
    local m = term.build(facts({ busy = { { resource_id = 30, from_minute = monday + 600, to_minute = monday + 620 },
      { resource_id = 10, from_minute = monday + 700, to_minute = monday + 2000 } } }), { course() }, RULES)
    assert.equal("101001", m.term.courses[1].closed)
    assert.equal("011100", m.term.rooms[1].taken)
  end)

  it("closes days on which the teacher cannot be asked", function()
    local known = facts()
    known.teachers[1].windows = { { 2, 600, 1000 } }
    assert.equal("111101", term.build(known, { course() }, RULES).term.courses[1].closed)
  end)

  it("puts theory before practice and the attestation last, unless hours would not fit", function()
    local list = { course({ lectures = 2 }), course({ kind = "final", position = 2, is_final = true, lectures = 1 }) }
    local m = term.build(facts(), list, RULES)
    assert.equal("001111", m.term.courses[1].closed)
    assert.equal("111001", m.term.courses[2].closed)
    m = term.build(facts(), { course({ lectures = 4 }), course({ kind = "final", position = 2, is_final = true }) }, RULES)
    assert.equal("001001", m.term.courses[1].closed)
  end)

  it("cuts off lectures for which there is no period, and leaves out a course that has none", function()
    local known = facts()
    known.teachers[1].windows = { { 3, 600, 1000 } }
    local m = term.build(known, { course({ lectures = 3 }), course({ staff_id = false, lectures = 6 }) }, RULES)
    assert.equal(1, #m.courses)
    assert.equal(2, m.courses[1].cut)
    assert.equal(3, m.left_out[1].cut)
  end)

  it("finds faults of a draft: no place, two at a time, too many a day", function()
    local m = term.build(facts({ is_repair = true }), { course({ lectures = 2 }), course({ kind = "lab", lectures = 2 }) }, RULES)
    local faults = term.faults(m, { 1, 1, 2, 1, 1, 2, 0, 0 })
    assert.is_nil(faults[1])
    assert.is_nil(faults[2])
    assert.matches("другое занятие", faults[3])
    assert.equal("нет свободного времени", faults[4])
  end)
end)

describe("the order of a draft", function()
  it("puts lectures before practice on the pairs that the group has anyway, each in a room of its kind", function()
    local m = term.build(facts(), { course({ lectures = 1 }), course({ kind = "practice", lectures = 1 }) }, { pairs_a_day = { adults = 2, minors = 1 },
      lonely = 0, window = 0, teacher_window = 0, day = 0, room = 0, order_slack_days = 9 })
    local draft = { 2, 1, 1, 2 }
    order.keep(m, draft)
    assert.same({ 1, 1, 2, 2 }, draft)
  end)

  it("leaves pairs of different teachers alone", function()
    local m = term.build(facts(), { course({ lectures = 1 }), course({ kind = "practice", lectures = 1, staff_id = false }) }, RULES)
    local draft = { 2, 1, 1, 2 }
    order.keep(m, draft)
    assert.same({ 2, 1, 1, 2 }, draft)
  end)
end)

describe("a draft", function()
  it("is lessons with days and bells; the last odd hour is half a pair", function()
    local courses = solve.courses({ { group_id = 7, module_id = 1, position = 1, title = "Сварка", kind = "lecture", left_hours = 3, staff_id = 5 },
      { group_id = 7, module_id = 2, position = 2, title = "Готово", kind = "lecture", left_hours = 0 } }, {}, RULES)
    assert.equal(1, #courses)
    assert.equal(2, courses[1].lectures)
    courses = solve.courses({ { group_id = 7, module_id = 1, position = 1, title = "Сварка", kind = "lecture", left_hours = 2, staff_id = 5 } },
      { teachers = { ["7.1.lecture"] = 0 } }, RULES)
    assert.is_nil(courses[1].staff_id)
  end)

  it("tells windows, single pairs and what found no place", function()
    local m = term.build(facts(), { course({ lectures = 2 }) }, RULES)
    local rows = explain.groups(m, { 1, 1, 4, 1 }, {})
    assert.same({ group = "СВ-1", days = 2, pairs = 2, windows = 0, lonely = 2, longest = 1 }, rows[1])
    local unplaced = explain.unplaced(m, { [2] = "нет свободного времени" })
    assert.equal("СВ-1, Сварка (лекции)", unplaced[1].title)
    assert.equal("1 пара", unplaced[1].pairs)
    local rows_of_cost, total = explain.costs({ shape = 4, days = 0, rooms = 1 })
    assert.equal(5, total)
    assert.equal("Окна и одиночные пары", rows_of_cost[1].title)
    assert.matches("преподавателя Петров", explain.blockers(m, { line = 2, courses = { 1 }, needed = 2, open = 1 }).text)
  end)
end)
