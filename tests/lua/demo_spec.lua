--- The demo region: what it promises to the stories, and that it grows without a clash.
--- The last block looks at a loaded database. The runner names it in COPP_TEST_DATABASE_URL (a region loaded by
--- `copp demo [--scale N]`); without it the block is pending, loudly.
local dates = require("domain.demo.dates")
local layout = require("domain.demo.layout")
local people = require("domain.demo.people")
local refs = require("domain.refs")
local csv = require("domain.refs.csv")
local region = require("domain.demo.region")
local columns = require("domain.demo.columns")
local decisions = require("domain.demo.decisions")
local json = require("core.json")
local packs = require("kit.packs")
local workflow = require("kit.workflow")
local check = require("domain.demo.store_check")

local TABLES = region.tables()
local CALENDAR = refs.calendar()
local SAMPLE = { sha256 = ("0"):rep(64), size = 1 }
local NAMES = setmetatable({}, { __index = function(_, kind) return kind end })

-- The region of a first start at that local moment.
local function region_of(text)
  local today = dates.parse(text)
  local bases = {}
  for _, name in ipairs(columns.KEYED) do bases[name] = 1 end
  return region.make({ today = today, minute = dates.minute(text:sub(12)), anchor = dates.monday(today) }, bases, TABLES, {
    samples = { passport = SAMPLE, diploma = SAMPLE, other = SAMPLE }, document_names = NAMES, calendar = CALENDAR,
    zone = "Asia/Yekaterinburg" })
end

local MOMENTS = { "2026-11-23 05:10", "2026-11-24 11:00", "2026-11-28 10:00", "2026-11-29 23:59", "2026-12-31 08:30", "2027-01-03 12:00",
  "2027-05-01 00:05", "2028-02-29 09:00" }

local made = region_of("2026-11-24 11:00")

local function count(list, fits)
  local found = 0
  for _, row in ipairs(list) do
    if fits(row) then found = found + 1 end
  end
  return found
end

local function lessons_of(world, person)
  local found = {}
  for _, lesson in ipairs(world.rows.lesson) do
    if lesson.card.person_id == person.id then found[#found + 1] = lesson end
  end
  return found
end

describe("the demo region", function()
  it("has the size that was promised", function()
    assert.equal(12, #made.rows.organization)
    assert.equal(60, #made.rows.room)
    assert.equal(20, #made.rows.study_group)
    assert.equal(40, count(made.rows.program, function(p) return p.state == "published" end))
    assert.equal(300, count(made.rows.role_grant, function(g) return g.role == "learner" end))
    assert.equal(60, count(made.rows.role_grant, function(g) return g.role == "teacher" end))
  end)

  it("is the same every time", function()
    local again = region_of("2026-11-24 11:00")
    for name, rows in pairs(made.rows) do
      for index, row in ipairs(rows) do assert.equal(columns.line(name, row), columns.line(name, again.rows[name][index])) end
    end
  end)

  it("offers one programme to who wants to weld in the evening for nothing", function()
    local found = {}
    for _, intake in ipairs(made.rows.intake) do
      local program = intake.program
      if intake.state == "open" and intake.price == "0" and intake.shift == "evening" and program.state == "published"
        and intake.opens <= made.today and intake.closes >= made.today and program.competences[1] == "C031" then
        found[#found + 1] = program.code
      end
    end
    assert.same({ "P001" }, found)
  end)

  it("keeps the law of programmes: hours, final forms, least hours", function()
    for _, program in pairs(made.programs) do
      local hours = 0
      for _, module in ipairs(program.modules) do
        for _, kind in ipairs({ "lecture", "practice", "lab", "seminar", "self", "control" }) do hours = hours + module["hours_" .. kind] end
      end
      assert.equal(program.hours_total, hours, program.code)
      if program.kind:find("^po_") then
        assert.equal("qual_exam", program.final_attestation)
        assert.is_string(program.worker_profession)
      end
      assert.is_true(program.kind ~= "dpo_pk" or hours >= 16)
      assert.is_true(program.kind ~= "dpo_pp" or hours >= 250)
      assert.is_true(not program.kind:find("^dpo_") or #program.entry_education > 0)
    end
  end)

  it("has fourteen approved applications for the twelve seats of СВ-2", function()
    local group = made.groups["СВ-2"]
    assert.equal(12, group.capacity_max)
    assert.equal(14, count(made.rows.application, function(a) return a.intake_id == group.intake_id and a.state == "approved" end))
  end)

  it("leaves the learner of the demo without an application and the СНИЛС of the story free", function()
    local learner = made.fixtures.learner
    assert.equal(0, count(made.rows.application, function(a) return a.person_id == learner.id end))
    assert.is_nil(learner.middle_name)
    assert.equal(0, count(made.rows.person, function(p) return p.snils == "11223344595" end))
  end)

  it("tells each story from state to state and never from the future", function()
    local states, limit = {}, dates.moment(made.today, made.minute)
    for _, event in ipairs(made.rows.workflow_event) do
      local key = event.machine .. event.object_id
      assert.is_true(states[key] == nil or states[key] == event.from_state, key .. " " .. event.action)
      states[key] = event.to_state
      assert.is_true(event.at <= limit, event.at)
    end
    for _, application in ipairs(made.rows.application) do
      assert.equal(application.state, states["application" .. application.id] or "draft")
    end
  end)

  it("numbers the next order of enrolment 15-з", function()
    local last = 0
    for _, order in ipairs(made.rows.order_doc) do last = math.max(last, tonumber((order.number or ""):match("^(%d+)%-з$")) or 0) end
    assert.equal(14, last)
  end)
end)

describe("the decisions of the demo", function()
  local machine = workflow.of_set(packs.shipped("workflow/application"))
  local BOOK = refs.table("refs")

  it("are those of the rules, whenever the demo is loaded", function()
    for _, moment in ipairs(MOMENTS) do
      for _, refusal in ipairs(decisions.record(region_of(moment), machine, BOOK)) do
        error(("%s: %s %s %s"):format(moment, refusal.event.action, refusal.event.at, refusal.err.text))
      end
    end
  end)

  local world = region_of(MOMENTS[2])
  decisions.record(world, machine, BOOK)

  it("are recorded as a transition records them, with what the guards looked at and no more", function()
    local asked = 0
    for _, event in ipairs(world.rows.workflow_event) do
      if event.machine == "application" then
        local record, guards = json.decode(event.decision), machine.index[event.from_state][event.action].guards or {}
        assert.equal(machine.version, record.version)
        assert.equal(#guards, #record.guards)
        assert.equal(#guards > 0, event.inputs ~= nil)
        local inputs = json.decode(event.inputs or "{}")
        for field in pairs(inputs.facts or {}) do assert.is_string(machine.reads.facts[field], field) end
        if event.inputs then
          asked = asked + 1
          assert.same({ event.action, event.from_state, event.to_state, event.at }, { inputs.action, inputs.from, inputs.to, inputs.now })
        end
      end
    end
    assert.is_true(asked > 700, tostring(asked))
  end)

  it("know the places of the day: who waits found none, who was enrolled had an order", function()
    local seen = {}
    for _, event in ipairs(world.rows.workflow_event) do
      local facts = event.inputs and json.decode(event.inputs).facts
      seen[event.action] = true
      if event.action == "wait" then assert.equal(0, facts.free_places) end
      if event.action == "enroll" and facts then assert.is_true(facts.has_enroll_order and not facts.has_passed) end
      if event.action == "finish" then assert.is_true(facts.has_passed) end
      if event.action == "expire" then assert.is_true(facts.docs_due_on < facts.today and facts.documents_missing > 0) end
    end
    assert.is_true(seen.wait and seen.enroll and seen.finish and seen.expire)
  end)
end)

describe("the timetable of the demo", function()
  it("gives Петров a lesson today that has begun and is not marked, on any day at any hour", function()
    for _, moment in ipairs(MOMENTS) do
      local world = region_of(moment)
      local found = count(lessons_of(world, world.fixtures.teacher), function(lesson)
        return lesson.day == world.today and lesson.state == "published" and dates.minute(lesson.starts) <= world.minute
          and lesson.group.code == "СВ-1" and #lesson.group.learners == 12
      end)
      assert.is_true(found >= 1, moment)
    end
  end)

  it("has Петров in Колледж А on Tuesday at nine", function()
    local tuesday = count(lessons_of(made, made.fixtures.teacher), function(lesson)
      return dates.weekday(lesson.day) == 2 and lesson.starts == "09:00" and lesson.day >= made.today
    end)
    assert.is_true(tuesday >= 2)
    assert.equal(2, count(made.rows.staff_resource, function(card) return card.person_id == made.fixtures.teacher.id end))
  end)

  it("books nobody and nothing twice", function()
    for _, moment in ipairs({ MOMENTS[1], MOMENTS[5] }) do
      local world, seen, rooms = region_of(moment), {}, {}
      for _, row in ipairs(world.rows.lesson_room) do rooms[row.lesson_id] = row.room_id end
      for _, lesson in ipairs(world.rows.lesson) do
        local from = dates.minute(lesson.starts)
        for _, who in ipairs({ "person" .. lesson.card.person_id, rooms[lesson.id] and "room" .. rooms[lesson.id] or false,
          lesson.subgroup and "subgroup" .. lesson.subgroup.id or "group" .. lesson.group_id }) do
          if who then
            local key = who .. lesson.held_on
            for _, other in ipairs(seen[key] or {}) do assert.is_true(other + 90 <= from or from + 90 <= other, key) end
            seen[key] = seen[key] or {}
            table.insert(seen[key], from)
          end
        end
      end
    end
  end)

  it("marks every learner of a signed page and nobody of a page to come", function()
    local marks = {}
    for _, mark in ipairs(made.rows.attendance) do marks[mark.lesson_id] = (marks[mark.lesson_id] or 0) + 1 end
    for _, lesson in ipairs(made.rows.lesson) do
      local is_filled = lesson.state == "signed" or lesson.state == "locked" or lesson.state == "held"
      assert.equal(is_filled, marks[lesson.id] ~= nil, lesson.group.code .. lesson.held_on)
    end
  end)
end)

describe("made-up people", function()
  it("have СНИЛС that differ and whose checksum is right", function()
    local seen = {}
    for index = 0, 20000 do
      local snils, sum = people.snils(index), 0
      for position = 1, 9 do sum = sum + tonumber(snils:sub(position, position)) * (10 - position) end
      assert.equal(sum % 101 % 100, tonumber(snils:sub(10)))
      assert.is_nil(seen[snils])
      seen[snils] = true
    end
  end)
end)

describe("the plan of a grown region", function()
  it("lets a citizen have one active application for an intake", function()
    local seen, states = {}, {}
    local final = { draft = true, completed = true, rejected = true, withdrawn = true, expired = true }
    for a = 0, layout.APPLICATIONS - 1 do
      local person, intake, state = layout.application(a)
      states[state] = (states[state] or 0) + 1
      if not final[state] then
        assert.is_nil(seen[person << 20 | intake])
        seen[person << 20 | intake] = true
      end
      assert.is_true(person >= 0 and person < layout.CITIZENS and intake >= 0 and intake < layout.INTAKES)
    end
    assert.equal(1200, states.studying)
    assert.equal(500, states.waitlisted)
  end)

  it("gives each studying group a room of its own", function()
    local seen = {}
    for g = 0, layout.STUDYING_GROUPS - 1 do
      assert.is_nil(seen[layout.home(g)])
      seen[layout.home(g)] = true
    end
  end)

  it("leads from an enrolment to its group and back", function()
    for g = 0, layout.ENROLLED_GROUPS - 1 do
      local _, learners = layout.group_state(g)
      assert.equal(g, layout.group_of(layout.first_learner(g)))
      assert.equal(g, layout.group_of(layout.first_learner(g) + learners - 1))
    end
  end)
end)

describe("reference tables", function()
  it("are read with quotes, commas and line ends inside", function()
    assert.same({ { a = "1", b = 'x, "y"\nz' }, { a = "", b = "2" } }, csv.parse('a,b\n1,"x, ""y""\nz"\n,2\n'))
  end)

  it("know the holidays of the law beyond the last decree", function()
    local days, year = refs.calendar()
    local found = count(days, function(row) return row.day == (year + 1) .. "-05-09" and row.kind == "day_off" end)
    assert.equal(1, found)
  end)
end)

-- One number from psql; the URL comes from the runner.
local function ask(url, sql, parameter)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write((sql:gsub("%$1", tostring(parameter or ""))), ";\n")
  file:close()
  local pipe = assert(io.popen(("psql -XAtq -v ON_ERROR_STOP=1 '%s' -f %s 2>&1"):format(url, path)))
  local answer = pipe:read("a")
  pipe:close()
  os.remove(path)
  return answer:gsub("%s+$", "")
end

describe("a loaded database #database", function()
  local url = os.getenv("COPP_TEST_DATABASE_URL")
  for _, entry in ipairs(check.list(1)) do
    it("holds: " .. entry[1], function()
      if not url then return pending("COPP_TEST_DATABASE_URL names no loaded region") end
      assert.equal("0", ask(url, entry[2], entry[3]))
    end)
  end
end)
