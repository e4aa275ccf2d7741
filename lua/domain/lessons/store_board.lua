--- SQL of the dispatcher's board: lessons of a range, choices of the filters, what is busy while a lesson is dragged.
local query = require("kit.query")
local base = require("domain.lessons.store")
local store = {}

-- $1 … $2 days (both included), $3 plans too, $4 last (day, time, id) of the page before as one text or NULL, $5 limit, $6 … whose.
local RANGE = [[
  SELECT l.id, l.version, l.group_id, l.subgroup_id, l.module_id, l.kind, l.mode, l.state, l.held_on, to_char(l.starts, 'HH24:MI') AS starts,
    to_char(l.starts + make_interval(mins => l.minutes), 'HH24:MI') AS ends, l.minutes, l.academic_hours, l.topic,
    lower(l.during) <= now() AS has_begun, g.code AS group_code, g.organization_id, o.short_name AS organization,
    EXISTS (SELECT FROM plan_lock k WHERE k.organization_id = g.organization_id AND (k.lesson_id IS NULL OR k.lesson_id = l.id)
      AND (k.group_id IS NULL OR k.group_id = l.group_id) AND (k.day IS NULL OR k.day = l.held_on) AND (k.staff_id IS NULL OR EXISTS (
        SELECT FROM lesson_teacher kt WHERE kt.lesson_id = l.id AND kt.staff_id = k.staff_id))) AS is_locked,
    coalesce(m.title, p.title) AS title, s.name AS subgroup, t.teacher_ids, t.teachers, r.room_ids, r.rooms,
    concat_ws('~', l.held_on, l.starts, l.id) AS cursor
  FROM lesson l
  JOIN study_group g ON g.id = l.group_id
  JOIN organization o ON o.id = g.organization_id
  JOIN program p ON p.id = g.program_id
  LEFT JOIN program_module m ON m.id = l.module_id
  LEFT JOIN subgroup s ON s.id = l.subgroup_id
  LEFT JOIN LATERAL (
    SELECT array_agg(c.id ORDER BY c.id) AS teacher_ids, string_agg(short_name(x), ', ' ORDER BY x.last_name COLLATE ru) AS teachers
    FROM lesson_teacher lt JOIN staff_resource c ON c.id = lt.staff_id JOIN person x ON x.id = c.person_id WHERE lt.lesson_id = l.id) t ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(x.id ORDER BY x.id) AS room_ids, string_agg(x.name, ', ' ORDER BY x.id) AS rooms
    FROM lesson_room lr JOIN room x ON x.id = lr.room_id WHERE lr.lesson_id = l.id) r ON true
  WHERE l.held_on BETWEEN $1 AND $2 AND l.state <> 'cancelled' AND ($3::boolean OR l.state <> 'planned')
    AND ($4::text IS NULL OR (l.held_on, l.starts, l.id) > (split_part($4, '~', 1)::date, split_part($4, '~', 2)::time, split_part($4, '~', 3)::bigint))%s
  ORDER BY l.held_on, l.starts, l.id
  LIMIT $5::int
]]

-- Exclusive resources of a lesson and when they are taken: $1 … $2 days (the second excluded), $3 how many a resource,
-- $4 zone, $5 … $9 as in store.WANTED.
local BUSY = base.WANTED .. [[
  SELECT w.rule, w.kind, w.name, w.gender, w.resource_id, b.lesson_id, b.purpose, b.note,
    to_char(lower(b.during) AT TIME ZONE $4, 'YYYY-MM-DD"T"HH24:MI') AS "from", to_char(upper(b.during) AT TIME ZONE $4, 'YYYY-MM-DD"T"HH24:MI') AS "to",
    to_char(lower(b.during) AT TIME ZONE $4, 'HH24:MI') AS busy_from, to_char(upper(b.during) AT TIME ZONE $4, 'HH24:MI') AS busy_to,
    g.code AS group_code, o.short_name AS organization
  FROM wanted w
  CROSS JOIN LATERAL (
    SELECT * FROM booking k WHERE k.resource_id = w.resource_id
      AND k.during && tstzrange($1::date::timestamp AT TIME ZONE $4, $2::date::timestamp AT TIME ZONE $4)
      AND k.exclusive AND k.state IN ('confirmed', 'in_use', 'finished') AND k.lesson_id IS DISTINCT FROM $9::bigint
    LIMIT $3::int) b
  LEFT JOIN lesson l ON l.id = b.lesson_id
  LEFT JOIN study_group g ON g.id = l.group_id
  LEFT JOIN organization o ON o.id = g.organization_id
  ORDER BY lower(b.during), w.rule, w.name
]]

-- Days of a range on which a site does not work: $1 … $2 days, $3 site or NULL.
local DAYS_OFF = [[
  SELECT d::date AS day, (SELECT holiday FROM production_calendar c WHERE c.day = d::date) AS holiday
  FROM generate_series($1::date, $2::date, interval '1 day') AS d LEFT JOIN site s ON s.id = $3::bigint
  WHERE NOT is_working_day(d::date) AND NOT (coalesce(s.works_saturday, true) AND extract(isodow FROM d) = 6
    AND NOT EXISTS (SELECT FROM production_calendar c WHERE c.day = d::date))
]]

-- Choices of the filters in one answer. $1 organisation or NULL, $2 how many of a kind.
local CHOICES = [[
  (SELECT 'organization' AS name, o.id AS value, o.short_name AS label, NULL::text AS more FROM organization o
   WHERE EXISTS (SELECT FROM study_group g WHERE g.organization_id = o.id) ORDER BY o.short_name COLLATE ru LIMIT 1000)
  UNION ALL
  (SELECT 'group', g.id, g.code, NULL FROM study_group g WHERE g.state IN ('recruiting', 'formed', 'studying', 'attestation')
     AND ($1::bigint IS NULL OR g.organization_id = $1) ORDER BY g.code COLLATE ru LIMIT $2::int)
  UNION ALL
  (SELECT 'program', p.id, p.title, NULL FROM program p
   WHERE EXISTS (SELECT FROM study_group g WHERE g.program_id = p.id AND g.state IN ('recruiting', 'formed', 'studying', 'attestation')
     AND ($1::bigint IS NULL OR g.organization_id = $1)) ORDER BY p.title COLLATE ru LIMIT $2::int)
  UNION ALL
  (SELECT 'teacher', c.id, short_name(p), o.short_name FROM staff_resource c JOIN person p ON p.id = c.person_id JOIN organization o ON o.id = c.organization_id
   WHERE c.state = 'active' AND ($1::bigint IS NULL OR c.organization_id = $1) ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru, c.id LIMIT $2::int)
  UNION ALL
  (SELECT 'room', r.id, r.name, o.short_name FROM room r JOIN organization o ON o.id = r.organization_id
   WHERE r.state = 'active' AND ($1::bigint IS NULL OR r.organization_id = $1) ORDER BY o.short_name COLLATE ru, r.name COLLATE ru, r.id LIMIT $2::int)
]]

-- Rows of the timeline of workshops: $1 organisation, $2 one room, $3 group of which the rooms are, $4 last (organisation, name, id), $5 limit.
local ROOMS = [[
  SELECT r.id, r.name, r.kind, r.seats, o.short_name AS organization, s.name AS site
  FROM room r JOIN site s ON s.id = r.site_id JOIN organization o ON o.id = r.organization_id
  WHERE r.state = 'active' AND ($1::bigint IS NULL OR r.organization_id = $1) AND ($2::bigint IS NULL OR r.id = $2)
    AND ($3::bigint IS NULL OR r.id IN (SELECT lr.room_id FROM lesson l JOIN lesson_room lr ON lr.lesson_id = l.id WHERE l.group_id = $3))
  ORDER BY r.kind = 'workshop' DESC, o.short_name COLLATE ru, r.name COLLATE ru, r.id LIMIT $4::int
]]

function store.range(from, to, filter, cursor, limit)
  local conditions, values = base.whose(filter, 5)
  return query.rows(RANGE:format(conditions), from, to, filter.with_plans or false, cursor, limit, table.unpack(values))
end

function store.busy(p, from, past, limit)
  return query.rows(BUSY, from, past, limit, p.zone, p.group_id, p.subgroup_id, p.teachers, p.rooms, p.lesson_id)
end

function store.days_off(from, to, site_id) return query.rows(DAYS_OFF, from, to, site_id) end
function store.choices(organization_id, limit) return query.rows(CHOICES, organization_id, limit) end
function store.rooms(organization_id, room_id, group_id, limit) return query.rows(ROOMS, organization_id, room_id, group_id, limit) end

--- Who changed a lesson last, and when, in the zone of the lesson.
function store.last_writer(id)
  return query.row([[
    SELECT short_name(p) AS who, to_char(l.updated_at AT TIME ZONE l.zone, 'HH24:MI') AS at, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, l.state, l.version
    FROM lesson l LEFT JOIN person p ON p.user_id = l.updated_by WHERE l.id = $1
  ]], id)
end

--- The journal of a lesson without marks of learners, newest first.
function store.history(id)
  return query.rows([[
    SELECT a.at, a.action, a.diff, a.reason, short_name(p) AS who FROM audit_event a LEFT JOIN person p ON p.user_id = a.user_id
    WHERE a.entity = 'lesson' AND a.entity_id = $1 AND a.action LIKE 'lesson.%' AND (a.action <> 'lesson.move' OR a.diff ? 'held_on')
    ORDER BY a.id DESC LIMIT 100
  ]], id)
end

--- Title of a printed sheet: of a group, else a room, else a teacher.
function store.subject(group_id, room_id, staff_id)
  return query.row([[
    SELECT 'Группа ' || g.code AS title, o.full_name || '. ' || p.title AS text FROM study_group g JOIN organization o ON o.id = g.organization_id
      JOIN program p ON p.id = g.program_id WHERE g.id = $1::bigint
    UNION ALL
    SELECT r.name, o.full_name || '. ' || s.name || ', ' || s.address FROM room r JOIN site s ON s.id = r.site_id JOIN organization o ON o.id = r.organization_id
      WHERE $1::bigint IS NULL AND r.id = $2::bigint
    UNION ALL
    SELECT full_name(p), o.full_name FROM staff_resource c JOIN person p ON p.id = c.person_id JOIN organization o ON o.id = c.organization_id
      WHERE $1::bigint IS NULL AND $2::bigint IS NULL AND c.id = $3::bigint
  ]], group_id, room_id, staff_id)
end

--- Planned and left hours of a group's modules.
function store.module_hours(group_id)
  return query.rows([[
    SELECT m.code, m.title, m.hours_total - m.hours_self AS hours, coalesce(sum(l.academic_hours), 0) AS planned,
      coalesce(sum(l.academic_hours) FILTER (WHERE l.state IN ('held', 'signed', 'locked')), 0) AS held
    FROM study_group g JOIN program_module m ON m.version_id = g.version_id LEFT JOIN lesson l ON l.module_id = m.id AND l.group_id = g.id AND l.state <> 'cancelled'
    WHERE g.id = $1 GROUP BY m.id ORDER BY m.position
  ]], group_id)
end

--- Hours of teachers in a week, the busiest first: $1 Monday, $2 organisation, $3 group, $4 room, $5 program: whose lessons name them.
function store.teacher_hours(monday, filter, limit)
  return query.rows([[
    WITH named AS (
      SELECT DISTINCT s.person_id FROM lesson l JOIN study_group g ON g.id = l.group_id JOIN lesson_teacher t ON t.lesson_id = l.id
      JOIN staff_resource s ON s.id = t.staff_id
      WHERE l.held_on BETWEEN $1::date AND $1::date + 6 AND l.state <> 'cancelled' AND ($2::bigint IS NULL OR g.organization_id = $2)
        AND ($3::bigint IS NULL OR l.group_id = $3) AND ($4::bigint IS NULL OR EXISTS (SELECT FROM lesson_room r WHERE r.lesson_id = l.id AND r.room_id = $4))
        AND ($5::bigint IS NULL OR g.program_id = $5)
    )
    SELECT short_name(p) AS name, sum(l.academic_hours) AS hours, max(s.max_hours_per_week) AS limit_hours
    FROM named n JOIN person p ON p.id = n.person_id JOIN staff_resource s ON s.person_id = p.id JOIN lesson_teacher t ON t.staff_id = s.id
    JOIN lesson l ON l.id = t.lesson_id AND l.state <> 'cancelled' AND l.held_on BETWEEN $1::date AND $1::date + 6
    GROUP BY p.id ORDER BY sum(l.academic_hours)::float8 / greatest(max(s.max_hours_per_week), 1) DESC, p.id LIMIT $6::int
  ]], monday, filter.organization_id, filter.group_id, filter.room_id, filter.program_id, limit)
end

return store
