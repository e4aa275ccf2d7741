--- The plan of a grown region: it grows by districts of equal build, so that the key of every row follows from the
--- number of its district and its place there. Pure; all facts of a place are functions of the two.
---
---   district: 3 colleges and an employer · 51 rooms and teachers · 100 programmes · 550 intakes · 400 groups
---             10 000 citizens · 20 000 applications · 5 000 lessons · 100 000 marks and more
local layout = {}

layout.COLLEGES, layout.ORGANIZATIONS, layout.PER_COLLEGE = 3, 4, 17
layout.ROOMS = layout.COLLEGES * layout.PER_COLLEGE -- and as many teachers
layout.WORKSHOPS = 3                                -- rooms with counted equipment, the first of each college
layout.PROGRAMS, layout.MODULES = 100, 6
layout.CITIZENS, layout.APPLICATIONS = 10000, 20000
layout.GROUPS, layout.INTAKES = 400, 550
layout.OPEN_INTAKES = layout.INTAKES - layout.GROUPS
layout.LESSONS_PER_GROUP = 100

-- Groups by state: first place, how many, learners in each.
local STUDYING, FORMED, CLOSED = { 0, 50, 24 }, { 50, 20, 20 }, { 70, 320, 25 }
layout.STUDYING_GROUPS = STUDYING[2]
layout.LESSONS = layout.STUDYING_GROUPS * layout.LESSONS_PER_GROUP
layout.ENROLLED_GROUPS = 390 -- those with learners, hence with an order
layout.ENROLLMENTS = STUDYING[2] * STUDYING[3] + FORMED[2] * FORMED[3] + CLOSED[2] * CLOSED[3]

--- How many keys of each table a district takes.
layout.KEYS = {
  organization = layout.ORGANIZATIONS, site = layout.COLLEGES, person = layout.ROOMS + layout.CITIZENS,
  resource = layout.ROOMS * 2 + layout.WORKSHOPS + layout.GROUPS, staff_resource = layout.ROOMS, program = layout.PROGRAMS,
  program_version = layout.PROGRAMS, program_module = layout.PROGRAMS * layout.MODULES, intake = layout.INTAKES,
  study_group = layout.GROUPS, application = layout.APPLICATIONS, order_doc = layout.ENROLLED_GROUPS,
  enrollment = layout.ENROLLMENTS, lesson = layout.LESSONS,
}

--- A number that looks like chance but is the same for the same pair.
function layout.hash(a, b)
  local mixed = (a * 0x9E3779B97F4A7C15) ~ (b * 0xC2B2AE3D27D4EB4F)
  mixed = (mixed ~ (mixed >> 29)) * 0xBF58476D1CE4E5B9
  return (mixed ~ (mixed >> 32)) >> 20 & 0x7FFFFFFF
end

--- State of the group at place g and how many learn there.
function layout.group_state(g)
  if g < FORMED[1] then return "studying", STUDYING[3] end
  if g < CLOSED[1] then return "formed", FORMED[3] end
  if g < CLOSED[1] + CLOSED[2] then return "closed", CLOSED[3] end
  return "recruiting", 0
end

function layout.college(index) return index % layout.COLLEGES end

--- Place of the room and of the teacher's post that belong to the studying group g: one of its own.
function layout.home(g) return layout.college(g) * layout.PER_COLLEGE + g // layout.COLLEGES end

--- Place of the first learner of group g among the enrolments, which are those of the applications too.
function layout.first_learner(g)
  if g < FORMED[1] then return g * STUDYING[3] end
  if g < CLOSED[1] then return FORMED[1] * STUDYING[3] + (g - FORMED[1]) * FORMED[3] end
  return FORMED[1] * STUDYING[3] + FORMED[2] * FORMED[3] + (g - CLOSED[1]) * CLOSED[3]
end

--- Group of the enrolment at place e.
function layout.group_of(e)
  if e < layout.first_learner(FORMED[1]) then return e // STUDYING[3] end
  if e < layout.first_learner(CLOSED[1]) then return FORMED[1] + (e - layout.first_learner(FORMED[1])) // FORMED[3] end
  return CLOSED[1] + (e - layout.first_learner(CLOSED[1])) // CLOSED[3]
end

-- Free applications of the citizens: how many have come how far, and whether they went to an intake of the past.
local FREE = {
  { "submitted", 1000 }, { "in_review", 900 }, { "docs_required", 500 }, { "docs_review", 300 }, { "approved", 1600 },
  { "waitlisted", 500 }, { "draft", 500 }, { "rejected", 2400, true }, { "withdrawn", 1400, true }, { "expired", 900, true },
}
local FREE_STEP = 7919 -- prime to the number of citizens: states are spread over the people
local FULL_EVERY = 10  -- every tenth open intake is full, and has those who wait
local FULL_INTAKES = layout.OPEN_INTAKES // FULL_EVERY

local function free_state(u)
  local rest = u * FREE_STEP % layout.CITIZENS
  for _, kind in ipairs(FREE) do
    rest = rest - kind[2]
    if rest < 0 then return kind[1], kind[3] end
  end
end

-- Waiting ones, and every eighth of the approved, are of the full intakes; the others of those between.
local function open_intake(u, state)
  if state == "waitlisted" then return layout.GROUPS + u % FULL_INTAKES * FULL_EVERY end
  if state == "approved" and u % 8 == 0 then return layout.GROUPS + u // 8 % FULL_INTAKES * FULL_EVERY end
  local place = u * 37 % (layout.OPEN_INTAKES - FULL_INTAKES)
  return layout.GROUPS + place + place // (FULL_EVERY - 1) + 1
end

-- A citizen's place, an intake's place and the state of the free application at place u. What comes after the first
-- of each citizen was taken back long ago.
local function free_application(u)
  if u >= layout.CITIZENS then return layout.ENROLLMENTS + u - layout.CITIZENS, CLOSED[1] + u * 13 % CLOSED[2], "withdrawn" end
  local state, is_past = free_state(u)
  return u, is_past and CLOSED[1] + u * 13 % CLOSED[2] or open_intake(u, state), state
end

local BOUND = { studying = "studying", formed = "enrolled", closed = "completed" }

--- Facts of the application at place a: citizen, intake, state, and its group when it has one.
---@return integer person, integer intake, string state, integer? group
function layout.application(a)
  if a >= layout.ENROLLMENTS then return free_application(a - layout.ENROLLMENTS) end
  local g = layout.group_of(a)
  return a, g, BOUND[layout.group_state(g)], g
end

--- Place of the programme and of the college of an intake.
function layout.intake(i)
  if i < layout.STUDYING_GROUPS then return i * 5 % layout.PROGRAMS, layout.college(i) end -- long ones: see grow_programs
  if i < layout.GROUPS then return i % layout.PROGRAMS, layout.college(i) end
  return (i - layout.GROUPS) * 2 % layout.PROGRAMS, layout.college(i)
end

--- When the training of an intake begins, counted in days from the anchor.
function layout.intake_start(i, district)
  if i < FORMED[1] then return -98 - layout.hash(i, district) % 7 end
  if i < CLOSED[1] then return 7 + (i - FORMED[1]) % 3 * 7 end
  if i < CLOSED[1] + CLOSED[2] then return -160 - (i - CLOSED[1]) * 2 end
  return 14 + layout.hash(i, district) % 60
end

return layout
