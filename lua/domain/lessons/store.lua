--- SQL of the timetable. PostgreSQL derives the bookings of a lesson and judges them (migration *_timetable.sql);
--- the queries here explain beforehand what it would refuse.
local db = require("core.db")
local query = require("kit.query")
local store = {}

-- The moment of a proposed lesson: $1 date, $2 time, $3 minutes, $4 zone.
local RANGE = "tstzrange(($1::date + $2::time) AT TIME ZONE $4, ($1::date + $2::time + make_interval(mins => $3::int)) AT TIME ZONE $4)"

-- Exclusive resources that a lesson would need: $5 group, $6 subgroup or NULL, $7 staff cards, $8 rooms, $9 the lesson
-- itself when it moves. Learners count when they learn in another group on that day too.
local WANTED = [[
  WITH wanted AS (
    SELECT g.resource_id, 'H3' AS rule, 'group' AS kind, g.code AS name, NULL AS gender FROM study_group g
    WHERE g.id = $5 AND $6::bigint IS NULL
    UNION ALL
    SELECT s.resource_id, 'H3', 'subgroup', s.name, NULL FROM subgroup s
    WHERE s.group_id = $5 AND ($6::bigint IS NULL OR s.id = $6)
    UNION ALL
    SELECT p.resource_id, 'H1', 'person', short_name(p), p.gender
    FROM staff_resource c JOIN person p ON p.id = c.person_id
    WHERE c.id = ANY ($7::bigint[]) AND p.resource_id IS NOT NULL
    UNION ALL
    SELECT r.id, 'H2', 'room', r.name, NULL FROM room r JOIN resource x ON x.id = r.id AND x.exclusive
    WHERE r.id = ANY ($8::bigint[])
    UNION ALL
    SELECT p.resource_id, 'H3', 'learner', short_name(p), p.gender
    FROM enrollment e JOIN person p ON p.id = e.person_id
    WHERE e.group_id = $5 AND p.resource_id IS NOT NULL AND e.state NOT IN ('expelled', 'transferred', 'graduated')
      AND ($6::bigint IS NULL OR e.subgroup_id IS NULL OR e.subgroup_id = $6)
  )
]]

local CLASHES = WANTED .. [[
  SELECT w.rule, w.kind, w.name, w.gender, b.lesson_id, b.purpose, b.note,
    to_char(lower(b.during) AT TIME ZONE $4, 'HH24:MI') AS busy_from, to_char(upper(b.during) AT TIME ZONE $4, 'HH24:MI') AS busy_to,
    lower(b.during * ]] .. RANGE .. [[) AS "from", upper(b.during * ]] .. RANGE .. [[) AS "to",
    g.code AS group_code, o.short_name AS organization
  FROM wanted w
  CROSS JOIN LATERAL (
    SELECT * FROM booking k WHERE k.resource_id = w.resource_id AND k.during && ]] .. RANGE .. [[
      AND k.exclusive AND k.state IN ('confirmed', 'in_use', 'finished') AND k.lesson_id IS DISTINCT FROM $9::bigint
    LIMIT 5) b
  LEFT JOIN lesson l ON l.id = b.lesson_id
  LEFT JOIN study_group g ON g.id = l.group_id
  LEFT JOIN organization o ON o.id = g.organization_id
  ORDER BY w.rule, w.name, lower(b.during)
]]

-- Counted equipment: $5 ids, $6 quantities, $7 the lesson itself. Worst five minutes of the lesson.
local SHORTAGES = [[
  SELECT e.id, e.name, r.capacity, x.qty, coalesce(u.used, 0) AS used
  FROM unnest($5::bigint[], $6::int[]) AS x(id, qty)
  JOIN equipment e ON e.id = x.id JOIN resource r ON r.id = e.id
  LEFT JOIN LATERAL (
    SELECT max(s.used) - coalesce((SELECT qty FROM booking b WHERE b.lesson_id = $7 AND b.resource_id = r.id), 0) AS used
    FROM slot_use s WHERE s.resource_id = r.id
      AND s.slot >= date_bin('5 minutes', lower(]] .. RANGE .. [[), 'epoch') AND s.slot < upper(]] .. RANGE .. [[)) u ON true
  WHERE coalesce(u.used, 0) + x.qty > r.capacity
]]

-- What the softer rules look at.
local CONTEXT = [[
  SELECT g.id, g.code, g.organization_id, g.site_id, g.version_id, g.seats_taken, g.starts_on, g.ends_on, g.state, g.shift,
    is_working_day($1::date) AS is_working_day, extract(isodow FROM $1::date)::int AS weekday,
    (SELECT kind FROM production_calendar WHERE day = $1::date) AS calendar_kind,
    (SELECT holiday FROM production_calendar WHERE day = $1::date) AS holiday,
    (SELECT coalesce(sum(academic_hours), 0) FROM lesson l
     WHERE l.group_id = g.id AND l.held_on = $1::date AND l.state <> 'cancelled' AND l.id IS DISTINCT FROM $4::bigint) AS hours_that_day,
    k.reason AS lock_reason, k.id AS lock_id, k.lesson_id AS lock_lesson_id,
    m.title AS module, m.hours_total - m.hours_self AS module_hours,
    (SELECT coalesce(sum(academic_hours), 0) FROM lesson l
     WHERE l.group_id = g.id AND l.module_id = m.id AND l.state <> 'cancelled' AND l.id IS DISTINCT FROM $4::bigint) AS module_planned,
    (SELECT count(*) FROM enrollment e JOIN person p ON p.id = e.person_id
     WHERE e.group_id = g.id AND e.state NOT IN ('expelled', 'transferred') AND p.birth_date > $1::date - interval '18 years') AS minors
  FROM study_group g LEFT JOIN program_module m ON m.id = $3 AND m.version_id = g.version_id
  LEFT JOIN lesson moved ON moved.id = $4::bigint LEFT JOIN LATERAL lesson_lock(moved) k ON true
  WHERE g.id = $2
]]

local ROOMS = [[
  SELECT r.id, r.name, r.number, r.kind, r.seats, r.state, r.organization_id, r.site_id, s.zone, s.opens, s.closes, s.works_saturday,
    o.short_name AS organization,
    (SELECT json_agg(json_build_object('pair_no', b.pair_no, 'starts', to_char(b.starts, 'HH24:MI'), 'ends', to_char(b.ends, 'HH24:MI'),
      'minutes', (extract(epoch FROM b.ends - b.starts) / 60)::int, 'shift', b.shift) ORDER BY b.starts) FROM bell_schedule b WHERE b.site_id = s.id) AS bells
  FROM room r JOIN site s ON s.id = r.site_id JOIN organization o ON o.id = r.organization_id
  WHERE r.id = ANY ($1::bigint[]) ORDER BY r.id
]]

local TEACHERS = [[
  SELECT c.id, c.organization_id, c.state, c.contract_until, short_name(p) AS name, c.person_id
  FROM staff_resource c JOIN person p ON p.id = c.person_id WHERE c.id = ANY ($1::bigint[]) ORDER BY c.id
]]

local BELLS = [[
  SELECT b.pair_no, to_char(b.starts, 'HH24:MI') AS starts, to_char(b.ends, 'HH24:MI') AS ends,
    (extract(epoch FROM b.ends - b.starts) / 60)::int AS minutes, b.shift
  FROM bell_schedule b WHERE b.site_id = $1 ORDER BY b.starts
]]

-- Places where everybody is free: bells of the site ($10) over the days to come; the wished rooms, or another of the
-- same site and kind with enough seats ($11). $1 first day, $12 days, $13 limit. One probe a resource: see the booking index.
local FREE_SLOTS = WANTED .. [[
  , candidate AS (
    SELECT d::date AS held_on, b.starts, tstzrange((d::date + b.starts) AT TIME ZONE $4,
      (d::date + b.starts + make_interval(mins => $3::int)) AT TIME ZONE $4) AS during
    FROM study_group g -- days of the group only, from the wished one on
    CROSS JOIN LATERAL generate_series(greatest($1::date, g.starts_on),
      least(greatest($1::date, g.starts_on) + $12::int, g.ends_on), interval '1 day') AS d
    JOIN site s ON s.id = $10
    JOIN bell_schedule b ON b.site_id = s.id
    WHERE g.id = $5 AND is_working_day(d::date) AND b.starts + make_interval(mins => $3::int) <= s.closes
      AND (d::date + b.starts) AT TIME ZONE $4 > now() AND (d::date, b.starts) IS DISTINCT FROM ($1::date, $2::time)
  ), free AS (
    SELECT c.* FROM candidate c
    WHERE NOT EXISTS (
      SELECT FROM wanted w CROSS JOIN LATERAL (
        SELECT 1 FROM booking k WHERE k.resource_id = w.resource_id AND k.during && c.during
          AND k.exclusive AND k.state IN ('confirmed', 'in_use', 'finished') AND k.lesson_id IS DISTINCT FROM $9::bigint
        LIMIT 1) taken
      WHERE w.kind <> 'room')
    ORDER BY c.held_on, c.starts
  )
  SELECT f.held_on, to_char(f.starts, 'HH24:MI') AS starts, $3::int AS minutes, place.room_ids, place.rooms
  FROM free f
  CROSS JOIN LATERAL (
    SELECT array_agg(r.id ORDER BY r.id) AS room_ids, string_agg(r.name, ', ' ORDER BY r.id) AS rooms
    FROM (
      SELECT r.id, r.name FROM room r
      WHERE (cardinality($8::bigint[]) = 0 AND false OR r.id = ANY ($8::bigint[]) OR
             (cardinality($8::bigint[]) = 1 AND r.site_id = $10 AND r.state = 'active' AND r.seats >= $11::int
              AND r.kind = (SELECT kind FROM room WHERE id = ($8::bigint[])[1])))
        AND NOT EXISTS (SELECT FROM booking k WHERE k.resource_id = r.id AND k.during && f.during AND k.exclusive
                        AND k.state IN ('confirmed', 'in_use', 'finished') AND k.lesson_id IS DISTINCT FROM $9::bigint)
      ORDER BY r.id = ANY ($8::bigint[]) DESC, r.seats, r.id
      LIMIT greatest(cardinality($8::bigint[]), 1)
    ) r
  ) place
  WHERE cardinality($8::bigint[]) = 0 OR cardinality(place.room_ids) = cardinality($8::bigint[])
  LIMIT $13
]]

local LOCK = [[
  SELECT pg_advisory_xact_lock(resource_id) FROM (
    SELECT resource_id FROM (
      SELECT resource_id FROM study_group WHERE id = $1
      UNION SELECT resource_id FROM subgroup WHERE group_id = $1
      UNION SELECT person_resource(person_id) FROM staff_resource WHERE id = ANY ($2::bigint[])
      UNION SELECT unnest($3::bigint[])
      UNION SELECT p.resource_id FROM enrollment e JOIN person p ON p.id = e.person_id
        WHERE e.group_id = $1 AND p.resource_id IS NOT NULL
    ) needed ORDER BY resource_id OFFSET 0) ordered
]]

local INSERT = [[
  WITH made AS (
    INSERT INTO lesson (group_id, subgroup_id, module_id, site_id, kind, mode, held_on, starts, zone, minutes, academic_hours,
      topic, state, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    RETURNING id
  ), teachers AS (
    INSERT INTO lesson_teacher (lesson_id, staff_id) SELECT made.id, x FROM made, unnest($15::bigint[]) AS x
  ), rooms AS (
    INSERT INTO lesson_room (lesson_id, room_id, is_requested) SELECT made.id, x, x = ANY ($19::bigint[]) FROM made, unnest($16::bigint[]) AS x
  ), things AS (
    INSERT INTO lesson_equipment (lesson_id, equipment_id, qty)
    SELECT made.id, x.id, x.qty FROM made, unnest($17::bigint[], $18::int[]) AS x(id, qty)
  )
  SELECT id FROM made
]]

local LESSON = [[
  SELECT l.id, l.group_id, l.subgroup_id, l.module_id, l.site_id, l.kind, l.mode, l.held_on, to_char(l.starts, 'HH24:MI') AS starts,
    to_char(l.starts + make_interval(mins => l.minutes), 'HH24:MI') AS ends, l.zone, l.minutes, l.academic_hours, l.topic, l.homework,
    l.state, l.reason, l.signed_at, l.version, l.sequence, lower(l.during) AS starts_at, upper(l.during) AS ends_at,
    lower(l.during) <= now() AS has_begun, upper(l.during) <= now() AS has_ended,
    g.code AS group_code, g.organization_id, g.state AS group_state, o.short_name AS organization, p.title AS program,
    m.title AS module, s.name AS site, s.address,
    (SELECT array_agg(t.staff_id ORDER BY t.staff_id) FROM lesson_teacher t WHERE t.lesson_id = l.id) AS teacher_ids,
    (SELECT array_agg(c.person_id) FROM lesson_teacher t JOIN staff_resource c ON c.id = t.staff_id WHERE t.lesson_id = l.id)
      AS person_ids,
    (SELECT string_agg(short_name(tp), ', ' ORDER BY tp.last_name COLLATE ru) FROM lesson_teacher t
     JOIN staff_resource c ON c.id = t.staff_id JOIN person tp ON tp.id = c.person_id WHERE t.lesson_id = l.id) AS teachers,
    (SELECT array_agg(r.room_id ORDER BY r.room_id) FROM lesson_room r WHERE r.lesson_id = l.id) AS room_ids,
    (SELECT array_agg(q.equipment_id ORDER BY q.equipment_id) FROM lesson_equipment q WHERE q.lesson_id = l.id) AS equipment_ids,
    (SELECT array_agg(q.qty ORDER BY q.equipment_id) FROM lesson_equipment q WHERE q.lesson_id = l.id) AS equipment_qty,
    (SELECT string_agg(x.name, ', ' ORDER BY x.name COLLATE ru) FROM lesson_room r JOIN room x ON x.id = r.room_id
     WHERE r.lesson_id = l.id) AS rooms
  FROM lesson l
  JOIN study_group g ON g.id = l.group_id
  JOIN organization o ON o.id = g.organization_id
  JOIN program p ON p.id = g.program_id
  LEFT JOIN program_module m ON m.id = l.module_id
  LEFT JOIN site s ON s.id = l.site_id
]]

-- $1 … $2 days (both included), $3 whether plans that are not published yet are shown, $4 … whose: see WHOSE.
local WEEK = LESSON .. [[
  WHERE l.held_on BETWEEN $1 AND $2 AND l.state <> 'cancelled' AND ($3::boolean OR l.state <> 'planned')%s
  ORDER BY l.held_on, l.starts, l.id
  LIMIT 1000
]]

-- Filter → condition; each set of filters has a statement of its own. One statement for all, with "$4 IS NULL OR …", would
-- read every lesson of the region's week to find those of one learner.
local WHOSE = {
  { "group_id", "l.group_id = ?::bigint" },
  { "teacher_id", [[l.id IN (SELECT t.lesson_id FROM lesson_teacher t JOIN staff_resource c ON c.id = t.staff_id
      WHERE c.person_id = ?::bigint)]] },
  { "staff_id", [[l.id IN (SELECT t.lesson_id FROM staff_resource w JOIN staff_resource c ON c.person_id = w.person_id
      JOIN lesson_teacher t ON t.staff_id = c.id WHERE w.id = ?::bigint)]] },
  { "room_id", "l.id IN (SELECT r.lesson_id FROM lesson_room r WHERE r.room_id = ?::bigint)" },
  { "organization_id", "g.organization_id = ?::bigint" },
  { "program_id", "g.program_id = ?::bigint" },
  { "learner_id", [[l.group_id = ANY (ARRAY(SELECT e.group_id FROM enrollment e WHERE e.person_id = ?::bigint))
      AND EXISTS (SELECT FROM enrollment e WHERE e.group_id = l.group_id AND e.person_id = ?::bigint
        AND e.state NOT IN ('expelled', 'transferred') AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id))]] },
}

--- Conditions of these filters for a statement that has `taken` parameters already, and their values.
function store.whose(filter, taken)
  local conditions, values = {}, {}
  for _, known in ipairs(WHOSE) do
    local value = filter[known[1]]
    if value then
      values[#values + 1] = value
      conditions[#conditions + 1] = "\n    AND " .. known[2]:gsub("%?", "$" .. taken + #values)
    end
  end
  return table.concat(conditions), values
end

store.WANTED, store.LESSON = WANTED, LESSON -- for other statements about the same

local function proposal(p)
  return p.held_on, p.starts, p.minutes, p.zone, p.group_id, p.subgroup_id, p.teachers, p.rooms, p.lesson_id
end

--- Bookings that the proposal would overlap, with who is busy and where.
function store.clashes(p) return query.rows(CLASHES, proposal(p)) end

--- Counted equipment of which there would not be enough.
function store.shortages(p)
  return query.rows(SHORTAGES, p.held_on, p.starts, p.minutes, p.zone, p.equipment_ids, p.equipment_qty, p.lesson_id)
end

--- The group, the day and the module as the softer rules need them; nil when there is no such group.
function store.context(p) return query.row(CONTEXT, p.held_on, p.group_id, p.module_id, p.lesson_id) end
function store.rooms(ids) return query.rows(ROOMS, ids) end
function store.teachers(ids) return query.rows(TEACHERS, ids) end
function store.bells(site_id) return query.rows(BELLS, site_id) end
function store.site(id) return query.row("SELECT id, name, zone, opens, closes, works_saturday FROM site WHERE id = $1", id) end

--- Up to `limit` places in the next `days` days where all could meet, nearest first.
function store.free_slots(p, site_id, seats, days, limit)
  local a, b, c, d, e, f, g, h, i = proposal(p)
  return query.rows(FREE_SLOTS, a, b, c, d, e, f, g, h, i, site_id, seats, days, limit)
end

--- Locks the resources of the proposal in ascending order until the end of the transaction.
function store.lock_resources(p) query.rows(LOCK, p.group_id, p.teachers, p.rooms) end

--- Refused by booking_overlap or slot_use_capacity when somebody was faster.
function store.insert(p, user_id)
  return query.row(INSERT, p.group_id, p.subgroup_id, p.module_id, p.site_id, p.kind, p.mode, p.held_on, p.starts, p.zone,
    p.minutes, p.academic_hours, p.topic or "", p.publish and "published" or "planned", user_id, p.teachers, p.rooms,
    p.equipment_ids, p.equipment_qty, db.array(p.requested_ids or {}))
end

function store.find(id) return query.row(LESSON .. " WHERE l.id = $1", id) end
function store.lock(id) return query.row(LESSON .. " WHERE l.id = $1 FOR UPDATE OF l", id) end

function store.save_state(id, state, reason, user_id)
  return query.exec([[
    UPDATE lesson SET state = $2, reason = coalesce($3, reason), sequence = sequence + 1, updated_by = $4,
      signed_at = CASE WHEN $2 = 'signed' THEN now() WHEN $2 = 'held' THEN NULL ELSE signed_at END,
      signed_by = CASE WHEN $2 = 'signed' THEN $4 WHEN $2 = 'held' THEN NULL ELSE signed_by END
    WHERE id = $1
  ]], id, state, reason, user_id)
end

function store.keep_history(id, reason, user_id)
  return query.exec([[
    INSERT INTO lesson_history (lesson_id, held_on, starts, minutes, teachers, rooms, reason, moved_by)
    SELECT l.id, l.held_on, l.starts, l.minutes,
      coalesce((SELECT array_agg(staff_id) FROM lesson_teacher WHERE lesson_id = l.id), '{}'),
      coalesce((SELECT array_agg(room_id) FROM lesson_room WHERE lesson_id = l.id), '{}'), $2, $3
    FROM lesson l WHERE l.id = $1
  ]], id, reason, user_id)
end

--- Moves a lesson in one statement, so that its bookings are judged once, at its new place.
function store.move(id, p, user_id)
  return query.exec([[
    WITH gone_teachers AS (
      DELETE FROM lesson_teacher WHERE lesson_id = $1 AND staff_id <> ALL ($8::bigint[])
    ), new_teachers AS (
      INSERT INTO lesson_teacher (lesson_id, staff_id) SELECT $1, x FROM unnest($8::bigint[]) AS x ON CONFLICT DO NOTHING
    ), gone_rooms AS (
      DELETE FROM lesson_room WHERE lesson_id = $1 AND room_id <> ALL ($9::bigint[])
    ), new_rooms AS (
      INSERT INTO lesson_room (lesson_id, room_id, is_requested) SELECT $1, x, x = ANY ($11::bigint[]) FROM unnest($9::bigint[]) AS x
      ON CONFLICT (lesson_id, room_id) DO UPDATE SET is_requested = excluded.is_requested WHERE lesson_room.is_requested IS DISTINCT FROM excluded.is_requested
    )
    UPDATE lesson SET held_on = $2, starts = $3, minutes = $4, academic_hours = $5, zone = $6, site_id = $7,
      sequence = sequence + 1, updated_by = $10
    WHERE id = $1
  ]], id, p.held_on, p.starts, p.minutes, p.academic_hours, p.zone, p.site_id, p.teachers, p.rooms, user_id,
    db.array(p.requested_ids or {}))
end

function store.week(from, to, filter)
  local conditions, values = store.whose(filter, 3)
  return query.rows(WEEK:format(conditions), from, to, filter.with_plans or false, table.unpack(values))
end

--- Lists for the form of a lesson of this group; rooms of others, which can be asked for, come last.
function store.form_rooms(organization_id, with_others)
  return query.rows([[
    SELECT r.id, r.name, r.number, r.seats, s.name AS site, o.short_name AS organization
    FROM room r JOIN site s ON s.id = r.site_id JOIN organization o ON o.id = r.organization_id
    WHERE r.state = 'active' AND ($1::bigint IS NULL OR r.organization_id = $1 OR $2::boolean)
    ORDER BY r.organization_id IS NOT DISTINCT FROM $1 DESC, o.short_name COLLATE ru, s.name COLLATE ru, r.number LIMIT 2000
  ]], organization_id, with_others or false)
end

function store.form_teachers(organization_id)
  return query.rows([[
    SELECT c.id, full_name(p) AS name, o.short_name AS organization FROM staff_resource c
    JOIN person p ON p.id = c.person_id JOIN organization o ON o.id = c.organization_id
    WHERE c.state = 'active' AND ($1::bigint IS NULL OR c.organization_id = $1)
    ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru LIMIT 2000
  ]], organization_id)
end

function store.form_modules(group_id)
  return query.rows([[
    SELECT m.id, m.code, m.title, m.hours_total - m.hours_self AS hours,
      coalesce((SELECT sum(academic_hours) FROM lesson l WHERE l.module_id = m.id AND l.group_id = g.id AND l.state <> 'cancelled'), 0)
        AS planned
    FROM study_group g JOIN program_module m ON m.version_id = g.version_id WHERE g.id = $1 ORDER BY m.position
  ]], group_id)
end

function store.subgroups(group_id)
  return query.rows("SELECT id, name FROM subgroup WHERE group_id = $1 ORDER BY name", group_id)
end

function store.choices(organization_id)
  return query.rows([[
    SELECT id, code, organization_id FROM study_group
    WHERE state IN ('recruiting', 'formed', 'studying', 'attestation') AND ($1::bigint IS NULL OR organization_id = $1)
    ORDER BY code COLLATE ru LIMIT 1000
  ]], organization_id)
end

--- Rooms of a lesson that their owners have not confirmed yet: {id, room_id}.
function store.requests(id)
  return query.rows("SELECT k.id, k.resource_id AS room_id FROM booking k WHERE k.lesson_id = $1 AND k.state = 'requested'", id)
end

function store.name_asker(booking_id, user_id, organization_id)
  return query.exec("UPDATE booking SET requested_by = $2, organization_id = $3 WHERE id = $1", booking_id, user_id, organization_id)
end

function store.unmarked(id)
  return query.row([[
    SELECT count(*) AS n FROM lesson l JOIN enrollment e ON e.group_id = l.group_id
    WHERE l.id = $1 AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)
      AND e.enrolled_on <= l.held_on AND (e.left_on IS NULL OR e.left_on > l.held_on)
      AND NOT EXISTS (SELECT FROM attendance a WHERE a.lesson_id = l.id AND a.enrollment_id = e.id)
  ]], id).n
end

--- Published lessons whose end has come: they become held by themselves.
function store.due(limit)
  return query.rows("SELECT id FROM lesson WHERE state = 'published' AND held_on <= current_date + 1 AND upper(during) <= now() ORDER BY id LIMIT $1", limit)
end

--- Lessons of a calendar: what a person teaches and learns, a month back and half a year ahead.
function store.calendar(person_id)
  return query.rows(LESSON .. [[
    WHERE l.held_on BETWEEN current_date - 31 AND current_date + 183 AND l.state <> 'planned'
      AND (EXISTS (SELECT FROM lesson_teacher t JOIN staff_resource c ON c.id = t.staff_id
                   WHERE t.lesson_id = l.id AND c.person_id = $1)
        OR EXISTS (SELECT FROM enrollment e WHERE e.group_id = l.group_id AND e.person_id = $1
                   AND e.state NOT IN ('expelled', 'transferred') AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)))
    ORDER BY l.held_on, l.starts LIMIT 2000
  ]], person_id)
end

function store.calendar_owner(token)
  return query.row("SELECT f.user_id, p.id AS person_id FROM calendar_feed f JOIN person p ON p.user_id = f.user_id WHERE f.token = $1", token)
end

--- The calendar address of a user, made at first need.
function store.calendar_token(user_id, fresh)
  query.exec("INSERT INTO calendar_feed (user_id, token) VALUES ($1, $2) ON CONFLICT DO NOTHING", user_id, fresh)
  return query.row("SELECT token FROM calendar_feed WHERE user_id = $1", user_id).token
end

return store
