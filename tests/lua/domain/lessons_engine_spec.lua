-- What the timetable asks of the engine, and when it asks PostgreSQL instead.
require("support.fakes")
local context = require("kit.context")
local db = require("core.db")
local engine = require("domain.lessons.engine")
local json = require("core.json")
local schedule = require("core.schedule")

local function proposal()
  return {
    group_id = 7, zone = "Europe/Moscow", held_on = "2024-10-04", starts = "09:00", minutes = 90, academic_hours = 2, site_id = 1,
    teacher_ids = { 5 }, room_ids = { 10 }, equipment = { { id = 12, qty = 3 } }, room_rows = { { id = 10, name = "101" } },
  }
end

local function answers(value) schedule.answer = function() return json.encode(value) end end
local function asked() return json.decode(schedule.asked[#schedule.asked]) end

describe("the engine", function()
  before_each(function() context.enter({}) end)
  after_each(function()
    schedule.answer = nil
    context.leave()
  end)

  it("is asked in days and minutes", function()
    answers({ cells = { { { 1, "t", 5, 77, 0, 100, 190, 0 } } } })
    local hits = engine.check(proposal(), { proposal() })
    assert.same({ { { rule = 1, role = "t", key = 5, lesson_id = 77, from = 100, to = 190, lacks = 0 } } }, hits)
    local question = asked()
    assert.same({ 20000, 540 }, question.at)
    assert.same({ 12, 3 }, question.things)
    assert.equal("check", question.op)
  end)

  it("gives way to PostgreSQL while it is away or does not know", function()
    assert.is_nil(engine.check(proposal(), { proposal() }))
    answers({ error = "unknown group" })
    assert.is_nil(engine.check(proposal(), { proposal() }))
  end)

  it("is not asked inside a transaction: it does not see what that has written", function()
    answers({ cells = { {} } })
    local before = #schedule.asked
    context.get().tx = {}
    assert.is_nil(engine.check(proposal(), { proposal() }))
    context.get().tx = nil
    assert.equal(before, #schedule.asked)
  end)

  it("tells how many units are in use from how many are missing", function()
    db.answer("FROM equipment e", { { id = 12, name = "Пост", capacity = 12 } })
    local clashes, shortages = engine.describe(proposal(), { { rule = 4, role = "e", key = 12, lesson_id = 1, lacks = 2 } })
    assert.same({}, clashes)
    assert.equal(11, shortages[1].used)
    assert.equal(3, shortages[1].qty)
  end)
end)
