--- SQL of the administration of users.
local query = require("kit.query")
local store = {}

-- Accounts of persons whose name holds the text, and of addresses that do: through their trigram indexes.
local PERSONS = [[SELECT user_id FROM person WHERE user_id IS NOT NULL
  AND fold(last_name || ' ' || first_name || ' ' || coalesce(middle_name, '')) LIKE '%' || fold(?) || '%']]
local EMAILS = "SELECT id FROM user_account WHERE lower(email) LIKE '%' || lower(?) || '%'"
local LAST_LOGIN = "coalesce(u.last_login_at, '-infinity')" -- as user_account_login_idx has it
local IN_FORCE = "(g.valid_to IS NULL OR g.valid_to >= current_date)"

-- What few have is answered by `found` (their keys, from store.matches()); what many have is met soon enough on the way.
store.LIST = query.list({
  select = [[u.id, u.public_id, u.email, u.state, u.version, u.last_login_at, u.created_at, full_name(p) AS name, p.public_id AS person_id,
    (SELECT string_agg(g.role || '|' || coalesce(o.short_name, ''), ';' ORDER BY g.id) FROM role_grant g
       LEFT JOIN organization o ON o.id = g.organization_id WHERE g.user_id = u.id AND g.valid_from <= current_date AND ]] .. IN_FORCE .. [[) AS grants]],
  from = "user_account u LEFT JOIN person p ON p.user_id = u.id",
  key = "u.id",
  filters = {
    found = "u.id = ANY (?::bigint[])",
    -- Many have it: the walk meets fifty soon, while a subquery would collect them all.
    q = "fold(p.last_name || ' ' || p.first_name || ' ' || coalesce(p.middle_name, '')) LIKE '%' || fold(?) || '%'"
      .. " OR lower(u.email) LIKE '%' || lower(?) || '%'",
    role = "EXISTS (SELECT FROM role_grant g WHERE g.user_id = u.id AND g.role = ?::text AND " .. IN_FORCE .. ")",
    state = "u.state = ?::text",
    recent = "?::boolean AND " .. LAST_LOGIN .. " > now() - interval '7 days'",
    old = "?::boolean AND " .. LAST_LOGIN .. " < now() - interval '90 days' AND u.last_login_at IS NOT NULL",
    never = "?::boolean AND u.last_login_at IS NULL",
  },
  sorts = {
    newest = { "u.id", type = "bigint", desc = true },
    login = { LAST_LOGIN, type = "timestamptz", desc = true },
  },
  default = "newest",
})

local MATCHES_MOST = 3000

local function keys(sql, ...)
  local ids = query.row("SELECT coalesce(array_agg(id), '{}') AS ids FROM (" .. sql .. ") AS found(id)", ...).ids
  return #ids <= MATCHES_MOST and ids or nil
end

--- Accounts that the text finds; nil when there are too many to name.
function store.matches(like)
  return keys("(" .. PERSONS:gsub("%?", "$1::text") .. " LIMIT $2::int) UNION (" .. EMAILS:gsub("%?", "$1::text") .. " LIMIT $2::int)",
    like, MATCHES_MOST + 1)
end

--- Accounts that hold the role now; nil when these are many.
function store.holders(role)
  return keys("SELECT DISTINCT g.user_id FROM (SELECT user_id FROM role_grant g WHERE g.role = $1 AND " .. IN_FORCE .. " LIMIT $2::int) g",
    role, MATCHES_MOST + 1)
end

--- Accounts that act for the organisation now.
function store.members(organization_id)
  return keys("SELECT DISTINCT g.user_id FROM role_grant g WHERE g.organization_id = $1 AND " .. IN_FORCE .. " LIMIT $2::int",
    organization_id, MATCHES_MOST) or {}
end

function store.account_of_snils(snils)
  return query.row([[
    SELECT u.public_id, p.id AS person_id FROM person p LEFT JOIN user_account u ON u.id = p.user_id
    WHERE p.snils = $1 AND p.merged_into IS NULL
  ]], snils)
end

-- ---- one user

local USER = [[
  SELECT u.id, u.public_id, u.email, u.phone, u.state, u.version, u.last_login_at, u.created_at, u.esia_oid IS NOT NULL AS has_esia,
    u.password_hash IS NOT NULL AS has_password, p.id AS person_key, p.public_id AS person_id, full_name(p) AS name, p.first_name,
    p.last_name, p.middle_name, p.birth_date, p.snils,
    (SELECT count(*) FROM session s WHERE s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > now()) AS sessions
  FROM user_account u LEFT JOIN person p ON p.user_id = u.id
]]

function store.find(public_id) return query.row(USER .. " WHERE u.public_id = $1::uuid", public_id) end
function store.find_by_email(email) return query.row(USER .. " WHERE lower(u.email) = lower($1) AND u.state <> 'deleted'", email) end

--- All grants, those in force first.
function store.grants(user_id)
  return query.rows([[
    SELECT g.id, g.role, g.sets, g.organization_id, o.short_name AS organization, g.valid_from, g.valid_to, g.created_at,
      coalesce(short_name(p), c.email) AS created_by, g.valid_from <= current_date AND ]] .. IN_FORCE .. [[ AS is_in_force,
      g.valid_from > current_date AS is_to_come
    FROM role_grant g LEFT JOIN organization o ON o.id = g.organization_id LEFT JOIN user_account c ON c.id = g.created_by
      LEFT JOIN person p ON p.user_id = c.id
    WHERE g.user_id = $1 ORDER BY ]] .. IN_FORCE .. [[ DESC, g.id DESC LIMIT 100
  ]], user_id)
end

function store.insert_grant(user_id, grant, by)
  return query.row([[
    INSERT INTO role_grant (user_id, role, organization_id, sets, valid_from, valid_to, created_by)
    VALUES ($1, $2, $3, coalesce($4::text[], '{}'), coalesce($5::date, current_date), $6, $7) RETURNING id
  ]], user_id, grant.role, grant.organization_id, grant.sets, grant.valid_from, grant.valid_to, by)
end

--- Ends a grant at once; one that has not begun ends before its first day.
function store.end_grant(user_id, id)
  return query.row([[
    UPDATE role_grant SET valid_to = current_date - 1, valid_from = least(valid_from, current_date - 1)
    WHERE id = $2 AND user_id = $1 AND (valid_to IS NULL OR valid_to >= current_date) RETURNING id, role
  ]], user_id, id)
end

function store.set_sets(user_id, id, sets)
  return query.row([[
    UPDATE role_grant SET sets = $3::text[] WHERE id = $2 AND user_id = $1 AND (valid_to IS NULL OR valid_to >= current_date) RETURNING id, role
  ]], user_id, id, sets)
end

--- nil when somebody changed the account meanwhile.
function store.set_state(id, state, version, by)
  return query.row([[
    UPDATE user_account SET state = $2, updated_by = $4, updated_at = now(), locked_until = NULL, failed_count = 0
    WHERE id = $1 AND version = $3 RETURNING version
  ]], id, state, version, by)
end

function store.forget_password(id, by)
  return query.exec("UPDATE user_account SET password_hash = NULL, updated_by = $2, updated_at = now() WHERE id = $1", id, by)
end

function store.insert_account(email, by)
  return query.row("INSERT INTO user_account (email, state, created_by, updated_by) VALUES ($1, 'registered', $2, $2) RETURNING id, public_id",
    email, by)
end

function store.insert_person(user_id, person, by)
  return query.row([[
    INSERT INTO person (user_id, last_name, first_name, middle_name, has_middle_name, snils, email, created_by, updated_by)
    VALUES ($1, $2, $3, $4, $4::text IS NOT NULL, $5, $6, $7, $7) RETURNING id
  ]], user_id, person.last_name, person.first_name, person.middle_name, person.snils, person.email, by)
end

function store.person_of_snils(snils)
  return query.row("SELECT id, user_id FROM person WHERE snils = $1 AND merged_into IS NULL", snils)
end

function store.link_person(person_id, user_id, by)
  return query.exec("UPDATE person SET user_id = $2, updated_by = $3 WHERE id = $1 AND user_id IS NULL", person_id, user_id, by)
end

-- ---- choices

function store.organizations()
  return query.rows("SELECT id AS value, short_name AS label FROM organization ORDER BY short_name COLLATE ru LIMIT 1000")
end

function store.organization_of_inn(inn)
  return query.row("SELECT id FROM organization WHERE inn = $1 ORDER BY id LIMIT 1", inn)
end

-- ---- duplicates

local PERSON = [[
  SELECT p.id, p.public_id, full_name(p) AS name, p.birth_date, p.snils, p.phone, p.email, p.created_at, u.email AS login,
    u.public_id AS account_id, u.id AS user_id
  FROM person p LEFT JOIN user_account u ON u.id = p.user_id
]]

function store.person(public_id) return query.row(PERSON .. " WHERE p.public_id = $1::uuid AND p.merged_into IS NULL", public_id) end

--- People who may be the same: alike in name and birthday, or with the same address or telephone; never with another СНИЛС.
function store.alike(id)
  return query.rows(PERSON .. [[
    JOIN person me ON me.id = $1
    WHERE p.id <> $1 AND p.merged_into IS NULL AND (p.snils IS NULL OR me.snils IS NULL OR p.snils = me.snils)
      AND (p.birth_date IS NULL OR me.birth_date IS NULL OR p.birth_date = me.birth_date)
      AND fold(p.last_name || ' ' || p.first_name || ' ' || coalesce(p.middle_name, '')) LIKE fold(me.last_name || ' ' || me.first_name) || '%'
    ORDER BY (p.birth_date = me.birth_date) DESC NULLS LAST, p.id LIMIT 20
  ]], id)
end

function store.merge(duplicate_id, id) return query.rows("SELECT * FROM merge_person($1, $2)", duplicate_id, id) end

return store
