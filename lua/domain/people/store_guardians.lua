--- SQL of the ties between minors and their guardians.
local query = require("kit.query")
local store = {}

local LINK = [[
  SELECT l.id, l.minor_id, l.guardian_id, l.relation, l.state, l.channel, l.consented_at, l.asked_by, l.asked_email, l.confirmed_at, l.version,
    m.public_id AS minor_public_id, full_name(m) AS minor_name, m.birth_date, m.user_id AS minor_user_id, mu.email AS minor_email,
    date_part('year', age(current_date, m.birth_date))::int AS age, full_name(g) AS guardian_name, g.user_id AS guardian_user_id
  FROM guardian_link l JOIN person m ON m.id = l.minor_id JOIN person g ON g.id = l.guardian_id LEFT JOIN user_account mu ON mu.id = m.user_id
]]

--- Whose guardian the person is now.
function store.wards(guardian_id)
  return query.rows(LINK .. " WHERE l.guardian_id = $1 AND l.state = 'active' ORDER BY m.birth_date, l.id LIMIT 50", guardian_id)
end

function store.find(id) return query.row(LINK .. " WHERE l.id = $1 AND l.revoked_at IS NULL", id) end
function store.lock(id) return query.row(LINK .. " WHERE l.id = $1 AND l.revoked_at IS NULL FOR UPDATE OF l", id) end

function store.by_token(token_hash)
  return query.row(LINK .. " WHERE l.token_hash = $1 AND l.token_expires_at > now() AND l.state = 'requested'", token_hash)
end

--- The request that a letter carries: a newer letter replaces the link of the older one.
function store.ask(id, token_hash, email, hours, asked_by)
  return query.exec([[
    UPDATE guardian_link SET state = 'requested', token_hash = $2, asked_email = $3, token_expires_at = now() + make_interval(hours => $4),
      asked_by = $5, version = version + 1
    WHERE id = $1
  ]], id, token_hash, email, hours, asked_by)
end

function store.insert(minor_id, guardian_id, relation, state)
  return query.row([[
    INSERT INTO guardian_link (minor_id, guardian_id, relation, state, asked_by, confirmed_at, consented_at)
    VALUES ($1, $2, $3, $4, 'guardian', CASE WHEN $4 = 'active' THEN now() END, CASE WHEN $4 = 'active' THEN now() END) RETURNING id
  ]], minor_id, guardian_id, relation, state)
end

--- The guardian himself has confirmed: the link points at him from now on.
function store.confirm(id, guardian_id, with_consent)
  return query.exec([[
    UPDATE guardian_link SET state = 'active', guardian_id = $2, confirmed_at = now(), token_hash = NULL, channel = 'web',
      consented_at = CASE WHEN $3 THEN now() END, version = version + 1
    WHERE id = $1 AND state = 'requested'
  ]], id, guardian_id, with_consent)
end

--- A name that a minor has typed is not needed when the guardian has come himself.
function store.drop_placeholder(person_id)
  return query.exec("DELETE FROM person WHERE id = $1 AND user_id IS NULL AND NOT EXISTS (SELECT FROM guardian_link WHERE guardian_id = $1)", person_id)
end

function store.finish(id, state, user_id)
  return query.exec([[
    UPDATE guardian_link SET state = $2, revoked_at = now(), revoked_by = $3, token_hash = NULL, version = version + 1
    WHERE id = $1 AND revoked_at IS NULL
  ]], id, state, user_id)
end

function store.set_consent(id, is_given)
  return query.exec([[
    UPDATE guardian_link SET consented_at = CASE WHEN $2 THEN coalesce(consented_at, now()) END, channel = 'web', version = version + 1 WHERE id = $1
  ]], id, is_given)
end

--- The staff has seen the paper.
function store.check_paper(minor_id, user_id)
  return query.exec([[
    UPDATE guardian_link SET checked_at = now(), checked_by = $2, version = version + 1
    WHERE minor_id = $1 AND revoked_at IS NULL AND channel = 'paper' AND consented_at IS NOT NULL AND checked_at IS NULL
  ]], minor_id, user_id)
end

--- A child without an account; letters about it go to the guardian's address.
function store.insert_child(c, user_id)
  return query.row([[
    INSERT INTO person (last_name, first_name, middle_name, has_middle_name, gender, birth_date, snils, citizenship_oksm, phone, email, address,
      education_level, citizen_category, created_by, updated_by)
    VALUES ($1, $2, $3, $3::text IS NOT NULL, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) RETURNING id
  ]], c.last_name, c.first_name or "", c.middle_name, c.gender, c.birth_date, c.snils, c.citizenship, c.phone, c.email, c.address, c.education_level,
    c.citizen_category, user_id)
end

--- The person of a live account.
function store.person_by_email(email)
  return query.row([[
    SELECT p.id, p.first_name, p.birth_date, date_part('year', age(current_date, p.birth_date))::int AS age
    FROM user_account u JOIN person p ON p.user_id = u.id WHERE lower(u.email) = lower($1) AND u.state IN ('active', 'locked')
  ]], email)
end

return store
