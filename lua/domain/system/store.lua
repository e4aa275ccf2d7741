--- SQL of the state of the platform.
local query = require("kit.query")
local store = {}

-- ---- backups

function store.has_backup_today()
  return query.row("SELECT 1 AS found FROM backup_run WHERE started_at >= current_date AND state <> 'failed' LIMIT 1") ~= nil
end
function store.begin_backup(path) return query.row("INSERT INTO backup_run (path) VALUES ($1) RETURNING id", path).id end
function store.end_backup(id, state, size, reason)
  return query.exec(
    "UPDATE backup_run SET state = $2, size_bytes = $3, error = $4, finished_at = now() WHERE id = $1",
    id,
    state,
    size,
    reason
  )
end
function store.note_verified(id, reason)
  return query.exec(
    "UPDATE backup_run SET verified_at = CASE WHEN $2::text IS NULL THEN now() END, verify_error = $2 WHERE id = $1",
    id,
    reason
  )
end
function store.old_backups(keep)
  return query.rows("SELECT id, path FROM backup_run WHERE state = 'done' ORDER BY id DESC OFFSET $1", keep)
end
function store.forget_backup(id) return query.exec("DELETE FROM backup_run WHERE id = $1", id) end
function store.backups(limit)
  return query.rows(
    "SELECT id, path, state, size_bytes, error, started_at, finished_at, verified_at, verify_error FROM backup_run ORDER BY id DESC LIMIT $1",
    limit
  )
end

-- ---- the state

--- One row of numbers about the database.
function store.database()
  return query.row(
    { lane = "slow", timeout_ms = 10000 },
    [[
    SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size_bytes,
      (SELECT count(*) FROM pg_stat_replication) AS replicas,
      (SELECT coalesce(max(extract(epoch FROM now() - query_start)), 0)::int FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()) AS longest_s,
      (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
      (SELECT setting::int FROM pg_settings WHERE name = 'max_connections') AS max_connections,
      (SELECT count(*) FROM schema_migration) AS migrations, (SELECT max(name) FROM schema_migration) AS last_migration,
      (SELECT coalesce(sum(size_bytes), 0)::bigint FROM file_object) AS file_bytes, (SELECT count(*) FROM file_object) AS files,
      NOT EXISTS (SELECT FROM (VALUES ('audit_event'), ('audit_link')) AS t(name)
        WHERE has_table_privilege(t.name, 'UPDATE') OR has_table_privilege(t.name, 'DELETE') OR has_table_privilege(t.name, 'TRUNCATE')) AS is_audit_guarded
  ]]
  )
end

function store.queues()
  return query.row([[
    SELECT (SELECT count(*) FROM job WHERE state = 'queued' AND run_at <= now()) AS jobs_due,
      (SELECT coalesce(max(extract(epoch FROM now() - run_at)), 0)::int FROM job WHERE state = 'queued' AND run_at <= now()) AS oldest_s,
      (SELECT count(*) FROM job WHERE state = 'running') AS jobs_running, (SELECT count(*) FROM job WHERE state = 'dead') AS jobs_dead,
      (SELECT count(*) FROM mail_message WHERE state = 'queued') AS mail_queued, (SELECT count(*) FROM mail_message WHERE state = 'failed') AS mail_failed,
      (SELECT count(*) FROM outbox_event WHERE dispatched_at IS NULL AND cancelled_at IS NULL) AS events_waiting
  ]])
end

function store.last_check()
  return query.row(
    "SELECT checked_at, checked, broken, checked_at < now() - interval '26 hours' AS is_old FROM audit_check ORDER BY id DESC LIMIT 1"
  )
end

-- ---- jobs

store.JOBS = query.list({
  select = [[j.id, j.kind, j.state, j.attempts, j.max_attempts, j.progress, j.progress_total, j.progress_text, j.error, j.created_at, j.run_at,
    j.finished_at, j.cancel_requested, coalesce(short_name(p), u.email) AS who]],
  from = "job j LEFT JOIN user_account u ON u.id = j.created_by LEFT JOIN person p ON p.user_id = u.id",
  key = "j.id",
  filters = { state = "j.state = ?::text", kind = "starts_with(j.kind, ?::text)" },
  sorts = { newest = { "j.id", type = "bigint", desc = true } },
  default = "newest",
})

function store.retry_job(id)
  return query.exec(
    [[
    UPDATE job SET state = 'queued', attempts = 0, run_at = now(), error = NULL, finished_at = NULL, cancel_requested = false, locked_by = NULL,
      locked_until = NULL
    WHERE id = $1 AND state IN ('dead', 'failed', 'cancelled')
  ]],
    id
  )
end

return store
