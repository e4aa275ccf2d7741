--- SQL of changes to the plan: the draft of a dispatcher, what was made at once, locks.
local query = require("kit.query")
local base = require("domain.lessons.store")
local store = {}

-- Resources of all lessons of a change, in ascending order: $1 groups, $2 staff cards, $3 rooms.
local LOCK = [[
  SELECT pg_advisory_xact_lock(resource_id) FROM (
    SELECT resource_id FROM (
      SELECT resource_id FROM study_group WHERE id = ANY ($1::bigint[])
      UNION SELECT resource_id FROM subgroup WHERE group_id = ANY ($1::bigint[])
      UNION SELECT person_resource(person_id) FROM staff_resource WHERE id = ANY ($2::bigint[])
      UNION SELECT unnest($3::bigint[])
      UNION SELECT p.resource_id FROM enrollment e JOIN person p ON p.id = e.person_id
        WHERE e.group_id = ANY ($1::bigint[]) AND p.resource_id IS NOT NULL
    ) needed ORDER BY resource_id OFFSET 0) ordered
]]

function store.lock_resources(group_ids, staff_ids, room_ids) query.rows(LOCK, group_ids, staff_ids, room_ids) end

--- Lessons by key, locked in order after their resources.
function store.lock_lessons(ids) return query.rows(base.LESSON .. " WHERE l.id = ANY ($1::bigint[]) ORDER BY l.id FOR UPDATE OF l", ids) end
function store.find_lessons(ids) return query.rows(base.LESSON .. " WHERE l.id = ANY ($1::bigint[]) ORDER BY l.id", ids) end

--- Lifts lessons from the table before they are laid anew, so that two may change places. Inside a transaction only.
function store.lift(ids) return query.exec("DELETE FROM booking WHERE lesson_id = ANY ($1::bigint[])", ids) end

--- Puts a lifted lesson back where it is.
function store.lay(id) return query.rows("SELECT lesson_rebook($1)", id) end

function store.commit(user_id, title) return query.row("INSERT INTO plan_commit (user_id, title) VALUES ($1, $2) RETURNING id", user_id, title).id end

function store.commit_item(commit_id, lesson_id, kind, before)
  return query.exec([[
    INSERT INTO plan_commit_item (commit_id, lesson_id, kind, before, version) SELECT $1, l.id, $3, $4::jsonb, l.version FROM lesson l WHERE l.id = $2
    ON CONFLICT (commit_id, lesson_id) DO UPDATE SET version = excluded.version
  ]], commit_id, lesson_id, kind, before)
end

--- The last changes of a user, newest first.
function store.commits(user_id, before_id, limit)
  return query.rows([[
    SELECT c.id, c.title, c.made_at, c.undone_at, count(i.lesson_id) AS lessons, coalesce(bool_or(i.kind = 'cancel'), false) AS has_cancel,
      coalesce(bool_or(l.version <> i.version), false) AS is_touched
    FROM plan_commit c LEFT JOIN plan_commit_item i ON i.commit_id = c.id LEFT JOIN lesson l ON l.id = i.lesson_id
    WHERE c.user_id = $1 AND ($2::bigint IS NULL OR c.id < $2) GROUP BY c.id ORDER BY c.id DESC LIMIT $3
  ]], user_id, before_id, limit)
end

function store.lock_commit(id) return query.row("SELECT id, user_id, title, undone_at FROM plan_commit WHERE id = $1 FOR UPDATE", id) end

function store.commit_items(id)
  return query.rows([[
    SELECT i.lesson_id, i.kind, i.version, l.version AS version_now, l.state, i.before->>'held_on' AS held_on, i.before->>'starts' AS starts,
      (i.before->>'minutes')::int AS minutes, ARRAY(SELECT jsonb_array_elements_text(i.before->'room_ids')::bigint) AS room_ids,
      ARRAY(SELECT jsonb_array_elements_text(i.before->'teacher_ids')::bigint) AS teacher_ids
    FROM plan_commit_item i JOIN lesson l ON l.id = i.lesson_id WHERE i.commit_id = $1 ORDER BY i.lesson_id
  ]], id)
end

function store.mark_undone(id) return query.exec("UPDATE plan_commit SET undone_at = now() WHERE id = $1", id) end

--- A lesson that nobody but its makers has seen.
function store.delete_planned(id) return query.exec("DELETE FROM lesson WHERE id = $1 AND state = 'planned'", id) end

-- The draft.
function store.draft(user_id)
  return query.rows([[
    SELECT c.id, c.lesson_id, c.kind, c.held_on, to_char(c.starts, 'HH24:MI') AS starts, c.minutes, c.room_ids, c.teacher_ids, c.base_version AS version
    FROM plan_change c WHERE c.user_id = $1 ORDER BY c.id
  ]], user_id)
end

function store.count_draft(user_id) return query.row("SELECT count(*) AS n FROM plan_change WHERE user_id = $1", user_id).n end

function store.put_draft(user_id, c)
  return query.row([[
    INSERT INTO plan_change (user_id, lesson_id, kind, held_on, starts, minutes, room_ids, teacher_ids, base_version)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (user_id, lesson_id) WHERE kind <> 'copy' DO UPDATE SET kind = excluded.kind, held_on = excluded.held_on, starts = excluded.starts,
      minutes = excluded.minutes, room_ids = excluded.room_ids, teacher_ids = excluded.teacher_ids, base_version = excluded.base_version
    RETURNING id
  ]], user_id, c.lesson_id, c.kind, c.held_on, c.starts, c.minutes, c.room_ids, c.teacher_ids, c.version)
end

function store.drop_draft(user_id, id) return query.exec("DELETE FROM plan_change WHERE user_id = $1 AND ($2::bigint IS NULL OR id = $2)", user_id, id) end

--- How many people learn and teach in these lessons.
function store.touched(ids)
  return query.row([[
    SELECT count(DISTINCT e.person_id) AS learners, (SELECT count(DISTINCT c.person_id) FROM lesson_teacher t JOIN staff_resource c ON c.id = t.staff_id
      WHERE t.lesson_id = ANY ($1::bigint[])) AS teachers
    FROM lesson l JOIN enrollment e ON e.group_id = l.group_id AND e.state NOT IN ('expelled', 'transferred', 'graduated')
      AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)
    WHERE l.id = ANY ($1::bigint[])
  ]], ids)
end

-- Locks.
function store.put_lock(k, user_id)
  return query.row([[
    INSERT INTO plan_lock (organization_id, lesson_id, group_id, staff_id, day, reason, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT DO NOTHING RETURNING id
  ]], k.organization_id, k.lesson_id, k.group_id, k.staff_id, k.day, k.reason or "", user_id)
end

function store.locks(organization_id, limit)
  return query.rows([[
    SELECT k.id, k.organization_id, k.lesson_id, k.group_id, k.staff_id, k.day, k.reason, k.created_at, g.code AS group_code, o.short_name AS organization,
      short_name(tp) AS teacher, short_name(a) AS who, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, lg.code AS lesson_group
    FROM plan_lock k JOIN organization o ON o.id = k.organization_id LEFT JOIN study_group g ON g.id = k.group_id
    LEFT JOIN staff_resource c ON c.id = k.staff_id LEFT JOIN person tp ON tp.id = c.person_id LEFT JOIN person a ON a.user_id = k.created_by
    LEFT JOIN lesson l ON l.id = k.lesson_id LEFT JOIN study_group lg ON lg.id = l.group_id
    WHERE $1::bigint IS NULL OR k.organization_id = $1 ORDER BY k.id DESC LIMIT $2
  ]], organization_id, limit)
end

function store.find_lock(id) return query.row("SELECT id, organization_id, lesson_id, group_id, staff_id, day FROM plan_lock WHERE id = $1", id) end
function store.drop_lock(id) return query.exec("DELETE FROM plan_lock WHERE id = $1", id) end

return store
