--- SQL of plugins: their states, faults, deliveries, migrations.
local query = require("kit.query")
local store = {}

-- ---- states and faults

function store.states()
  return query.rows([[
    SELECT plugin, suspended_at, reason, version FROM plugin_state WHERE suspended_at IS NOT NULL
  ]])
end

function store.insert_fault(plugin, version, point, code, text, case_key)
  return query.exec("INSERT INTO plugin_fault (plugin, version, point, code, text, case_key) VALUES ($1, $2, $3, $4, $5, $6)",
    plugin, version, point, code, text, case_key)
end

--- Faults of the last minutes that count: after the last time it was resumed.
function store.recent_faults(plugin, minutes)
  return query.row([[
    SELECT count(*) AS n, count(*) FILTER (WHERE code IN ('time', 'memory', 'crash', 'output', 'depth')) AS limits
    FROM (
      SELECT code FROM plugin_fault f
      WHERE plugin = $1 AND at > now() - make_interval(mins => $2)
        AND at > coalesce((SELECT resumed_at FROM plugin_state s WHERE s.plugin = $1), '-infinity')
      ORDER BY id DESC LIMIT 200) f
  ]], plugin, minutes)
end

--- True only for the one who switched it off.
function store.suspend(plugin, reason)
  return query.exec([[
    INSERT INTO plugin_state (plugin, suspended_at, reason) VALUES ($1, now(), $2)
    ON CONFLICT (plugin) DO UPDATE SET suspended_at = now(), reason = $2, version = plugin_state.version + 1, updated_at = now(), updated_by = NULL
    WHERE plugin_state.suspended_at IS NULL
  ]], plugin, reason) > 0
end

function store.resume(plugin, user_id)
  return query.exec([[
    UPDATE plugin_state SET suspended_at = NULL, reason = NULL, resumed_at = now(), version = version + 1, updated_at = now(), updated_by = $2
    WHERE plugin = $1 AND suspended_at IS NOT NULL
  ]], plugin, user_id) > 0
end

-- ---- deliveries of events

function store.insert_delivery(plugin, hook, case_key, event_key, payload)
  return query.exec([[
    INSERT INTO plugin_delivery (plugin, hook, case_key, event_key, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
  ]], plugin, hook, case_key, event_key, payload)
end

--- Due ones, of each case only the oldest that is not done.
function store.due_deliveries(most)
  return query.rows([[
    SELECT d.id FROM plugin_delivery d
    WHERE d.state = 'waiting' AND d.run_at <= now() AND NOT EXISTS (
      SELECT FROM plugin_delivery e WHERE e.plugin = d.plugin AND e.case_key = d.case_key AND e.id < d.id AND e.state IN ('waiting', 'quarantined'))
    ORDER BY d.run_at, d.id LIMIT $1
  ]], most)
end

function store.lock_delivery(id)
  return query.row([[
    SELECT id, plugin, hook, case_key, event_key, payload, attempts FROM plugin_delivery WHERE id = $1 AND state = 'waiting' FOR UPDATE SKIP LOCKED
  ]], id)
end

function store.finish_delivery(id)
  return query.exec("UPDATE plugin_delivery SET state = 'done', done_at = now(), error = NULL, attempts = attempts + 1 WHERE id = $1", id)
end

function store.fail_delivery(id, reason, most)
  return query.row([[
    UPDATE plugin_delivery SET attempts = attempts + 1, error = $2,
      state = CASE WHEN attempts + 1 >= $3 THEN 'quarantined' ELSE 'waiting' END,
      run_at = now() + make_interval(secs => 5 * power(4, attempts)::int)
    WHERE id = $1 RETURNING state
  ]], id, reason, most)
end

function store.delay_deliveries(plugin)
  return query.exec("UPDATE plugin_delivery SET run_at = now() + interval '5 minutes' WHERE plugin = $1 AND state = 'waiting' AND run_at < now()", plugin)
end

function store.sweep()
  query.exec("DELETE FROM plugin_delivery WHERE done_at < now() - interval '14 days'")
  return query.exec("DELETE FROM plugin_fault WHERE at < now() - interval '30 days'")
end

return store
