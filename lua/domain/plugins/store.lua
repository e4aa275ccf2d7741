--- SQL of the pages of plugins and of their migrations. Statements of plugins' own migrations are read by kit.plugin.ddl before.
local query = require("kit.query")
local store = {}

-- ---- migrations

function store.lock_migrations() return query.row("SELECT pg_advisory_xact_lock(hashtext('plugin_migrations')) AS locked") end
function store.applied(plugin)
  return query.rows("SELECT name, checksum, down_sql, applied_at FROM plugin_migration WHERE plugin = $1 ORDER BY name", plugin)
end
function store.note_applied(plugin, name, checksum, down_sql)
  return query.exec("INSERT INTO plugin_migration (plugin, name, checksum, down_sql) VALUES ($1, $2, $3, $4)", plugin, name, checksum, down_sql)
end
function store.forget_applied(plugin) return query.exec("DELETE FROM plugin_migration WHERE plugin = $1", plugin) end

local DDL_MS = 300000

--- One statement of a migration, in the caller's transaction.
function store.change(text) return query.exec({ timeout_ms = DDL_MS }, text) end
function store.limit_lock_waits() return query.exec("SET LOCAL lock_timeout = '5s'") end

--- Tables of a plugin that exist, with rows as PostgreSQL estimates them.
function store.tables(prefix)
  return query.rows([[
    SELECT c.relname::text AS name, greatest(c.reltuples, 0)::bigint AS rows, pg_total_relation_size(c.oid) AS size_bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND starts_with(c.relname, $1) ORDER BY 1
  ]], prefix)
end

--- Estimates of tables that a migration locks.
function store.estimate(table_name)
  local row = query.row("SELECT greatest(reltuples, 0)::bigint AS rows FROM pg_class WHERE oid = to_regclass('public.' || $1)", table_name)
  return row and row.rows
end

--- All rows of one table as JSON, for the archive. The name comes from pg_class and has the plugin's prefix.
function store.dump(name)
  local safe = assert(name:match("^p_[a-z0-9_]+$"))
  return query.row({ timeout_ms = DDL_MS }, ("SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text AS rows, count(*) AS n FROM %s t"):format(safe))
end
function store.drop(name) return query.exec("DROP TABLE " .. assert(name:match("^p_[a-z0-9_]+$"))) end
function store.insert_archive(plugin, version, file_id, rows, user_id)
  return query.exec("INSERT INTO plugin_archive (plugin, version, file_id, rows, created_by) VALUES ($1, $2, $3, $4, $5)",
    plugin, version, file_id, rows, user_id)
end
function store.archives()
  return query.rows([[
    SELECT a.id, a.plugin, a.version, a.rows, a.created_at, f.name, f.size_bytes FROM plugin_archive a JOIN file_object f ON f.id = a.file_id
    ORDER BY a.id DESC LIMIT 20
  ]])
end
function store.archive(id)
  return query.row([[
    SELECT a.plugin, f.sha256, f.size_bytes, f.name, f.mime FROM plugin_archive a JOIN file_object f ON f.id = a.file_id WHERE a.id = $1
  ]], id)
end

-- ---- pages

function store.faults(plugin, most)
  return query.rows("SELECT id, version, point, code, text, case_key, at FROM plugin_fault WHERE plugin = $1 ORDER BY id DESC LIMIT $2", plugin, most)
end

--- Faults of a day and cases in quarantine, by plugin.
function store.counts()
  local counts = {}
  for _, row in ipairs(query.rows([[
    SELECT plugin, sum(faults)::bigint AS faults, sum(held)::bigint AS held FROM (
      SELECT plugin, count(*) AS faults, 0 AS held FROM plugin_fault WHERE at > now() - interval '1 day' GROUP BY plugin
      UNION ALL
      SELECT plugin, 0, count(*) FROM plugin_delivery WHERE state = 'quarantined' GROUP BY plugin) q GROUP BY plugin
  ]])) do counts[row.plugin] = row end
  return counts
end

function store.held(plugin, most)
  return query.rows([[
    SELECT d.id, d.hook, d.case_key, d.attempts, d.error, d.created_at,
      (SELECT count(*) FROM plugin_delivery b WHERE b.plugin = d.plugin AND b.case_key = d.case_key AND b.state = 'waiting') AS behind
    FROM plugin_delivery d WHERE d.plugin = $1 AND d.state = 'quarantined' ORDER BY d.id LIMIT $2
  ]], plugin, most)
end

function store.release(plugin, id, state)
  return query.exec([[
    UPDATE plugin_delivery SET state = $3, attempts = 0, run_at = now(), done_at = CASE WHEN $3 = 'skipped' THEN now() END
    WHERE id = $2 AND plugin = $1 AND state = 'quarantined'
  ]], plugin, id, state)
end

function store.forget_deliveries(plugin) return query.exec("DELETE FROM plugin_delivery WHERE plugin = $1", plugin) end

return store
