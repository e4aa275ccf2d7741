--- SQL of the outgoing mail.
local query = require("kit.query")
local store = {}

function store.list(text, state, cursor, limit)
  return query.rows([[
    SELECT id, kind, to_address, subject, state, error, created_at, sent_at FROM mail_message
    WHERE ($1::text IS NULL OR strpos(lower(to_address || ' ' || subject), lower($1)) > 0)
      AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR id < $3)
    ORDER BY id DESC LIMIT $4
  ]], text, state, cursor, limit + 1)
end

function store.find(id)
  return query.row([[
    SELECT id, kind, to_address, subject, body_text, state, error, created_at, sent_at FROM mail_message WHERE id = $1
  ]], id)
end

--- Back into the queue; 0 when there is no such letter.
function store.requeue(id)
  return query.exec("UPDATE mail_message SET state = 'queued', error = NULL, sent_at = NULL WHERE id = $1", id)
end

return store
