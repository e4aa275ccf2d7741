--- The rest of the learners: those whose applications are on their way, and those who have not applied yet. Pure.
local applicants = require("domain.demo.applicants")
local applications = require("domain.demo.applications")
local citizens = {}

-- How many have come how far, and how long ago they filed (days, from … to).
local FREE = {
  { 26, { "submit" }, 1, 6 },
  { 16, { "submit", "take" }, 3, 8 },
  { 9, { "submit", "take", "ask_docs" }, 4, 7 },
  { 7, { "submit", "take", "ask_docs", "send_docs" }, 5, 10 },
  { 8, { "submit", "take", "reject" }, 12, 30 },
  { 4, { "submit", "withdraw" }, 8, 30 },
  { 3, { "submit", "take", "approve", "withdraw" }, 12, 30 },
  { 3, { "submit", "take", "ask_docs", "expire" }, 24, 40 },
  { 8, {}, 1, 12 },
}
local SECOND = { { "submit" }, { "submit", "take" }, {}, { "submit", "take", "approve" } }
local SECOND_COUNT = 24

-- Intakes that take applications today, but those that stories count on.
local function open_intakes(world, reserved)
  local found = {}
  for _, intake in ipairs(world.rows.intake) do
    if intake.state == "open" and intake.opens <= world.today and intake.closes >= world.today and not reserved[intake.id] then
      found[#found + 1] = intake
    end
  end
  return found
end

local function add_free(world, intakes)
  local turn = 0
  for _, plan in ipairs(FREE) do
    for _ = 1, plan[1] do
      turn = turn + 1
      local intake = intakes[(turn * 7) % #intakes + 1]
      local submitted = world.today - world.random:between(plan[3], plan[4])
      local person = applicants.add(world, intake.program, nil, world.today - submitted + 3)
      applications.add(world, person, intake, plan[2], { submitted = submitted })
    end
  end
end

local function suits_anybody(program)
  return not program.max_age and (program.min_age or 18) <= 18 and #program.entry_education == 0
end

-- Some who learn already want to go on.
local function add_second(world, intakes)
  local offers, learners = {}, {}
  for _, intake in ipairs(intakes) do
    if suits_anybody(intake.program) then offers[#offers + 1] = intake end
  end
  for _, code in ipairs({ "МС-1", "СТ-1", "КГ-1", "ПК-1" }) do
    for _, enrollment in ipairs(world.groups[code].learners) do learners[#learners + 1] = enrollment.person end
  end
  for index = 1, SECOND_COUNT do
    applications.add(world, learners[index * 2], offers[index % #offers + 1], SECOND[index % #SECOND + 1],
      { submitted = world.today - world.random:between(5, 11) })
  end
end

--- Fills up to `total` learners; the last of them have not applied for anything.
function citizens.build(world, total)
  local reserved = { [world.intakes.robot.id] = true, [world.intakes.sv2.id] = true, [world.intakes.pek1.id] = true, [world.intakes.lin1.id] = true,
    [world.intakes.sv_evening.id] = true }
  local intakes = open_intakes(world, reserved)
  applicants.add_consent(world, world.fixtures.learner, nil, 12)
  add_free(world, intakes)
  add_second(world, intakes)
  local learners = 0
  for _, grant in ipairs(world.rows.role_grant) do
    if grant.role == "learner" then learners = learners + 1 end
  end
  for _ = learners + 1, total do applicants.add(world, world.programs.P001, nil, world.random:between(1, 60)) end
end

return citizens
