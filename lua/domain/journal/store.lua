--- SQL of the journal.
local query = require("kit.query")
local store = {}

-- Learners of a lesson: those who were in the group on its day. $1 lesson.
local PAGE = [[
  SELECT e.id, full_name(p) AS name, short_name(p) AS short_name, e.state, a.mark, a.minutes, coalesce(a.version, 0) AS version,
    g.value AS grade, g.version AS grade_version
  FROM lesson l
  JOIN enrollment e ON e.group_id = l.group_id AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)
  JOIN person p ON p.id = e.person_id
  LEFT JOIN attendance a ON a.lesson_id = l.id AND a.enrollment_id = e.id
  LEFT JOIN grade g ON g.lesson_id = l.id AND g.enrollment_id = e.id
  WHERE l.id = $1 AND e.enrolled_on <= l.held_on AND (e.left_on IS NULL OR e.left_on > l.held_on)
  ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru, e.id
]]

-- Lessons of a group in a month: the columns of the grid.
local COLUMNS = [[
  SELECT l.id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, l.kind, l.state, l.topic, l.academic_hours, l.subgroup_id,
    l.version, m.title AS module, (l.state = 'held' OR (l.state = 'published' AND lower(l.during) <= now())) AS is_writable,
    EXISTS (SELECT FROM lesson_teacher t JOIN staff_resource c ON c.id = t.staff_id WHERE t.lesson_id = l.id AND c.person_id = $4) AS is_mine
  FROM lesson l LEFT JOIN program_module m ON m.id = l.module_id
  WHERE l.group_id = $1 AND l.held_on BETWEEN $2::date AND $3::date AND l.state NOT IN ('planned', 'cancelled')
  ORDER BY l.held_on, l.starts, l.id
]]

local ROWS = [[
  SELECT e.id, full_name(p) AS name, e.state, e.enrolled_on, e.left_on, e.subgroup_id
  FROM enrollment e JOIN person p ON p.id = e.person_id
  WHERE e.group_id = $1 AND e.enrolled_on <= $3::date AND (e.left_on IS NULL OR e.left_on > $2::date)
  ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru, e.id
]]

local CELLS = [[
  SELECT l.id AS lesson_id, e.id AS enrollment_id, a.mark, coalesce(a.version, 0) AS version, g.value AS grade
  FROM lesson l
  JOIN enrollment e ON e.group_id = l.group_id
  LEFT JOIN attendance a ON a.lesson_id = l.id AND a.enrollment_id = e.id
  LEFT JOIN grade g ON g.lesson_id = l.id AND g.enrollment_id = e.id
  WHERE l.group_id = $1 AND l.held_on BETWEEN $2::date AND $3::date AND (a.mark IS NOT NULL OR g.value IS NOT NULL)
]]

-- Presence in academic hours for lessons that END in the month: present, late and online count whole unless minutes say less.
local HOURS = [[
  SELECT e.id, full_name(p) AS name, coalesce(sum(l.academic_hours), 0) AS held_hours,
    coalesce(sum(CASE WHEN a.mark IN ('present', 'late', 'online')
      THEN CASE WHEN a.minutes IS NULL THEN l.academic_hours ELSE least(a.minutes / 45, l.academic_hours) END ELSE 0 END), 0) AS present_hours,
    count(*) FILTER (WHERE a.mark = 'absent') AS absent, count(*) FILTER (WHERE a.mark = 'sick') AS sick,
    count(*) FILTER (WHERE a.mark = 'excused') AS excused, count(*) FILTER (WHERE a.mark = 'late') AS late
  FROM enrollment e
  JOIN person p ON p.id = e.person_id
  LEFT JOIN lesson l ON l.group_id = e.group_id AND l.state IN ('held', 'signed', 'locked')
    AND (l.subgroup_id IS NULL OR l.subgroup_id = e.subgroup_id)
    AND (upper(l.during) AT TIME ZONE l.zone)::date BETWEEN $2::date AND $3::date
    AND e.enrolled_on <= l.held_on AND (e.left_on IS NULL OR e.left_on > l.held_on)
  LEFT JOIN attendance a ON a.lesson_id = l.id AND a.enrollment_id = e.id
  WHERE e.group_id = $1
  GROUP BY e.id, p.id
  ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru, e.id
]]

function store.page(lesson_id) return query.rows(PAGE, lesson_id) end
function store.columns(group_id, from, to, person_id) return query.rows(COLUMNS, group_id, from, to, person_id) end
function store.rows(group_id, from, to) return query.rows(ROWS, group_id, from, to) end
function store.cells(group_id, from, to) return query.rows(CELLS, group_id, from, to) end
function store.hours(group_id, from, to) return query.rows(HOURS, group_id, from, to) end

--- The cell before a change, locked; nil when the learner is not on the page of that lesson.
function store.lock_cell(lesson_id, enrollment_id)
  return query.row([[
    SELECT e.id, a.mark, a.minutes, coalesce(a.version, 0) AS version, g.value AS grade
    FROM lesson l
    JOIN enrollment e ON e.group_id = l.group_id AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)
    LEFT JOIN attendance a ON a.lesson_id = l.id AND a.enrollment_id = e.id
    LEFT JOIN grade g ON g.lesson_id = l.id AND g.enrollment_id = e.id
    WHERE l.id = $1 AND e.id = $2 AND e.enrolled_on <= l.held_on AND (e.left_on IS NULL OR e.left_on > l.held_on)
    FOR UPDATE OF e
  ]], lesson_id, enrollment_id)
end

--- The trigger attendance_open refuses (hint journal_signed or lesson_not_held) unless the page is open.
function store.save_mark(lesson_id, enrollment_id, mark, minutes, user_id)
  return query.row([[
    INSERT INTO attendance (lesson_id, enrollment_id, mark, minutes, updated_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (lesson_id, enrollment_id) DO UPDATE
      SET mark = excluded.mark, minutes = excluded.minutes, updated_by = excluded.updated_by
    RETURNING version
  ]], lesson_id, enrollment_id, mark, minutes, user_id)
end

function store.clear_mark(lesson_id, enrollment_id)
  return query.exec("DELETE FROM attendance WHERE lesson_id = $1 AND enrollment_id = $2", lesson_id, enrollment_id)
end

function store.save_grade(lesson_id, enrollment_id, scale, value, user_id)
  return query.row([[
    INSERT INTO grade (lesson_id, enrollment_id, scale, value, created_by, updated_by) VALUES ($1, $2, $3, $4, $5, $5)
    ON CONFLICT (enrollment_id, lesson_id) WHERE lesson_id IS NOT NULL DO UPDATE
      SET scale = excluded.scale, value = excluded.value, updated_by = excluded.updated_by
    RETURNING version
  ]], lesson_id, enrollment_id, scale, value, user_id)
end

function store.clear_grade(lesson_id, enrollment_id)
  return query.exec("DELETE FROM grade WHERE lesson_id = $1 AND enrollment_id = $2", lesson_id, enrollment_id)
end

function store.save_page(lesson_id, topic, homework, user_id)
  return query.exec("UPDATE lesson SET topic = $2, homework = $3, updated_by = $4 WHERE id = $1", lesson_id, topic, homework or "", user_id)
end

--- Changes of marks of a lesson, newest first: both values, who and when.
function store.history(lesson_id)
  return query.rows([[
    SELECT a.at, a.action, a.diff, a.reason, short_name(p) AS who FROM audit_event a LEFT JOIN person p ON p.user_id = a.user_id
    WHERE a.entity = 'lesson' AND a.entity_id = $1 ORDER BY a.id DESC LIMIT 100
  ]], lesson_id)
end

--- A learner's own marks, newest first.
function store.own(person_id)
  return query.rows([[
    SELECT l.held_on, to_char(l.starts, 'HH24:MI') AS starts, l.topic, g.code AS group_code, p.title AS program, m.title AS module,
      a.mark, r.value AS grade, l.academic_hours
    FROM enrollment e
    JOIN study_group g ON g.id = e.group_id JOIN program p ON p.id = g.program_id
    JOIN lesson l ON l.group_id = e.group_id AND l.state IN ('held', 'signed', 'locked')
    LEFT JOIN program_module m ON m.id = l.module_id
    LEFT JOIN attendance a ON a.lesson_id = l.id AND a.enrollment_id = e.id
    LEFT JOIN grade r ON r.lesson_id = l.id AND r.enrollment_id = e.id
    WHERE e.person_id = $1 AND (a.mark IS NOT NULL OR r.value IS NOT NULL)
    ORDER BY l.held_on DESC, l.starts DESC LIMIT 300
  ]], person_id)
end

return store
