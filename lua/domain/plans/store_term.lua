--- SQL of what a plan is made of: groups and their hours, teachers, rooms, bells, days, and when all of them are busy.
local query = require("kit.query")
local store = {}

local GROUPS = [[
  SELECT g.id, g.code, g.organization_id, g.site_id, g.shift, g.starts_on, g.ends_on, g.resource_id, s.zone, s.works_saturday,
    CASE WHEN g.seats_taken > 0 THEN g.seats_taken ELSE g.capacity_max END AS learners, p.competences, g.state,
    (SELECT array_agg(u.resource_id) FROM subgroup u WHERE u.group_id = g.id) AS subgroup_resources,
    (SELECT array_agg(q.resource_id) FROM enrollment e JOIN person q ON q.id = e.person_id
     WHERE e.group_id = g.id AND q.resource_id IS NOT NULL AND e.state NOT IN ('expelled', 'transferred', 'graduated')) AS learner_resources,
    EXISTS (SELECT FROM enrollment e JOIN person q ON q.id = e.person_id WHERE e.group_id = g.id
      AND e.state NOT IN ('expelled', 'transferred') AND q.birth_date > current_date - interval '18 years') AS has_minors
  FROM study_group g JOIN site s ON s.id = g.site_id JOIN program p ON p.id = g.program_id
  WHERE g.id = ANY ($1::bigint[]) ORDER BY g.id
]]

-- Hours that no lesson has yet, by module and kind; never more in all than the module has left.
local COURSES = [[
  SELECT g.id AS group_id, m.id AS module_id, m.position, m.title, m.is_final, need.kind, need.hours,
    m.hours_total - m.hours_self AS module_hours, coalesce(done.hours, 0) AS done_hours,
    least(need.hours - coalesce(done_kind.hours, 0), m.hours_total - m.hours_self - coalesce(done.hours, 0)) AS left_hours,
    teacher.staff_id
  FROM study_group g
  JOIN program_module m ON m.version_id = g.version_id
  CROSS JOIN LATERAL (VALUES ('lecture', m.hours_lecture), ('seminar', m.hours_seminar), ('practice', m.hours_practice), ('lab', m.hours_lab),
    (CASE WHEN m.is_final THEN 'final' ELSE 'control' END, m.hours_control)) AS need(kind, hours)
  LEFT JOIN LATERAL (SELECT sum(academic_hours)::int AS hours FROM lesson l WHERE l.group_id = g.id AND l.module_id = m.id AND l.state <> 'cancelled') done ON true
  LEFT JOIN LATERAL (SELECT sum(academic_hours)::int AS hours FROM lesson l WHERE l.group_id = g.id AND l.module_id = m.id AND l.state <> 'cancelled'
    AND CASE need.kind WHEN 'lecture' THEN l.kind IN ('lecture', 'webinar') WHEN 'practice' THEN l.kind IN ('practice', 'workshop', 'industrial')
      WHEN 'seminar' THEN l.kind IN ('seminar', 'consult') WHEN 'lab' THEN l.kind = 'lab' ELSE l.kind IN ('control', 'final') END) done_kind ON true
  LEFT JOIN LATERAL (
    SELECT staff_id FROM ( -- who teaches the module here, then anything here, then the module elsewhere
      SELECT t.staff_id, (l.module_id = m.id)::int * 4 + (l.group_id = g.id)::int * 2 AS fit, count(*) AS often
      FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id JOIN staff_resource c ON c.id = t.staff_id AND c.state = 'active'
      WHERE (l.group_id = g.id OR l.module_id = m.id) AND l.state <> 'cancelled' GROUP BY 1, 2) known
    ORDER BY fit DESC, often DESC, staff_id LIMIT 1) met ON true
  LEFT JOIN LATERAL ( -- else a colleague of the same competence
    SELECT c.id AS staff_id FROM staff_resource c JOIN program p ON p.id = g.program_id
    WHERE met.staff_id IS NULL AND c.organization_id = g.organization_id AND c.state = 'active' AND c.competences && p.competences
    ORDER BY c.id LIMIT 1) skilled ON true
  CROSS JOIN LATERAL (SELECT coalesce(met.staff_id, skilled.staff_id) AS staff_id) teacher
  WHERE g.id = ANY ($1::bigint[]) AND need.hours > 0
  ORDER BY g.id, m.position, array_position(ARRAY['lecture', 'seminar', 'practice', 'lab', 'control', 'final'], need.kind)
]]

local TEACHERS = [[
  SELECT c.id, person_resource(c.person_id) AS resource_id, short_name(p) AS name, c.max_hours_per_day, c.organization_id,
    (SELECT json_agg(json_build_array(a.weekday, extract(epoch FROM a.starts)::int / 60, extract(epoch FROM a.ends)::int / 60))
     FROM staff_availability a WHERE a.staff_id = c.id) AS windows
  FROM staff_resource c JOIN person p ON p.id = c.person_id WHERE c.id = ANY ($1::bigint[])
]]
local ROOMS = [[
  SELECT r.id, r.name, r.number, r.site_id, r.kind, r.competence, r.seats FROM room r JOIN resource x ON x.id = r.id AND x.exclusive
  WHERE r.site_id = ANY ($1::bigint[]) AND r.state = 'active' AND ($2::bigint IS NULL OR r.organization_id = $2) ORDER BY r.id
]]
local BELLS = [[
  SELECT site_id, shift, to_char(starts, 'HH24:MI') AS starts, (extract(epoch FROM starts) / 60)::int AS from_minute,
    (extract(epoch FROM ends) / 60)::int AS to_minute
  FROM bell_schedule WHERE site_id = ANY ($1::bigint[]) ORDER BY site_id, bell_schedule.starts
]]

-- Working days, and Saturdays that are no holidays where they are wanted. The moment of midnight tells a zone's offset.
local DAYS = [[
  SELECT d::date AS day, extract(isodow FROM d)::int AS weekday FROM generate_series($1::date, $2::date, interval '1 day') d
  WHERE is_working_day(d::date) OR ($3::boolean AND extract(isodow FROM d) = 6
    AND NOT EXISTS (SELECT FROM production_calendar c WHERE c.day = d::date AND c.kind <> 'working'))
  ORDER BY d
]]
local OFFSETS = [[
  SELECT zone, (extract(epoch FROM ($2::date)::timestamp) - extract(epoch FROM ($2::date)::timestamp AT TIME ZONE zone))::int / 60 AS minutes
  FROM unnest($1::text[]) AS zone
]]
local BUSY = [[
  SELECT r.id AS resource_id, floor(extract(epoch FROM lower(k.during)) / 60)::bigint AS from_minute,
    ceil(extract(epoch FROM upper(k.during)) / 60)::bigint AS to_minute
  FROM unnest($1::bigint[]) AS r(id)
  CROSS JOIN LATERAL (
    SELECT during FROM booking b WHERE b.resource_id = r.id AND b.during && tstzrange($2::date - interval '1 day', $3::date + interval '2 days')
      AND b.exclusive AND b.state IN ('confirmed', 'in_use', 'finished') AND (b.lesson_id IS NULL OR b.lesson_id <> ALL ($4::bigint[]))) k
]]
local SHARED = [[
  SELECT array_agg(DISTINCT group_id) AS groups FROM enrollment
  WHERE group_id = ANY ($1::bigint[]) AND state NOT IN ('expelled', 'transferred', 'graduated') GROUP BY person_id HAVING count(DISTINCT group_id) > 1
]]

-- Lessons to come of the groups that a teacher has lessons in while he is away.
local LESSONS = [[
  WITH touched AS (
    SELECT DISTINCT l.group_id FROM lesson_teacher t JOIN lesson l ON l.id = t.lesson_id
    WHERE t.staff_id IN (SELECT c.id FROM staff_resource c WHERE c.person_id = (SELECT person_id FROM staff_resource WHERE id = $1))
      AND l.held_on BETWEEN $2 AND $3 AND l.state IN ('planned', 'published'))
  SELECT l.id, l.version, l.group_id, l.subgroup_id, u.resource_id AS subgroup_resource, l.module_id, m.title, l.kind, l.mode, l.site_id, l.held_on,
    to_char(l.starts, 'HH24:MI') AS starts, l.zone, l.minutes, l.academic_hours, l.state = 'locked' OR (lesson_lock(l)).id IS NOT NULL AS is_locked,
    (SELECT array_agg(t.staff_id ORDER BY t.staff_id) FROM lesson_teacher t WHERE t.lesson_id = l.id) AS staff_ids,
    (SELECT array_agg(r.room_id ORDER BY r.room_id) FROM lesson_room r WHERE r.lesson_id = l.id) AS room_ids
  FROM lesson l JOIN touched USING (group_id) LEFT JOIN subgroup u ON u.id = l.subgroup_id LEFT JOIN program_module m ON m.id = l.module_id
  WHERE l.held_on BETWEEN $2 AND $4 AND l.state IN ('planned', 'published', 'locked') AND lower(l.during) > now()
  ORDER BY l.held_on, l.starts, l.id
]]

function store.groups(ids) return query.rows(GROUPS, ids) end
function store.courses(group_ids) return query.rows(COURSES, group_ids) end
function store.teachers(ids) return query.rows(TEACHERS, ids) end
function store.rooms(site_ids, organization_id) return query.rows(ROOMS, site_ids, organization_id) end
function store.bells(site_ids) return query.rows(BELLS, site_ids) end
function store.days(from, to, with_saturdays) return query.rows(DAYS, from, to, with_saturdays) end
function store.offsets(zones, on) return query.rows(OFFSETS, zones, on) end
function store.busy(resource_ids, from, to, except_lessons) return query.rows(BUSY, resource_ids, from, to, except_lessons) end
function store.shared(group_ids) return query.rows(SHARED, group_ids) end
function store.lessons(staff_id, from, to, until_day) return query.rows(LESSONS, staff_id, from, to, until_day) end

--- For the forms: groups that may be planned, teachers.
function store.group_choices(organization_id)
  return query.rows([[
    SELECT g.id, g.code, p.title, g.starts_on, g.ends_on, o.short_name AS organization FROM study_group g JOIN program p ON p.id = g.program_id
    JOIN organization o ON o.id = g.organization_id
    WHERE g.state IN ('planned', 'recruiting', 'formed', 'studying') AND g.ends_on >= current_date AND ($1::bigint IS NULL OR g.organization_id = $1)
    ORDER BY o.short_name COLLATE ru, g.code COLLATE ru LIMIT 500
  ]], organization_id)
end

function store.teacher_choices(organization_id)
  return query.rows([[
    SELECT c.id, full_name(p) AS name, o.short_name AS organization FROM staff_resource c JOIN person p ON p.id = c.person_id
    JOIN organization o ON o.id = c.organization_id WHERE c.state = 'active' AND ($1::bigint IS NULL OR c.organization_id = $1)
    ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru LIMIT 2000
  ]], organization_id)
end

return store
