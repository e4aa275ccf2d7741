--- SQL around the engine: words for what it found, and what it is asked with.
local query = require("kit.query")
local store = {}

-- The moment of a place, as in store.lua: $1 date, $2 time, $3 minutes, $4 zone.
local RANGE = "tstzrange(($1::date + $2::time) AT TIME ZONE $4, ($1::date + $2::time + make_interval(mins => $3::int)) AT TIME ZONE $4)"

-- $5 roles, $6 keys, $7 lessons, $8 bookings (0: the other one), as the engine names them; rows as store.clashes gives them. A booking
-- that has gone meanwhile gives no row.
local DESCRIBE = [[
  WITH hit AS (
    SELECT * FROM unnest($5::text[], $6::bigint[], $7::bigint[], $8::bigint[]) AS h(role, key, lesson_id, booking_id)
  ), named AS (
    SELECT h.*, g.resource_id, 'H3' AS rule, 'group' AS kind, g.code AS name, NULL AS gender
    FROM hit h JOIN study_group g ON g.id = h.key WHERE h.role = 'g'
    UNION ALL
    SELECT h.*, s.resource_id, 'H3', 'subgroup', s.name, NULL FROM hit h JOIN subgroup s ON s.id = h.key WHERE h.role = 's'
    UNION ALL
    SELECT h.*, p.resource_id, 'H3', 'learner', short_name(p), p.gender FROM hit h JOIN person p ON p.resource_id = h.key WHERE h.role = 'l'
    UNION ALL
    SELECT h.*, p.resource_id, 'H1', 'person', short_name(p), p.gender
    FROM hit h JOIN staff_resource c ON c.id = h.key JOIN person p ON p.id = c.person_id WHERE h.role = 't'
    UNION ALL
    SELECT h.*, r.id, 'H2', 'room', r.name, NULL FROM hit h JOIN room r ON r.id = h.key WHERE h.role = 'r'
  )
  SELECT n.rule, n.kind, n.name, n.gender, b.lesson_id, b.purpose, b.note,
    to_char(lower(b.during) AT TIME ZONE $4, 'HH24:MI') AS busy_from, to_char(upper(b.during) AT TIME ZONE $4, 'HH24:MI') AS busy_to,
    lower(b.during * ]] .. RANGE .. [[) AS "from", upper(b.during * ]] .. RANGE .. [[) AS "to",
    g.code AS group_code, o.short_name AS organization
  FROM named n
  CROSS JOIN LATERAL (
    SELECT * FROM booking k WHERE k.lesson_id = n.lesson_id AND n.lesson_id <> 0 AND k.resource_id = n.resource_id
    UNION ALL
    SELECT * FROM booking k WHERE k.id = n.booking_id AND n.booking_id <> 0 AND k.resource_id = n.resource_id
  ) b
  LEFT JOIN lesson l ON l.id = b.lesson_id
  LEFT JOIN study_group g ON g.id = l.group_id
  LEFT JOIN organization o ON o.id = g.organization_id
  WHERE b.during && ]] .. RANGE .. [[
  ORDER BY n.rule, n.name, lower(b.during)
]]

-- Days on which the group may learn, and the rooms that would do for the wished one: what FREE_SLOTS of store.lua looks at.
local DAYS = [[
  SELECT array_agg((d::date - date '1970-01-01') ORDER BY d) AS days
  FROM study_group g
  CROSS JOIN LATERAL generate_series(greatest($2::date, g.starts_on), least(greatest($2::date, g.starts_on) + $3::int, g.ends_on), interval '1 day') AS d
  WHERE g.id = $1 AND is_working_day(d::date)
]]
local ROOMS = [[
  SELECT r.id, r.name FROM room r
  WHERE r.id = $1 OR (r.site_id = $2 AND r.state = 'active' AND r.seats >= $3::int AND r.kind = (SELECT kind FROM room WHERE id = $1))
  ORDER BY r.id = $1 DESC, r.seats, r.id LIMIT 200
]]

---@param p table proposal
---@param hits {roles: string, keys: string, lessons: string, bookings: string} arrays
function store.describe(p, hits)
  return query.rows(DESCRIBE, p.held_on, p.starts, p.minutes, p.zone, hits.roles, hits.keys, hits.lessons, hits.bookings)
end

function store.equipment(ids)
  return query.rows("SELECT e.id, e.name, r.capacity FROM equipment e JOIN resource r ON r.id = e.id WHERE e.id = ANY ($1::bigint[])", ids)
end

function store.days(group_id, from, days) return (query.row(DAYS, group_id, from, days) or {}).days end
function store.rooms_like(room_id, site_id, seats) return query.rows(ROOMS, room_id, site_id, seats) end

--- Notes of the change stream that every engine has read, or will not miss.
function store.trim_changes() return query.row("SELECT trim_schedule_changes(interval '10 minutes') AS gone").gone end

return store
