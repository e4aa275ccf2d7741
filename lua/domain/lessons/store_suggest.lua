--- SQL behind suggestions: rooms and teachers that are free at a time, and two lessons that could change places.
local query = require("kit.query")
local store = {}

local HOLDS = "k.exclusive AND k.state IN ('confirmed', 'in_use', 'finished')"
local RANGE = "tstzrange(($1::date + $2::time) AT TIME ZONE $4, ($1::date + $2::time + make_interval(mins => $3::int)) AT TIME ZONE $4)"

-- $5 the lesson, $6 the room it has now, $7 site, $8 seats, $9 limit.
local ROOMS = [[
  SELECT r.id, r.name, r.seats, r.workplaces FROM room r
  WHERE r.site_id = $7 AND r.state = 'active' AND r.seats >= $8::int AND r.id <> $6 AND r.kind = (SELECT kind FROM room WHERE id = $6)
    AND NOT EXISTS (SELECT FROM booking k WHERE k.resource_id = r.id AND k.during && ]] .. RANGE .. [[ AND ]] .. HOLDS .. [[
      AND k.lesson_id IS DISTINCT FROM $5::bigint)
  ORDER BY r.competence IS NOT DISTINCT FROM (SELECT competence FROM room WHERE id = $6) DESC, r.seats, r.id LIMIT $9::int
]]

-- Teachers who are free then, with what rules.substitutes looks at. $5 the lesson, $6 organisation or NULL for all, $7 limit.
-- The day of each is there as JSON: free or not, the dispatcher sees what he asks of a person.
local TEACHERS = [[
  WITH asked AS (
    SELECT l.id, l.module_id, l.group_id, g.organization_id, p.competences, ]] .. RANGE .. [[ AS during
    FROM lesson l JOIN study_group g ON g.id = l.group_id JOIN program p ON p.id = g.program_id WHERE l.id = $5
  ), free AS (
    SELECT c.id, c.person_id, c.organization_id, c.competences && a.competences AS has_competence, c.max_hours_per_day, c.max_hours_per_week,
      c.organization_id = a.organization_id AS same_organization, a.module_id, a.group_id
    FROM asked a JOIN staff_resource c ON c.state = 'active' AND ($6::bigint IS NULL OR c.organization_id = $6)
      AND (c.contract_until IS NULL OR c.contract_until >= $1::date)
    JOIN person p ON p.id = c.person_id
    WHERE NOT EXISTS (SELECT FROM lesson_teacher t JOIN staff_resource s ON s.id = t.staff_id WHERE t.lesson_id = a.id AND s.person_id = c.person_id)
      AND (p.resource_id IS NULL OR NOT EXISTS (SELECT FROM booking k WHERE k.resource_id = p.resource_id AND k.during && a.during AND ]] .. HOLDS .. [[
        AND k.lesson_id IS DISTINCT FROM a.id))
    ORDER BY 7 DESC, 4 DESC NULLS LAST, c.id LIMIT 200
  )
  SELECT f.id, short_name(p) AS name, o.short_name AS organization, coalesce(f.has_competence, false) AS has_competence, f.same_organization,
    f.max_hours_per_day AS max_day, f.max_hours_per_week AS max_week,
    coalesce(w.taught_module, 0) AS taught_module, coalesce(w.taught_group, 0) AS taught_group, coalesce(d.hours_day, 0) AS hours_day,
    coalesce(d.hours_week, 0) AS hours_week, d.day
  FROM free f JOIN person p ON p.id = f.person_id JOIN organization o ON o.id = f.organization_id
  LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE l.module_id = f.module_id) AS taught_module, count(*) FILTER (WHERE l.group_id = f.group_id) AS taught_group
    FROM staff_resource s JOIN lesson_teacher t ON t.staff_id = s.id JOIN lesson l ON l.id = t.lesson_id
    WHERE s.person_id = f.person_id AND l.state <> 'cancelled' AND (l.module_id = f.module_id OR l.group_id = f.group_id)) w ON true
  LEFT JOIN LATERAL (
    SELECT sum(l.academic_hours) FILTER (WHERE l.held_on = $1::date) AS hours_day, sum(l.academic_hours) AS hours_week,
      string_agg(to_char(l.starts, 'HH24:MI') || '–' || to_char(l.starts + make_interval(mins => l.minutes), 'HH24:MI') || ' ' || g.code, ', '
        ORDER BY l.starts) FILTER (WHERE l.held_on = $1::date) AS day
    FROM staff_resource s JOIN lesson_teacher t ON t.staff_id = s.id JOIN lesson l ON l.id = t.lesson_id JOIN study_group g ON g.id = l.group_id
    WHERE s.person_id = f.person_id AND l.state <> 'cancelled'
      AND l.held_on BETWEEN date_trunc('week', $1::date)::date AND date_trunc('week', $1::date)::date + 6) d ON true
  LIMIT $7::int
]]

-- Could lesson $5 stand at the moment, and lesson $6 where $5 stands now? Bookings of either do not count.
local SWAP = [[
  SELECT o.id, o.version, o.minutes, coalesce(m.title, p.title) AS title, g.code AS group_code, g.organization_id, o.state, o.held_on,
    to_char(o.starts, 'HH24:MI') AS starts
  FROM lesson o JOIN study_group g ON g.id = o.group_id JOIN program p ON p.id = g.program_id LEFT JOIN program_module m ON m.id = o.module_id
  CROSS JOIN (SELECT during FROM lesson WHERE id = $5) mine
  WHERE o.id = $6 AND o.state IN ('planned', 'published') AND lower(o.during) > now()
    AND NOT EXISTS (SELECT FROM booking b CROSS JOIN LATERAL (SELECT 1 FROM booking k WHERE k.resource_id = b.resource_id AND k.during && mine.during
      AND ]] .. HOLDS .. [[ AND k.lesson_id IS DISTINCT FROM $5 AND k.lesson_id IS DISTINCT FROM $6 LIMIT 1) x WHERE b.lesson_id = $6 AND b.exclusive)
    AND NOT EXISTS (SELECT FROM booking b CROSS JOIN LATERAL (SELECT 1 FROM booking k WHERE k.resource_id = b.resource_id AND k.during && ]] .. RANGE .. [[
      AND ]] .. HOLDS .. [[ AND k.lesson_id IS DISTINCT FROM $5 AND k.lesson_id IS DISTINCT FROM $6 LIMIT 1) x WHERE b.lesson_id = $5 AND b.exclusive)
]]

function store.rooms(p, room_id, seats, limit) return query.rows(ROOMS, p.held_on, p.starts, p.minutes, p.zone, p.lesson_id, room_id, p.site_id, seats, limit) end

function store.teachers(p, organization_id, limit)
  return query.rows(TEACHERS, p.held_on, p.starts, p.minutes, p.zone, p.lesson_id, organization_id, limit)
end

function store.swap(p, other_id) return query.row(SWAP, p.held_on, p.starts, p.minutes, p.zone, p.lesson_id, other_id) end

return store
