--- SQL of the journal of actions. It only reads: rows are written by kit.audit and never change.
local query = require("kit.query")
local store = {}

local SELECT = [[e.id, e.at, e.action, e.entity, e.entity_id, e.diff, e.reason, host(e.ip) AS ip, e.request_id, e.user_id,
    coalesce(short_name(p), u.email) AS who, g.role]]

local FROM = [[audit_event e
  LEFT JOIN user_account u ON u.id = e.user_id
  LEFT JOIN person p ON p.user_id = u.id
  LEFT JOIN role_grant g ON g.id = e.grant_id]]

-- A word is looked for by its index: OFFSET 0 keeps the planner from walking the journal backwards and reading every row. The
-- filter "near" does walk, over a piece of the journal: see service.page.
store.LIST = query.list({
  select = SELECT, from = FROM, key = "e.id",
  filters = {
    users = "e.user_id = ANY (?::bigint[])",
    action = "e.action = ?::text",
    actions = "starts_with(e.action, ?::text || '.')",
    entity = "e.entity = ?::text",
    id = "e.entity_id = ?::bigint",
    ip = "host(e.ip) = ?::text",
    from = "e.at >= ?::date",
    to = "e.at < ?::date + 1",
    text = [[e.id IN (SELECT t.id FROM audit_event t WHERE fold(t.diff::text || ' ' || coalesce(t.reason, '')) LIKE '%' || fold(?::text) || '%' OFFSET 0)]],
    text_near = [[fold(e.diff::text || ' ' || coalesce(e.reason, '')) LIKE '%' || fold(?::text) || '%']],
    near = "e.id > ?::bigint",
  },
  sorts = { newest = { "e.id", type = "bigint", desc = true } },
  default = "newest",
})

local OF_OBJECT = "SELECT " .. SELECT .. " FROM " .. FROM .. " WHERE e.entity = $1 AND e.entity_id = $2 ORDER BY e.id DESC LIMIT $3"

function store.last_id() return query.row("SELECT coalesce(max(id), 0) AS id FROM audit_event").id end

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
