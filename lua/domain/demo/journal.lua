--- Marks and grades of the lessons that have been held. Pure.
local dates = require("domain.demo.dates")
local journal = {}

local MARKS = { { "present", 86 }, { "absent", 4 }, { "excused", 3 }, { "sick", 4 }, { "late", 3 } }
local GRADES = { { "5", 40 }, { "4", 40 }, { "3", 17 }, { "2", 3 } }
local GRADED = { practice = 30, lab = 30, seminar = 25, control = 100, lecture = 6 }

local function attends(lesson, enrollment)
  if lesson.subgroup and enrollment.subgroup_id ~= lesson.subgroup.id then return false end
  return enrollment.enrolled_on <= lesson.held_on and not (enrollment.left_on and enrollment.left_on <= lesson.held_on)
end

local function add_mark(world, lesson, enrollment, at)
  local mark = world.random:weighted(MARKS)
  local is_online = lesson.mode == "online"
  if mark == "present" and is_online then mark = "online" end
  world:add("attendance", { lesson_id = lesson.id, enrollment_id = enrollment.id, mark = mark,
    source = is_online and "bbb" or "manual", updated_at = at, updated_by = lesson.card.user_id })
  if (mark == "present" or mark == "late" or mark == "online") and world.random:chance(GRADED[lesson.kind] or 0) then
    world:add("grade", { enrollment_id = enrollment.id, lesson_id = lesson.id, kind = "current", scale = "five",
      value = world.random:weighted(GRADES), created_at = at, created_by = lesson.card.user_id, updated_at = at })
  end
end

local function add_page(world, lesson)
  local at = lesson.signed_at or dates.moment(lesson.day, dates.minute(lesson.starts) + lesson.minutes)
  for _, list in ipairs({ lesson.group.learners, lesson.group.leavers }) do
    for _, enrollment in ipairs(list) do
      if attends(lesson, enrollment) then add_mark(world, lesson, enrollment, at) end
    end
  end
end

-- A module is over once its control has been held; then each learner has a mark for it.
local function add_module_marks(world, lesson)
  local module, is_final = lesson.module, lesson.kind == "final"
  for _, enrollment in ipairs(lesson.group.learners) do
    world:add("grade", {
      enrollment_id = enrollment.id, module_id = module.id, kind = is_final and "final" or "interim",
      scale = is_final and enrollment.final_mark ~= "pass" and "five" or "pass_fail",
      value = is_final and enrollment.final_mark or "pass", created_at = lesson.signed_at, updated_at = lesson.signed_at,
      created_by = lesson.card.user_id,
    })
  end
end

--- Fills the pages of held, signed and locked lessons.
function journal.build(world)
  local finals = {}
  for _, lesson in ipairs(world.rows.lesson) do
    local is_closed = lesson.state == "signed" or lesson.state == "locked"
    if is_closed or lesson.state == "held" then add_page(world, lesson) end
    if is_closed and lesson.kind == "control" then add_module_marks(world, lesson) end
    if is_closed and lesson.kind == "final" and not finals[lesson.group_id] then
      finals[lesson.group_id] = true
      add_module_marks(world, lesson)
    end
  end
end

return journal
