--- SQL of the journal of actions. It only reads: rows are written by kit.audit and never change.
local query = require("kit.query")
local store = {}

local EVENT = [[
  SELECT e.id, e.at, e.action, e.entity, e.entity_id, e.diff, e.reason, host(e.ip) AS ip, e.request_id, e.user_id,
    coalesce(short_name(p), u.email) AS who, g.role
  FROM audit_event e
  LEFT JOIN user_account u ON u.id = e.user_id
  LEFT JOIN person p ON p.user_id = u.id
  LEFT JOIN role_grant g ON g.id = e.grant_id
]]

-- $1 users (NULL: any), $2 action, $3 entity, $4 its key, $5/$6 days, $7 last row seen, $8 limit, $9 a word of old and new
-- values or of the reason, $10 address.
local LIST = EVENT .. [[
  WHERE ($1::bigint[] IS NULL OR e.user_id = ANY ($1))
    AND ($2::text IS NULL OR e.action = $2 OR starts_with(e.action, $2 || '.'))
    AND ($3::text IS NULL OR e.entity = $3)
    AND ($4::bigint IS NULL OR e.entity_id = $4)
    AND ($5::date IS NULL OR e.at >= $5::date)
    AND ($6::date IS NULL OR e.at < $6::date + 1)
    AND ($7::bigint IS NULL OR e.id < $7)
    AND ($9::text IS NULL OR strpos(fold(e.diff::text || coalesce(e.reason, '')), fold($9)) > 0)
    AND ($10::text IS NULL OR host(e.ip) = $10)
  ORDER BY e.id DESC LIMIT $8
]]

local OF_OBJECT = EVENT .. [[ WHERE e.entity = $1 AND e.entity_id = $2 ORDER BY e.id DESC LIMIT $3 ]]

function store.list(f, limit)
  return query.rows(LIST, f.users, f.action, f.entity, f.id, f.from, f.to, f.cursor, limit + 1, f.text, f.ip)
end

function store.of_object(entity, id, limit) return query.rows(OF_OBJECT, entity, id, limit) end

--- Accounts that a word of the filter means.
function store.users(text)
  return query.rows([[
    SELECT u.id FROM user_account u LEFT JOIN person p ON p.user_id = u.id
    WHERE strpos(lower(u.email), lower($1)) > 0 OR fold(p.last_name) LIKE fold($1) || '%' LIMIT 200
  ]], text)
end

--- Keeps what a verification found.
function store.note_check(checked, broken, user_id)
  return query.exec("INSERT INTO audit_check (checked, broken, asked_by) VALUES ($1, $2, $3)", checked, broken, user_id)
end

function store.last_check()
  return query.row("SELECT checked_at, checked, broken FROM audit_check ORDER BY id DESC LIMIT 1")
end

--- First broken position of the chain (nil: whole), how many rows are in it and how many wait for the seal.
function store.verify()
  return query.row({ lane = "slow", timeout_ms = 300000 }, [[
    SELECT audit_verify() AS broken, (SELECT count(*) FROM audit_link) AS sealed,
      (SELECT count(*) FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.event_id = e.id)) AS waiting
  ]])
end

return store
