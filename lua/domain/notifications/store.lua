--- SQL of notifications: whom, how, and what an event is about.
local db = require("core.db")
local query = require("kit.query")
local store = {}

-- ---- the list of a person

local COLUMNS = "id, kind, title, text, link, created_at, read_at"

-- $1 user, $2 kind or NULL, $3 unread only, $4 id before which, $5 limit.
local LIST = "SELECT " .. COLUMNS .. [[ FROM notification
  WHERE user_id = $1 AND in_page AND ($2::text IS NULL OR kind = $2) AND (NOT $3::boolean OR read_at IS NULL)
    AND ($4::bigint IS NULL OR id < $4) ORDER BY id DESC LIMIT $5 ]]

local UNREAD = [[
  SELECT count(*) AS n FROM (SELECT FROM notification WHERE user_id = $1 AND in_page AND read_at IS NULL LIMIT 100) found
]]

function store.list(user_id, kind, unread, before, limit) return query.rows(LIST, user_id, kind, unread, before, limit) end
function store.unread(user_id) return query.row(UNREAD, user_id).n end
function store.mark(user_id, id)
  return query.row([[
    UPDATE notification SET read_at = coalesce(read_at, now()) WHERE user_id = $1 AND id = $2 AND in_page RETURNING link
  ]], user_id, id)
end
--- All up to the one that the person saw last: what came meanwhile stays new.
function store.mark_all(user_id, last_id)
  return query.exec("UPDATE notification SET read_at = now() WHERE user_id = $1 AND in_page AND read_at IS NULL AND id <= $2", user_id, last_id)
end
function store.forget() return query.exec("DELETE FROM notification WHERE created_at < now() - interval '180 days'") end

-- ---- choices

function store.setting(user_id)
  return query.row([[
    SELECT zone, to_char(digest_at, 'HH24:MI') AS digest_at, to_char(quiet_from, 'HH24:MI') AS quiet_from,
      to_char(quiet_to, 'HH24:MI') AS quiet_to FROM notification_setting WHERE user_id = $1
  ]], user_id)
end
function store.choices(user_id) return query.rows("SELECT kind, page, mail FROM notification_choice WHERE user_id = $1", user_id) end
function store.save_setting(user_id, zone, digest_at, quiet_from, quiet_to)
  return query.exec([[
    INSERT INTO notification_setting (user_id, zone, digest_at, quiet_from, quiet_to) VALUES ($1, $2, $3::time, $4::time, $5::time)
    ON CONFLICT (user_id) DO UPDATE SET zone = excluded.zone, digest_at = excluded.digest_at, quiet_from = excluded.quiet_from,
      quiet_to = excluded.quiet_to
  ]], user_id, zone, digest_at, quiet_from, quiet_to)
end
function store.save_choice(user_id, kind, page, mail)
  return query.exec([[
    INSERT INTO notification_choice (user_id, kind, page, mail) VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id, kind) DO UPDATE SET page = excluded.page, mail = excluded.mail
  ]], user_id, kind, page, mail)
end
function store.owner_of(stop_token)
  return query.row("SELECT user_id FROM notification_setting WHERE stop_token = $1::uuid", stop_token)
end

-- ---- telling

-- The live accounts among $1 with what they chose for the kind $2; $3 is the zone of those who chose none.
local RECIPIENTS = [[
  SELECT u.id, u.email, c.page, c.mail, s.stop_token, next_local_time(s.digest_at, s.zone, now()) AS digest_at, quiet_until(s, now()) AS quiet_until
  FROM user_account u
  JOIN notification_setting s ON s.user_id = u.id
  LEFT JOIN notification_choice c ON c.user_id = u.id AND c.kind = $2
  WHERE u.id = ANY ($1::bigint[]) AND u.state IN ('active', 'locked') ORDER BY u.id
]]
local MAKE_SETTINGS = [[
  INSERT INTO notification_setting (user_id, zone) SELECT id, $2 FROM user_account WHERE id = ANY ($1::bigint[])
  ON CONFLICT (user_id) DO NOTHING
]]
local INSERT = [[
  INSERT INTO notification (user_id, kind, title, text, link, key, in_page, mail, mail_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (user_id, key) DO NOTHING RETURNING id
]]

function store.recipients(user_ids, kind, zone)
  query.exec(MAKE_SETTINGS, user_ids, zone)
  return query.rows(RECIPIENTS, user_ids, kind)
end
--- nil when this person has been told before.
function store.insert(n)
  return query.row(INSERT, n.user_id, n.kind, n.title, n.text, n.link, n.key, n.in_page, n.mail, n.mail_at)
end

--- People whose digest is due.
function store.due_digests(limit)
  return query.rows("SELECT DISTINCT user_id FROM notification WHERE mail = 'digest' AND mail_at <= now() LIMIT $1", limit)
end
--- Takes the lines of a digest: each goes into one letter. Those that were read meanwhile are left out.
function store.take_digest(user_id)
  return query.rows([[
    WITH due AS (SELECT id FROM notification WHERE user_id = $1 AND mail = 'digest' AND mail_at <= now() FOR UPDATE SKIP LOCKED),
      taken AS (UPDATE notification SET mail = 'sent', mail_at = NULL WHERE id IN (SELECT id FROM due) RETURNING *)
    SELECT t.id, t.title, t.text, t.link, t.created_at, u.email, s.stop_token, quiet_until(s, now()) AS quiet_until
    FROM taken t JOIN user_account u ON u.id = t.user_id JOIN notification_setting s ON s.user_id = t.user_id
    WHERE t.read_at IS NULL AND u.state IN ('active', 'locked') ORDER BY t.id
  ]], user_id)
end

-- ---- what events are about

function store.partners(organization_id)
  return query.rows([[
    SELECT DISTINCT user_id AS id FROM role_grant WHERE organization_id = $1 AND role = 'partner'
      AND valid_from <= current_date AND (valid_to IS NULL OR valid_to >= current_date)
  ]], organization_id)
end
--- Accounts that work for an organisation.
function store.members(organization_id)
  return query.rows([[
    SELECT DISTINCT user_id AS id FROM role_grant WHERE organization_id = $1 AND role IN ('partner', 'customer')
      AND valid_from <= current_date AND (valid_to IS NULL OR valid_to >= current_date)
  ]], organization_id)
end
function store.organization(id) return query.row("SELECT id, short_name FROM organization WHERE id = $1", id) end
function store.signers()
  return query.rows([[
    SELECT DISTINCT user_id AS id FROM role_grant WHERE 'director' = ANY (sets)
      AND valid_from <= current_date AND (valid_to IS NULL OR valid_to >= current_date)
  ]])
end
function store.holders_of_role(role)
  return query.rows([[
    SELECT DISTINCT user_id AS id FROM role_grant WHERE role = $1 AND valid_from <= current_date AND (valid_to IS NULL OR valid_to >= current_date)
  ]], role)
end
function store.order(id)
  return query.row("SELECT public_id, title, effective_on, reason, created_by FROM order_doc WHERE id = $1", id)
end
function store.lesson(id)
  return query.row([[
    SELECT l.id, l.group_id, l.subgroup_id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, coalesce(m.title, p.title) AS title, g.code AS group_code
    FROM lesson l JOIN study_group g ON g.id = l.group_id JOIN program p ON p.id = g.program_id LEFT JOIN program_module m ON m.id = l.module_id
    WHERE l.id = $1
  ]], id)
end
--- Accounts of those who learn and teach there.
---@param before integer[]? staff cards of teachers it was taken from
function store.participants(lesson_id, before)
  return query.rows([[
    SELECT DISTINCT pe.user_id AS id FROM lesson l
    JOIN enrollment e ON e.group_id = l.group_id AND e.state NOT IN ('expelled', 'transferred', 'graduated')
      AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)
    JOIN person pe ON pe.id = e.person_id WHERE l.id = $1 AND pe.user_id IS NOT NULL
    UNION
    SELECT pe.user_id FROM lesson_teacher t JOIN staff_resource s ON s.id = t.staff_id JOIN person pe ON pe.id = s.person_id
    WHERE t.lesson_id = $1 AND pe.user_id IS NOT NULL
    UNION
    SELECT pe.user_id FROM staff_resource s JOIN person pe ON pe.id = s.person_id WHERE s.id = ANY ($2::bigint[]) AND pe.user_id IS NOT NULL
  ]], lesson_id, db.array(before or {}))
end

--- Lessons of a group that one commit of the plan moved, with where they were.
function store.changed_lessons(commit_id, group_id)
  return query.rows([[
    SELECT l.id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, g.code AS group_code, (i.before->>'held_on')::date AS was_on, i.before->>'starts' AS was_at
    FROM plan_commit_item i JOIN lesson l ON l.id = i.lesson_id JOIN study_group g ON g.id = l.group_id
    WHERE i.commit_id = $1 AND l.group_id = $2 AND i.kind = 'move' AND l.state = 'published' ORDER BY l.held_on, l.starts, l.id
  ]], commit_id, group_id)
end

--- Published lessons of a group between two days.
function store.published_lessons(group_id, from, to)
  return query.rows([[
    SELECT l.id, l.held_on, g.code AS group_code FROM lesson l JOIN study_group g ON g.id = l.group_id
    WHERE l.group_id = $1 AND l.held_on BETWEEN $2 AND $3 AND l.state = 'published' ORDER BY l.held_on, l.starts, l.id
  ]], group_id, from, to)
end

--- Accounts of those who learn and teach in these lessons, or taught before the commit.
function store.people_of_lessons(ids, commit_id)
  return query.rows([[
    SELECT DISTINCT pe.user_id AS id FROM lesson l
    JOIN enrollment e ON e.group_id = l.group_id AND e.state NOT IN ('expelled', 'transferred', 'graduated')
      AND (l.subgroup_id IS NULL OR e.subgroup_id = l.subgroup_id)
    JOIN person pe ON pe.id = e.person_id WHERE l.id = ANY ($1::bigint[]) AND pe.user_id IS NOT NULL
    UNION
    SELECT pe.user_id FROM lesson_teacher t JOIN staff_resource s ON s.id = t.staff_id JOIN person pe ON pe.id = s.person_id
    WHERE t.lesson_id = ANY ($1::bigint[]) AND pe.user_id IS NOT NULL
    UNION
    SELECT pe.user_id FROM plan_commit_item i CROSS JOIN LATERAL jsonb_array_elements_text(i.before->'teacher_ids') AS x(id)
    JOIN staff_resource s ON s.id = x.id::bigint JOIN person pe ON pe.id = s.person_id
    WHERE i.commit_id = $2::bigint AND i.lesson_id = ANY ($1::bigint[]) AND pe.user_id IS NOT NULL
  ]], ids, commit_id)
end
function store.user_of_person(person_id) return query.row("SELECT user_id AS id FROM person WHERE id = $1", person_id) end

return store
