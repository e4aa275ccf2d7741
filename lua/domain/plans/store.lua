--- SQL of drafts of the timetable: making, showing, publishing.
local query = require("kit.query")
local store = {}

local FOUND = [[
  SELECT p.id, p.kind, p.title, p.organization_id, p.params, p.state, p.progress, p.stop_asked, p.result, p.job_id, p.version, p.created_at,
    p.published_at, o.short_name AS organization, short_name(q) AS author,
    (SELECT count(*) FROM schedule_plan_item i WHERE i.plan_id = p.id) AS lessons
  FROM schedule_plan p LEFT JOIN organization o ON o.id = p.organization_id LEFT JOIN person q ON q.user_id = p.created_by
]]

local ITEMS = [[
  SELECT i.id, i.lesson_id, i.held_on, to_char(i.starts, 'HH24:MI') AS starts, i.minutes, i.academic_hours, i.kind, i.group_id, i.module_id, i.staff_id, i.room_id,
    g.code AS group_code, m.title AS module, short_name(q) AS teacher, r.name AS room, i.was_held_on, to_char(i.was_starts, 'HH24:MI') AS was_starts,
    w.name AS was_room
  FROM schedule_plan_item i JOIN study_group g ON g.id = i.group_id LEFT JOIN program_module m ON m.id = i.module_id
  LEFT JOIN staff_resource c ON c.id = i.staff_id LEFT JOIN person q ON q.id = c.person_id LEFT JOIN room r ON r.id = i.room_id
  LEFT JOIN room w ON w.id = i.was_room_id
  WHERE i.plan_id = $1 AND (i.held_on, i.starts, i.id) > ($2::date, $3::time, $4::bigint)
  ORDER BY i.held_on, i.starts, i.id LIMIT $5
]]

-- What the lessons of a plan need that is exclusive.
local NEEDS = [[
  WITH item AS (
    SELECT i.*, tstzrange((held_on + starts) AT TIME ZONE zone, (held_on + starts + make_interval(mins => minutes)) AT TIME ZONE zone) AS during
    FROM schedule_plan_item i WHERE plan_id = $1
  ), needs AS (
    SELECT item.id, g.resource_id, 'Группа ' || g.code || ' занята' AS who FROM item JOIN study_group g ON g.id = item.group_id WHERE item.subgroup_id IS NULL
    UNION
    SELECT item.id, s.resource_id, 'Подгруппа ' || s.name || ' занята' FROM item JOIN subgroup s ON s.group_id = item.group_id
      AND (item.subgroup_id IS NULL OR s.id = item.subgroup_id)
    UNION
    SELECT item.id, p.resource_id, 'Преподаватель ' || short_name(p) || ' занят' FROM item JOIN staff_resource c ON c.id = item.staff_id
      JOIN person p ON p.id = c.person_id WHERE p.resource_id IS NOT NULL
    UNION
    SELECT item.id, r.id, 'Помещение «' || r.name || '» занято' FROM item JOIN room r ON r.id = item.room_id JOIN resource x ON x.id = r.id AND x.exclusive
    UNION
    SELECT item.id, p.resource_id, 'Слушатель ' || short_name(p) || ' занят' FROM item JOIN enrollment e ON e.group_id = item.group_id
      AND e.state NOT IN ('expelled', 'transferred', 'graduated') AND (item.subgroup_id IS NULL OR e.subgroup_id IS NULL OR e.subgroup_id = item.subgroup_id)
      JOIN person p ON p.id = e.person_id WHERE p.resource_id IS NOT NULL
  )
]]
local LOCK = NEEDS .. [[
  SELECT count(pg_advisory_xact_lock(resource_id)) FROM (SELECT DISTINCT resource_id FROM needs ORDER BY resource_id OFFSET 0) ordered
]]
local CLASHES = NEEDS .. [[
  SELECT item.held_on, to_char(item.starts, 'HH24:MI') AS starts, g.code AS group_code, n.who, coalesce(lg.code, nullif(b.note, ''), 'бронь') AS other
  FROM needs n JOIN item ON item.id = n.id JOIN study_group g ON g.id = item.group_id
  CROSS JOIN LATERAL (
    SELECT k.lesson_id, k.note FROM booking k WHERE k.resource_id = n.resource_id AND k.during && item.during AND k.exclusive
      AND k.state IN ('confirmed', 'in_use', 'finished')
      AND (k.lesson_id IS NULL OR k.lesson_id NOT IN (SELECT lesson_id FROM item WHERE lesson_id IS NOT NULL)) LIMIT 1) b
  LEFT JOIN lesson l ON l.id = b.lesson_id LEFT JOIN study_group lg ON lg.id = l.group_id
  ORDER BY item.held_on, item.starts, n.who LIMIT $2
]]
local MOVED_ON = [[
  SELECT i.was_held_on AS held_on, to_char(i.was_starts, 'HH24:MI') AS starts, g.code AS group_code, l.state
  FROM schedule_plan_item i JOIN study_group g ON g.id = i.group_id LEFT JOIN lesson l ON l.id = i.lesson_id
  WHERE i.plan_id = $1 AND i.lesson_version IS NOT NULL AND (l.id IS NULL OR l.version <> i.lesson_version
    OR l.state NOT IN ('planned', 'published') OR (lesson_lock(l)).id IS NOT NULL)
  ORDER BY i.was_held_on, i.was_starts LIMIT $2
]]
local OVER_HOURS = [[
  SELECT g.code AS group_code, m.title, m.hours_total - m.hours_self AS hours, have.hours AS planned, new.hours AS added
  FROM (SELECT group_id, module_id, sum(academic_hours)::int AS hours FROM schedule_plan_item WHERE plan_id = $1 AND lesson_version IS NULL GROUP BY 1, 2) new
  JOIN study_group g ON g.id = new.group_id JOIN program_module m ON m.id = new.module_id
  CROSS JOIN LATERAL (SELECT coalesce(sum(academic_hours), 0)::int AS hours FROM lesson l WHERE l.group_id = new.group_id AND l.module_id = new.module_id
    AND l.state <> 'cancelled') have
  WHERE have.hours + new.hours > m.hours_total - m.hours_self LIMIT $2
]]

-- The keys are drawn first, so that lesson, teacher and room are made by one statement.
local MAKE = [[
  WITH fresh AS MATERIALIZED (
    SELECT i.*, nextval(pg_get_serial_sequence('lesson', 'id')) AS made_id FROM schedule_plan_item i
    WHERE i.plan_id = $1 AND i.lesson_id IS NULL ORDER BY i.held_on, i.starts, i.id
  ), made AS (
    INSERT INTO lesson (id, group_id, subgroup_id, module_id, site_id, kind, mode, held_on, starts, zone, minutes, academic_hours, state, created_by)
    OVERRIDING SYSTEM VALUE
    SELECT made_id, group_id, subgroup_id, module_id, site_id, kind, mode, held_on, starts, zone, minutes, academic_hours, $2, $3 FROM fresh
  ), teachers AS (
    INSERT INTO lesson_teacher (lesson_id, staff_id) SELECT made_id, staff_id FROM fresh WHERE staff_id IS NOT NULL
  ), rooms AS (
    INSERT INTO lesson_room (lesson_id, room_id) SELECT made_id, room_id FROM fresh WHERE room_id IS NOT NULL
  )
  UPDATE schedule_plan_item i SET lesson_id = fresh.made_id FROM fresh WHERE i.id = fresh.id
]]
local KEEP_HISTORY = [[
  INSERT INTO lesson_history (lesson_id, held_on, starts, minutes, teachers, rooms, reason, moved_by)
  SELECT l.id, l.held_on, l.starts, l.minutes, coalesce((SELECT array_agg(staff_id) FROM lesson_teacher WHERE lesson_id = l.id), '{}'),
    coalesce((SELECT array_agg(room_id) FROM lesson_room WHERE lesson_id = l.id), '{}'), $2, $3
  FROM schedule_plan_item i JOIN lesson l ON l.id = i.lesson_id WHERE i.plan_id = $1 AND i.lesson_version IS NOT NULL
]]
local MOVE = [[
  WITH moved AS (SELECT * FROM schedule_plan_item WHERE plan_id = $1 AND lesson_version IS NOT NULL),
  gone AS (
    DELETE FROM lesson_room r USING moved WHERE r.lesson_id = moved.lesson_id AND r.room_id IS DISTINCT FROM moved.room_id
  ), fresh AS (
    INSERT INTO lesson_room (lesson_id, room_id) SELECT lesson_id, room_id FROM moved WHERE room_id IS NOT NULL ON CONFLICT DO NOTHING
  )
  UPDATE lesson l SET held_on = moved.held_on, starts = moved.starts, zone = moved.zone, site_id = moved.site_id, sequence = l.sequence + 1, updated_by = $2
  FROM moved WHERE l.id = moved.lesson_id
  RETURNING l.id, l.state, moved.was_held_on, to_char(moved.was_starts, 'HH24:MI') AS was_starts
]]

function store.clean()
  return query.exec("DELETE FROM schedule_plan WHERE state IN ('discarded', 'impossible', 'failed') AND updated_at < now() - interval '30 days'")
end

function store.insert(plan, user_id)
  return query.row([[
    INSERT INTO schedule_plan (kind, title, organization_id, params, created_by) VALUES ($1, $2, $3, $4, $5) RETURNING id
  ]], plan.kind, plan.title, plan.organization_id, plan.params, user_id)
end

function store.set_job(id, job_id) return query.exec("UPDATE schedule_plan SET job_id = $2 WHERE id = $1", id, job_id) end
function store.find(id) return query.row(FOUND .. " WHERE p.id = $1", id) end
function store.lock(id) return query.row("SELECT id, state, version FROM schedule_plan WHERE id = $1 FOR UPDATE", id) end

function store.list(organization_id, before, limit)
  return query.rows(FOUND .. " WHERE p.state <> 'discarded' AND ($1::bigint IS NULL OR p.organization_id = $1) AND p.id < $2 ORDER BY p.id DESC LIMIT $3",
    organization_id, before, limit)
end

--- Moves a plan on, when it is in one of the states; nil: it is not any more.
function store.advance(id, from, to, user_id)
  return query.row([[
    UPDATE schedule_plan SET state = $3, version = version + 1, updated_at = now(), updated_by = coalesce($4, updated_by),
      published_at = CASE WHEN $3 = 'published' THEN now() END
    WHERE id = $1 AND state = ANY ($2::text[]) RETURNING id
  ]], id, from, to, user_id)
end

function store.ask_stop(id) return query.row("UPDATE schedule_plan SET stop_asked = true WHERE id = $1 AND state IN ('queued', 'solving') RETURNING id", id) end
function store.is_stop_asked(id) return (query.row("SELECT stop_asked FROM schedule_plan WHERE id = $1", id) or { stop_asked = true }).stop_asked end
function store.save_progress(id, progress) return query.exec("UPDATE schedule_plan SET progress = $2, updated_at = now() WHERE id = $1", id, progress) end

function store.save_result(id, state, result)
  return query.row([[
    UPDATE schedule_plan SET state = $2, result = $3, version = version + 1, updated_at = now() WHERE id = $1 AND state IN ('queued', 'solving') RETURNING id
  ]], id, state, result)
end

--- All lessons of a draft in one statement; `rows` is JSON.
function store.save_items(plan_id, rows)
  query.exec("DELETE FROM schedule_plan_item WHERE plan_id = $1", plan_id)
  return query.exec([[
    INSERT INTO schedule_plan_item (plan_id, lesson_id, lesson_version, group_id, subgroup_id, module_id, kind, mode, staff_id, room_id, site_id, held_on,
      starts, zone, minutes, academic_hours, was_held_on, was_starts, was_room_id)
    SELECT $1, lesson_id, lesson_version, group_id, subgroup_id, module_id, kind, mode, staff_id, room_id, site_id, held_on, starts, zone, minutes,
      academic_hours, was_held_on, was_starts, was_room_id
    FROM json_to_recordset($2::json) AS x(lesson_id bigint, lesson_version int, group_id bigint, subgroup_id bigint, module_id bigint, kind text, mode text,
      staff_id bigint, room_id bigint, site_id bigint, held_on date, starts time, zone text, minutes int, academic_hours int, was_held_on date,
      was_starts time, was_room_id bigint)
  ]], plan_id, rows)
end

function store.items(plan_id, after, limit)
  return query.rows(ITEMS, plan_id, after and after.held_on or "0001-01-01", after and after.starts or "00:00", after and after.id or 0, limit)
end

--- Under the locks of all that is needed: what has come into the way since the draft was made.
function store.lock_resources(id) return query.rows(LOCK, id) end
function store.clashes(id, limit) return query.rows(CLASHES, id, limit) end
function store.moved_on(id, limit) return query.rows(MOVED_ON, id, limit) end
function store.over_hours(id, limit) return query.rows(OVER_HOURS, id, limit) end

--- Two lessons may change places: the overlap is judged when all of them have moved.
function store.defer_overlaps() return query.exec("SET CONSTRAINTS booking_overlap DEFERRED") end
function store.judge_overlaps() return query.exec("SET CONSTRAINTS booking_overlap IMMEDIATE") end
function store.make(id, state, user_id) return query.exec(MAKE, id, state, user_id) end
function store.keep_history(id, reason, user_id) return query.exec(KEEP_HISTORY, id, reason, user_id) end
function store.move(id, user_id) return query.rows(MOVE, id, user_id) end
function store.range(id) return query.row("SELECT min(held_on) AS first, max(held_on) AS last FROM schedule_plan_item WHERE plan_id = $1", id) end

return store
