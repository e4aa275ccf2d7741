--- Writers of a grown region, part four: lessons and the journal. Free of clashes by construction: each studying group
--- has a room of its own, and its teacher is the post that lies `term` places further in its college, so that at any
--- moment groups and teachers of a college are matched one to one.
local district = require("domain.demo.district")
local layout = require("domain.demo.layout")
local organizations = require("domain.demo.organizations")
local dates = require("domain.demo.dates")

local template = district.template

local LESSON = template({ "id", "group_id", "module_id", "site_id", "kind", "held_on", "starts", "zone", { "minutes", "90" },
  { "academic_hours", "2" }, "topic", "state", "signed_at" })
local TEACHER = template({ "lesson_id", "staff_id" })
local ROOM = template({ "lesson_id", "room_id" })
local EQUIPMENT = template({ "lesson_id", "equipment_id", { "qty", "12" } })
local ATTENDANCE = template({ "lesson_id", "enrollment_id", "mark" })
local GRADE = template({ "enrollment_id", "lesson_id", "value" })

local PER_DAY = 2
local LAST_DAY = 11 -- Friday of the next week, counted from the anchor
local TERM_WEEKS = 3
local TERMS = layout.MODULES - 1
local TOPICS = { "Правила и допуски", "Свойства материалов", "Порядок операций", "Работа по заданию", "Работа с наставником" }

-- The days of lessons, latest last: working days from Monday to Thursday, as many as the lessons of a group need.
local function lesson_days(d)
  if d.lesson_days then return d.lesson_days end
  local found, offset = {}, LAST_DAY
  while #found < layout.LESSONS_PER_GROUP // PER_DAY do
    if dates.weekday(d.anchor + offset) < 5 and d.calendar.is_working(d.anchor + offset) then table.insert(found, 1, offset) end
    offset = offset - 1
  end
  d.lesson_days = found
  return found
end

-- Group, day and pair of the lesson at place l, and which of the three-week terms it falls into.
local function facts(d, l)
  local g, index = l // layout.LESSONS_PER_GROUP, l % layout.LESSONS_PER_GROUP
  local offset = lesson_days(d)[index // PER_DAY + 1]
  local term = (offset + 700) // 7 // TERM_WEEKS % TERMS
  return g, offset, index % PER_DAY + 1 + g // layout.COLLEGES % 2 * PER_DAY, term
end

local STARTS = {}
for pair, starts in ipairs(organizations.BELLS.early) do STARTS[pair] = starts end

local function write_lesson(d, out, l)
  local g, offset, pair, term = facts(d, l)
  local is_past = offset < d:now()
  local p, college = layout.intake(g)
  out[#out + 1] = LESSON.format:format(d.keys.lesson + l, d.keys.study_group + g, d.keys.program_module + p * layout.MODULES + term,
    d.keys.site + college, pair % 2 == 1 and "lecture" or "practice", d:day(offset), STARTS[pair], d.zone, TOPICS[term + 1],
    is_past and "signed" or "published", is_past and d:moment(offset, 1090) or "\\N")
end

local function write_teacher(d, out, l)
  local g, _, _, term = facts(d, l)
  local place = (g // layout.COLLEGES + term * 5) % layout.PER_COLLEGE
  out[#out + 1] = TEACHER.format:format(d.keys.lesson + l, d.keys.staff_resource + layout.college(g) * layout.PER_COLLEGE + place)
end

local function write_room(d, out, l)
  out[#out + 1] = ROOM.format:format(d.keys.lesson + l, d.keys.resource + layout.home(l // layout.LESSONS_PER_GROUP))
end

local function write_equipment(d, out, l)
  local g, _, pair = facts(d, l)
  if g < layout.WORKSHOPS and pair % 2 == 0 then
    out[#out + 1] = EQUIPMENT.format:format(d.keys.lesson + l, d.keys.resource + layout.ROOMS * 2 + layout.college(g))
  end
end

local MARKS = {}
for index = 0, 99 do
  MARKS[index] = index < 86 and "present" or index < 90 and "absent" or index < 93 and "excused" or index < 97 and "sick" or "late"
end
local VALUES = { [0] = "5", "4", "5", "4", "3", "4", "5", "5", "4", "3" }
local GRADED_ONE_IN = 5

local function write_marks(d, out, l)
  local g, offset = facts(d, l)
  if offset >= d:now() then return end
  local _, learners = layout.group_state(g)
  local lesson, first = d.keys.lesson + l, d.keys.enrollment + layout.first_learner(g)
  for index = 0, learners - 1 do
    out[#out + 1] = ATTENDANCE.format:format(lesson, first + index, MARKS[layout.hash(l, index) % 100])
  end
end

local function write_grades(d, out, l)
  local g, offset = facts(d, l)
  if offset >= d:now() then return end
  local _, learners = layout.group_state(g)
  local lesson, first = d.keys.lesson + l, d.keys.enrollment + layout.first_learner(g)
  for index = l % GRADED_ONE_IN, learners - 1, GRADED_ONE_IN do
    if MARKS[layout.hash(l, index) % 100] == "present" then
      out[#out + 1] = GRADE.format:format(first + index, lesson, VALUES[layout.hash(index, l) % 10])
    end
  end
end

return {
  { "lesson", LESSON, layout.LESSONS, write_lesson },
  { "lesson_teacher", TEACHER, layout.LESSONS, write_teacher },
  { "lesson_room", ROOM, layout.LESSONS, write_room },
  { "lesson_equipment", EQUIPMENT, layout.WORKSHOPS * layout.LESSONS_PER_GROUP, write_equipment },
  { "attendance", ATTENDANCE, layout.LESSONS, write_marks },
  { "grade", GRADE, layout.LESSONS, write_grades },
}
