--- All SQL of the kit.
local decision = require("kit.decision")
local query = require("kit.query")
local store = {}

-- ---- sessions

-- Grants are packed into texts: one array costs PostgreSQL and us less than JSON, and ARRAY(…) half of what array_agg(… ORDER BY …)
-- does. A grant is valid by its dates, and while its
-- organisation is at work.
local GRANTS = [[
  ARRAY(SELECT g.id || '|' || g.role || '|' || coalesce(g.organization_id::text, '') || '|'
      || array_to_string(g.sets, ',') || '|' || coalesce(o.short_name, '')
   FROM role_grant g LEFT JOIN organization o ON o.id = g.organization_id
   WHERE g.user_id = u.id AND g.valid_from <= current_date AND (g.valid_to IS NULL OR g.valid_to >= current_date)
     AND (o.id IS NULL OR o.state = 'active')
   ORDER BY g.id) AS grants
]]

-- Asked for each request: one look at one index. Who the user is changes seldom and is kept under `facts` (kit.session).
local SESSION = [[
  SELECT s.id, s.user_id, s.grant_id, s.preview, s.facts, current_date AS day, s.idle_minutes,
    s.last_seen_at < now() - interval '1 minute' AS is_stale,
    extract(epoch FROM s.expires_at - now())::int AS left_s, extract(epoch FROM now() - s.proved_at)::int AS proved_s
  FROM session s
  WHERE s.token_hash = $1 AND s.kind = $2 AND s.revoked_at IS NULL AND s.expires_at > now()
    AND s.last_seen_at > now() - s.idle_minutes * interval '1 minute'
]]

local SESSION_FACTS = [[
  SELECT s.facts, current_date AS day, u.id AS user_id, u.email, p.id AS person_id, short_name(p) AS name, u.otp_since IS NOT NULL AS has_otp,]]
  .. GRANTS .. [[
  FROM session s JOIN user_account u ON u.id = s.user_id LEFT JOIN person p ON p.user_id = u.id
  WHERE s.id = $1 AND u.state IN ('active', 'locked')
]]

local USER = [[
  SELECT u.id AS user_id, u.email, p.id AS person_id, short_name(p) AS name,]] .. GRANTS .. [[
  FROM user_account u LEFT JOIN person p ON p.user_id = u.id WHERE u.id = $1 AND u.state <> 'deleted'
]]

local INSERT_SESSION = [[
  INSERT INTO session (token_hash, kind, user_id, grant_id, ip, user_agent, idle_minutes, expires_at)
  SELECT $1, $2, u.id, $4, $5, $6, $7, now() + $8 * interval '1 hour' FROM (SELECT id FROM user_account WHERE id = $3 FOR NO KEY UPDATE) u
]]

local SESSIONS_OF = [[
  SELECT id, kind, host(ip) AS ip, user_agent, created_at, last_seen_at, expires_at FROM session
  WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
    AND last_seen_at > now() - idle_minutes * interval '1 minute'
  ORDER BY last_seen_at DESC
]]

--- What a preview shows: the account of a grant in force, with that grant chosen.
function store.user_of_grant(grant_id)
  return query.row([[
    SELECT u.id AS user_id, u.email, p.id AS person_id, short_name(p) AS name, $1::bigint AS grant_id,]] .. GRANTS .. [[
    FROM role_grant chosen JOIN user_account u ON u.id = chosen.user_id LEFT JOIN person p ON p.user_id = u.id
    WHERE chosen.id = $1 AND u.state <> 'deleted'
  ]], grant_id)
end
function store.organization_name(id)
  local row = query.row("SELECT short_name FROM organization WHERE id = $1", id)
  return row and row.short_name
end
function store.set_preview(session_id, packed) return query.exec("UPDATE session SET preview = $2 WHERE id = $1", session_id, packed) end

-- ---- roles

function store.access_roles()
  return query.rows([[
    SELECT code, kind, name, note, base, cabinet, inherits, needs_organization, is_product, archived_at, version
    FROM access_role ORDER BY created_at, code
  ]])
end
function store.access_rules()
  return query.rows([[
    SELECT a.permission, a.role, a.scope, a.reason, a.updated_at, coalesce(short_name(p), u.email) AS who
    FROM access_rule a LEFT JOIN user_account u ON u.id = a.updated_by LEFT JOIN person p ON p.user_id = u.id
  ]])
end
--- Who can give rights, for those who lack one.
function store.administrators(most)
  return query.rows([[
    SELECT u.email, short_name(p) AS name FROM access_role r JOIN role_grant g ON g.role = r.code
      JOIN user_account u ON u.id = g.user_id LEFT JOIN person p ON p.user_id = u.id
    WHERE r.manages_users AND u.state IN ('active', 'locked') AND g.valid_from <= current_date
      AND (g.valid_to IS NULL OR g.valid_to >= current_date) ORDER BY g.id LIMIT $1
  ]], most)
end

function store.session(token_hash, kind) return query.row(SESSION, token_hash, kind) end
function store.session_facts(id) return query.row(SESSION_FACTS, id) end
function store.user(id) return query.row(USER, id) end
function store.touch_session(id)
  return query.exec("UPDATE session SET last_seen_at = now() WHERE id = $1 AND last_seen_at < now() - interval '1 minute'", id)
end
function store.insert_session(token_hash, kind, user_id, grant_id, ip, user_agent, idle_minutes, hours)
  return query.exec(INSERT_SESSION, token_hash, kind, user_id, grant_id, ip, user_agent, idle_minutes, hours)
end
function store.revoke_session(id)
  return query.exec("UPDATE session SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", id)
end
function store.switch_session(id, token_hash, grant_id)
  return query.exec("UPDATE session SET token_hash = $2, grant_id = $3 WHERE id = $1", id, token_hash, grant_id)
end
function store.prove_session(id, token_hash)
  return query.exec("UPDATE session SET token_hash = $2, proved_at = now() WHERE id = $1", id, token_hash)
end
function store.sessions_of(user_id) return query.rows(SESSIONS_OF, user_id) end
function store.revoke_session_of(user_id, id)
  return query.exec("UPDATE session SET revoked_at = now() WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL", user_id, id)
end
function store.revoke_sessions_of(user_id, except_id)
  return query.exec([[
    UPDATE session SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL AND ($2::bigint IS NULL OR id <> $2)
  ]], user_id, except_id)
end

-- ---- secrets of integrations

function store.secret(name) return query.row("SELECT sealed, set_at, set_by FROM integration_secret WHERE name = $1", name) end
function store.secrets(prefix)
  return query.rows("SELECT name, set_at, set_by FROM integration_secret WHERE starts_with(name, $1) ORDER BY name", prefix)
end
function store.put_secret(name, sealed, user_id)
  return query.row([[
    INSERT INTO integration_secret AS s (name, sealed, set_by) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, set_by = excluded.set_by, set_at = now()
    RETURNING xmax = 0 AS is_new
  ]], name, sealed, user_id)
end
function store.drop_secret(name) return query.exec("DELETE FROM integration_secret WHERE name = $1", name) end

-- ---- audit, outbox, workflow

function store.insert_audit(user_id, grant_id, action, entity, entity_id, diff, reason, ip, request_id)
  return query.exec([[
    INSERT INTO audit_event (user_id, grant_id, action, entity, entity_id, diff, reason, ip, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ]], user_id, grant_id, action, entity, entity_id, diff, reason, ip, request_id)
end
function store.seal_audit(most) return query.row("SELECT audit_seal($1) AS sealed", most) end

function store.insert_outbox(topic, key, payload)
  return query.exec("INSERT INTO outbox_event (topic, key, payload) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING",
    topic, key, payload)
end
function store.waiting_outbox(most, attempts)
  return query.rows([[
    SELECT id, topic FROM outbox_event
    WHERE dispatched_at IS NULL AND cancelled_at IS NULL AND retry_at <= now() AND attempts < $2 ORDER BY id LIMIT $1
  ]], most, attempts)
end
function store.lock_outbox(id)
  return query.row([[
    SELECT id, topic, key, payload, created_at FROM outbox_event WHERE id = $1 AND dispatched_at IS NULL AND cancelled_at IS NULL FOR UPDATE SKIP LOCKED
  ]], id)
end
-- The next attempt comes after 1, 2, 4 … minutes.
function store.fail_outbox(id, fault)
  return query.exec([[
    UPDATE outbox_event SET attempts = attempts + 1, error = $2, retry_at = now() + least(2 ^ attempts, 120) * interval '1 minute'
    WHERE id = $1 AND dispatched_at IS NULL
  ]], id, fault)
end
function store.mark_outbox(id) return query.exec("UPDATE outbox_event SET dispatched_at = now() WHERE id = $1", id) end

function store.insert_workflow_event(machine, object_id, action, from, to, user_id, role, reason, record)
  local row = query.row([[
    INSERT INTO workflow_event (machine, object_id, action, from_state, to_state, user_id, role, reason, decision, inputs)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id
  ]], machine, object_id, action, from, to, user_id, role, reason, decision.encode(record), decision.inputs(record))
  return row.id
end
function store.insert_refusal(machine, object_id, action, from, code, user_id, role, record, inputs)
  return query.exec([[
    INSERT INTO workflow_refusal (machine, object_id, action, from_state, code, user_id, role, decision, inputs)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ]], machine, object_id, action, from, code, user_id, role, record, inputs)
end
function store.workflow_events(machine, object_id)
  return query.rows([[
    SELECT e.id, e.at, e.action, e.from_state, e.to_state, e.role, e.reason, e.user_id,
      CASE WHEN e.inputs IS NULL THEN e.decision ELSE e.decision || jsonb_build_object('inputs', e.inputs::jsonb) END AS decision,
      coalesce(short_name(p), u.email) AS who
    FROM workflow_event e LEFT JOIN user_account u ON u.id = e.user_id LEFT JOIN person p ON p.user_id = u.id
    WHERE e.machine = $1 AND e.object_id = $2 ORDER BY e.id
  ]], machine, object_id)
end

-- ---- idempotency

function store.claim_key(user_id, key, method, path, body_hash)
  return query.exec([[
    INSERT INTO idempotency_key (user_id, key, method, path, body_hash) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (user_id, key) DO NOTHING
  ]], user_id, key, method, path, body_hash)
end
function store.find_key(user_id, key)
  return query.row("SELECT method, path, body_hash, status, body FROM idempotency_key WHERE user_id = $1 AND key = $2",
    user_id, key)
end
function store.finish_key(user_id, key, status, body)
  return query.exec("UPDATE idempotency_key SET status = $3, body = $4 WHERE user_id = $1 AND key = $2",
    user_id, key, status, body)
end

-- ---- jobs

function store.insert_job(kind, payload, key, priority, run_at, max_attempts, user_id)
  return query.row([[
    INSERT INTO job (kind, payload, unique_key, priority, run_at, max_attempts, created_by)
    VALUES ($1, $2, $3, coalesce($4, 100), coalesce($5::timestamptz, now()), coalesce($6, 8), $7)
    ON CONFLICT (unique_key) WHERE state IN ('queued', 'running') DO NOTHING RETURNING id
  ]], kind, payload, key, priority, run_at, max_attempts, user_id)
end
function store.find_job(id)
  return query.row([[
    SELECT id, kind, state, attempts, progress, progress_total, progress_text, cancel_requested, result, error, created_at,
      created_by, finished_at
    FROM job WHERE id = $1
  ]], id)
end
function store.job_of_key(key)
  return query.row("SELECT id FROM job WHERE unique_key = $1 AND state IN ('queued', 'running')", key)
end
function store.cancel_job(id)
  return query.exec([[
    UPDATE job SET cancel_requested = true, state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
      finished_at = CASE state WHEN 'queued' THEN now() END
    WHERE id = $1 AND state IN ('queued', 'running')
  ]], id)
end

-- ---- mail

function store.insert_mail(kind, to, subject, body_text, body_html)
  return query.row([[
    INSERT INTO mail_message (kind, to_address, subject, body_text, body_html) VALUES ($1, $2, $3, $4, $5) RETURNING id
  ]], kind, to, subject, body_text, body_html)
end
function store.find_mail(id)
  return query.row("SELECT id, kind, to_address, subject, body_text, body_html, state, created_at FROM mail_message WHERE id = $1",
    id)
end
function store.mark_mail(id, state, fault)
  return query.exec("UPDATE mail_message SET state = $2, error = $3, sent_at = CASE $2 WHEN 'sent' THEN now() END WHERE id = $1 AND state <> 'cancelled'",
    id, state, fault)
end

-- ---- files

function store.insert_file(sha256, size, name, mime, user_id)
  return query.row([[
    INSERT INTO file_object (sha256, size_bytes, name, mime, created_by) VALUES ($1, $2, $3, $4, $5)
    RETURNING id, public_id, sha256, size_bytes, name, mime, created_at
  ]], sha256, size, name, mime, user_id)
end
function store.find_file(id)
  return query.row("SELECT id, public_id, sha256, size_bytes, name, mime, created_at, created_by FROM file_object WHERE id = $1", id)
end
function store.delete_file(id)
  return query.row([[
    DELETE FROM file_object WHERE id = $1
    RETURNING sha256, NOT EXISTS (SELECT FROM file_object o WHERE o.sha256 = file_object.sha256 AND o.id <> $1) AS is_last
  ]], id)
end

-- ---- settings, caches

function store.settings()
  return query.rows("SELECT key, value::text AS value, version, updated_at, updated_by FROM site_setting")
end
-- Version 0: no row yet. Returns the number of rows written: none when somebody else was faster.
function store.put_setting(key, value, version, user_id)
  if version == 0 then
    return query.exec([[
      INSERT INTO site_setting (key, value, updated_by) VALUES ($1, $2::jsonb, $3) ON CONFLICT (key) DO NOTHING
    ]], key, value, user_id)
  end
  return query.exec([[
    UPDATE site_setting SET value = $2::jsonb, updated_by = $4, updated_at = now(), version = version + 1
    WHERE key = $1 AND version = $3
  ]], key, value, version, user_id)
end
function store.drop_setting(key, version)
  return query.exec("DELETE FROM site_setting WHERE key = $1 AND version = $2", key, version)
end
function store.notify(topic, data)
  return query.row("SELECT pg_notify('copp', json_build_object('topic', $1::text, 'data', $2::json)::text)", topic, data)
end

-- ---- published layer

local CHANGE = [[
  SELECT c.id, c.summary, c.state, c.file, c.line, c.reason, c.created_at, coalesce(short_name(p), u.email) AS who
]]
local CHANGE_FROM = [[
  FROM published_change c LEFT JOIN user_account u ON u.id = c.created_by LEFT JOIN person p ON p.user_id = u.id
]]

local AS_TEXT = [[CASE WHEN f.path ~ '\.(txt|html|css|lua|svg)$' THEN convert_from(f.content, 'UTF8') END AS content]]

function store.published_file(path)
  return query.row([[
    SELECT f.path, ]] .. AS_TEXT .. [[, f.version,
      f.published_at, coalesce(short_name(p), u.email) AS who
    FROM published_file f LEFT JOIN user_account u ON u.id = f.published_by LEFT JOIN person p ON p.user_id = u.id
    WHERE f.path = $1
  ]], path)
end
function store.published_files(prefix)
  return query.rows([[
    SELECT f.path, f.version, octet_length(f.content) AS size, f.published_at, coalesce(short_name(p), u.email) AS who
    FROM published_file f LEFT JOIN user_account u ON u.id = f.published_by LEFT JOIN person p ON p.user_id = u.id
    WHERE starts_with(f.path, $1) ORDER BY f.path
  ]], prefix)
end
function store.published_history(path)
  return query.rows(CHANGE .. ", f.content IS NULL AS is_withdrawn" .. CHANGE_FROM .. [[
    JOIN published_change_file f ON f.change_id = c.id WHERE f.path = $1 ORDER BY c.id DESC LIMIT 50
  ]], path)
end
function store.published_changes(before, limit)
  return query.rows(CHANGE .. [[, (SELECT array_agg(f.path ORDER BY f.path) FROM published_change_file f WHERE f.change_id = c.id) AS paths
  ]] .. CHANGE_FROM .. "WHERE $1::bigint IS NULL OR c.id < $1 ORDER BY c.id DESC LIMIT $2", before, limit)
end
function store.find_published_change(id)
  return query.row([[
    SELECT id, summary, state, file, line, reason, served_at IS NOT NULL OR decided_at < now() - interval '5 seconds' AS is_served
    FROM published_change WHERE id = $1
  ]], id)
end
function store.insert_published_change(summary, user_id)
  return query.row("INSERT INTO published_change (summary, created_by) VALUES ($1, $2) RETURNING id", summary, user_id)
end
function store.accept_published_change(id)
  return query.row("SELECT published_accept($1) AS revision", id)
end
function store.insert_published_change_file(change_id, path, content, version)
  return query.exec([[
    INSERT INTO published_change_file (change_id, path, content, base_version) VALUES ($1, $2, $3::bytea, $4)
  ]], change_id, path, content, version)
end
function store.published_change_file(path, change_id)
  return query.row([[
    SELECT c.summary, f.content IS NULL AS is_withdrawn, ]] .. AS_TEXT .. [[ FROM published_change_file f JOIN published_change c ON c.id = f.change_id
    WHERE f.path = $1 AND f.change_id = $2 AND c.state = 'accepted'
  ]], path, change_id)
end
function store.copy_published_change_file(path, from_change, to_change, version)
  return query.exec([[
    INSERT INTO published_change_file (change_id, path, content, base_version)
    SELECT $3, path, content, $4 FROM published_change_file WHERE path = $1 AND change_id = $2
  ]], path, from_change, to_change, version)
end

-- ---- housekeeping

--- Removes what has had its day. One statement, small enough for any night.
function store.sweep()
  query.exec("DELETE FROM session WHERE expires_at < now() - interval '30 days'")
  query.exec("DELETE FROM login_attempt WHERE at < now() - interval '1 day'")
  query.exec("DELETE FROM idempotency_key WHERE created_at < now() - interval '2 days'")
  query.exec("DELETE FROM mail_token WHERE expires_at < now() - interval '7 days'")
  query.exec("DELETE FROM workflow_refusal WHERE at < now() - interval '2 years'")
  query.exec("DELETE FROM outbox_event WHERE dispatched_at < now() - interval '90 days'")
end

return store
