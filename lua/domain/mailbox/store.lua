--- SQL of what goes out: letters, and events for the modules of the platform.
local query = require("kit.query")
local store = {}

store.LIST = query.list({
  select = "m.id, m.kind, m.to_address, m.subject, m.state, m.error, m.created_at, m.sent_at",
  from = "mail_message m",
  key = "m.id",
  filters = {
    q = "m.id IN (SELECT w.id FROM mail_message w WHERE fold(w.to_address || ' ' || w.subject) LIKE '%' || fold(?::text) || '%' OFFSET 0)",
    state = "m.state = ?::text", kind = "m.kind = ?::text", from = "m.created_at >= ?::date", to = "m.created_at < ?::date + 1",
  },
  sorts = { newest = { "m.id", type = "bigint", desc = true } },
  default = "newest",
})

function store.find(id)
  return query.row([[
    SELECT m.id, m.kind, m.to_address, m.subject, m.body_text, m.body_html, m.state, m.error, m.created_at, m.sent_at,
      j.state AS job_state, j.attempts, j.max_attempts, j.run_at
    FROM mail_message m LEFT JOIN job j ON j.unique_key = 'mail:' || m.id AND j.state IN ('queued', 'running') WHERE m.id = $1
  ]], id)
end

--- Back into the queue; 0 when there is no such letter.
function store.requeue(id)
  return query.exec("UPDATE mail_message SET state = 'queued', error = NULL, sent_at = NULL WHERE id = $1", id)
end

--- Letters that did not go, back into the queue: their ids.
function store.requeue_failed(most)
  return query.rows([[
    UPDATE mail_message SET state = 'queued', error = NULL WHERE id IN (SELECT id FROM mail_message WHERE state = 'failed' ORDER BY id LIMIT $1)
    RETURNING id
  ]], most)
end

--- 0 when it has gone already, or was cancelled before.
function store.cancel(id)
  return query.exec("UPDATE mail_message SET state = 'cancelled' WHERE id = $1 AND state IN ('queued', 'failed')", id)
end

-- ---- events

store.EVENTS = query.list({
  select = "o.id, o.topic, o.key, o.attempts, o.error, o.created_at, o.retry_at, o.cancelled_at, o.dispatched_at",
  from = "outbox_event o",
  key = "o.id",
  where = "o.dispatched_at IS NULL",
  filters = {
    waiting = "o.cancelled_at IS NULL AND o.attempts < ?::int", dead = "o.cancelled_at IS NULL AND o.attempts >= ?::int",
    cancelled = "o.cancelled_at IS NOT NULL AND ?::boolean", topic = "starts_with(o.topic, ?::text)",
  },
  sorts = { newest = { "o.id", type = "bigint", desc = true } },
  default = "newest",
})

--- Once more from the beginning.
function store.retry_event(id)
  return query.exec([[
    UPDATE outbox_event SET attempts = 0, error = NULL, retry_at = now(), cancelled_at = NULL WHERE id = $1 AND dispatched_at IS NULL
  ]], id)
end

function store.cancel_event(id)
  return query.exec("UPDATE outbox_event SET cancelled_at = now() WHERE id = $1 AND dispatched_at IS NULL AND cancelled_at IS NULL", id)
end

return store
