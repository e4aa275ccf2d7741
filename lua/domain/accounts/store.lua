--- SQL of accounts: addresses, passwords, roles, links sent by mail, counted attempts.
local query = require("kit.query")
local store = {}

local FIND_BY_EMAIL = [[
  SELECT u.id, u.public_id, u.email, u.password_hash, u.state, u.otp_since, u.version, p.first_name
  FROM user_account u LEFT JOIN person p ON p.user_id = u.id
  WHERE lower(u.email) = lower($1) AND u.state <> 'deleted'
]]

local INSERT_ACCOUNT = [[
  INSERT INTO user_account (email, password_hash, state) VALUES ($1, $2, $3) RETURNING id
]]

local INSERT_PERSON = [[
  INSERT INTO person (user_id, last_name, first_name, email, created_by, updated_by)
  VALUES ($1, $2, $3, $4, $1, $1) RETURNING id
]]

local INSERT_GRANT = [[
  INSERT INTO role_grant (user_id, role, organization_id, created_by, sets) VALUES ($1, $2, $3, $4, coalesce($5::text[], '{}'))
  ON CONFLICT (user_id, role, coalesce(organization_id, 0)) WHERE valid_to IS NULL
    DO UPDATE SET sets = coalesce($5::text[], role_grant.sets)
  RETURNING id
]]

local TAKE_TOKEN = [[
  UPDATE mail_token SET used_at = now()
  WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > now()
  RETURNING user_id
]]

local FIND_TOKEN = [[
  SELECT t.user_id, u.email FROM mail_token t JOIN user_account u ON u.id = t.user_id
  WHERE t.token_hash = $1 AND t.purpose = $2 AND t.used_at IS NULL AND t.expires_at > now()
    AND u.state NOT IN ('blocked', 'deleted')
]]

-- Invited accounts (no password yet) stay. Audit rows point at the account, hence it stays as an empty shell; the person, whom nothing knows yet, goes.
local PURGE_UNCONFIRMED = [[
  WITH gone AS (
    UPDATE user_account SET state = 'deleted', email = NULL, password_hash = NULL
    WHERE state = 'registered' AND password_hash IS NOT NULL AND created_at < now() - interval '7 days' RETURNING id
  )
  DELETE FROM person WHERE user_id IN (SELECT id FROM gone)
]]

local GRANTS = [[
  SELECT g.id, g.role, g.organization_id, g.sets, o.short_name AS organization
  FROM role_grant g LEFT JOIN organization o ON o.id = g.organization_id
  WHERE g.user_id = $1 AND g.valid_from <= current_date AND (g.valid_to IS NULL OR g.valid_to >= current_date)
    AND (o.id IS NULL OR o.state = 'active')
  ORDER BY g.id
]]

--- The live account of an address, whatever its letters' case.
function store.find_by_email(email) return query.row(FIND_BY_EMAIL, email) end

--- Refused by user_account_email_key when the address is taken.
function store.insert_account(email, password_hash, state)
  return query.row(INSERT_ACCOUNT, email, password_hash, state)
end

function store.insert_person(user_id, last_name, first_name, email)
  return query.row(INSERT_PERSON, user_id, last_name, first_name, email)
end

--- nil when the account has this role already.
--- `sets`: array literal of permission sets; nil leaves those of a grant that is there already.
function store.insert_grant(user_id, role, organization_id, by, sets)
  return query.row(INSERT_GRANT, user_id, role, organization_id, by, sets)
end

function store.grants(user_id) return query.rows(GRANTS, user_id) end

function store.public_ids(user_id)
  return query.row([[
    SELECT u.public_id, p.public_id AS person_public_id FROM user_account u LEFT JOIN person p ON p.user_id = u.id WHERE u.id = $1
  ]], user_id)
end

function store.organization(id) return query.row("SELECT id, short_name FROM organization WHERE id = $1", id) end

function store.set_password(user_id, password_hash)
  return query.exec("UPDATE user_account SET password_hash = $2, updated_by = $1 WHERE id = $1", user_id, password_hash)
end

--- An address proved by a link; a locked or blocked account stays as it is.
function store.confirm(user_id)
  return query.exec("UPDATE user_account SET state = 'active', updated_by = $1 WHERE id = $1 AND state = 'registered'", user_id)
end

function store.touch_login(user_id)
  return query.exec("UPDATE user_account SET last_login_at = now() WHERE id = $1", user_id)
end

function store.insert_token(token_hash, user_id, purpose, hours)
  return query.exec([[
    INSERT INTO mail_token (token_hash, user_id, purpose, expires_at) VALUES ($1, $2, $3, now() + make_interval(hours => $4))
  ]], token_hash, user_id, purpose, hours)
end

--- Whose link it is, when it may still be used.
function store.find_token(token_hash, purpose) return query.row(FIND_TOKEN, token_hash, purpose) end

--- Uses the link up; nil when somebody was first or it is too old.
function store.take_token(token_hash, purpose) return query.row(TAKE_TOKEN, token_hash, purpose) end

--- All other links of the account die, for example after a new password.
function store.spend_tokens(user_id, purpose)
  return query.exec([[
    UPDATE mail_token SET used_at = now() WHERE user_id = $1 AND used_at IS NULL AND ($2::text IS NULL OR purpose = $2)
  ]], user_id, purpose)
end

--- Counts an attempt under each key, at once and for good: what follows may fail.
---@return table[] rows {id, key}
function store.note_attempts(keys)
  return query.rows("INSERT INTO login_attempt (key) SELECT unnest($1::text[]) RETURNING id, key", keys)
end

--- How many attempts besides these each key saw within the last `minutes`, how long ago the last one was, and when the
--- oldest of them leaves the window.
function store.count_attempts(keys, minutes, besides)
  return query.rows([[
    SELECT key, count(*) AS n, floor(extract(epoch FROM now() - max(at)))::int AS quiet_s,
      ceil(extract(epoch FROM min(at) + make_interval(mins => $2) - now()))::int AS free_in_s
    FROM login_attempt WHERE key = ANY ($1::text[]) AND at > now() - make_interval(mins => $2) AND NOT id = ANY ($3::bigint[])
    GROUP BY key
  ]], keys, minutes, besides)
end

--- Forgets all attempts under the keys, and those single ones.
function store.forget_attempts(keys, ids)
  return query.exec("DELETE FROM login_attempt WHERE key = ANY ($1::text[]) OR id = ANY ($2::bigint[])", keys, ids)
end

function store.purge_attempts()
  return query.exec("DELETE FROM login_attempt WHERE at < now() - interval '1 day'")
end

--- Registrations that nobody confirmed within seven days; their addresses are free again.
function store.purge_unconfirmed() return query.exec(PURGE_UNCONFIRMED) end

--- A second registration for an address that nobody has proved: what was typed last counts.
function store.renew_registration(user_id, password_hash, last_name, first_name)
  query.exec("UPDATE user_account SET password_hash = $2 WHERE id = $1 AND state = 'registered'", user_id, password_hash)
  return query.exec("UPDATE person SET last_name = $2, first_name = $3 WHERE user_id = $1", user_id, last_name, first_name)
end

return store
