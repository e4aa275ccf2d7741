--- SQL of coming in through providers.
local query = require("kit.query")
local store = {}

function store.providers()
  return query.rows("SELECT code, kind, is_on, is_mock, settings, version, updated_at FROM signin_provider ORDER BY code")
end

function store.save_provider(code, is_on, is_mock, settings, version, user_id)
  return query.exec([[
    UPDATE signin_provider SET is_on = $2, is_mock = $3, settings = $4, updated_by = $6 WHERE code = $1 AND version = $5
  ]], code, is_on, is_mock, settings, version, user_id)
end

function store.use_mock(code, settings)
  return query.exec("UPDATE signin_provider SET is_on = true, is_mock = true, settings = $2 WHERE code = $1 AND settings = '{}'", code, settings)
end

-- ---- attempts

function store.insert_attempt(a)
  query.exec("DELETE FROM signin_attempt WHERE expires_at < now()")
  return query.exec([[
    INSERT INTO signin_attempt (state_hash, provider, browser_hash, purpose, user_id, next, proof, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, now() + interval '10 minutes')
  ]], a.state_hash, a.provider, a.browser_hash, a.purpose, a.user_id, a.next, a.proof)
end

--- Takes an attempt of this browser out for good; nil for anybody else's.
function store.take_attempt(state_hash, provider, browser_hash)
  return query.row([[
    DELETE FROM signin_attempt WHERE state_hash = $1 AND provider = $2 AND browser_hash = $3 AND expires_at > now()
    RETURNING purpose, user_id, next, proof
  ]], state_hash, provider, browser_hash)
end

function store.insert_newcomer(token_hash, profile, next_path)
  query.exec("DELETE FROM signin_newcomer WHERE expires_at < now()")
  return query.exec("INSERT INTO signin_newcomer (token_hash, profile, next, expires_at) VALUES ($1, $2, $3, now() + interval '15 minutes')",
    token_hash, profile, next_path)
end
function store.newcomer(token_hash)
  return query.row("SELECT profile, next FROM signin_newcomer WHERE token_hash = $1 AND expires_at > now()", token_hash)
end
function store.take_newcomer(token_hash)
  return query.row("DELETE FROM signin_newcomer WHERE token_hash = $1 AND expires_at > now() RETURNING profile, next", token_hash)
end

-- ---- who is who

function store.identity(provider, subject)
  return query.row([[
    SELECT i.id, i.user_id, i.is_trusted, u.email, u.state, u.otp_since FROM user_identity i JOIN user_account u ON u.id = i.user_id
    WHERE i.provider = $1 AND i.subject = $2
  ]], provider, subject)
end

function store.identities(user_id)
  return query.rows("SELECT provider, created_at, last_used_at, is_trusted FROM user_identity WHERE user_id = $1", user_id)
end

--- Refused by a key when the subject, or the account, is linked already.
function store.insert_identity(user_id, provider, subject, is_trusted)
  return query.row("INSERT INTO user_identity (user_id, provider, subject, is_trusted) VALUES ($1, $2, $3, $4) RETURNING id",
    user_id, provider, subject, is_trusted)
end

function store.touch_identity(id, is_trusted)
  return query.exec("UPDATE user_identity SET last_used_at = now(), is_trusted = $2 WHERE id = $1", id, is_trusted)
end

--- Unlinks, unless it is the only way in: without a password nobody would get in again.
function store.drop_identity(user_id, provider)
  return query.exec([[
    DELETE FROM user_identity i WHERE user_id = $1 AND provider = $2 AND (
      EXISTS (SELECT FROM user_account u WHERE u.id = $1 AND u.password_hash IS NOT NULL AND u.email IS NOT NULL)
      OR EXISTS (SELECT FROM user_identity o WHERE o.user_id = $1 AND o.provider <> $2))
  ]], user_id, provider)
end

local PERSON = [[
  SELECT p.id, p.user_id, p.last_name, p.first_name, p.middle_name, p.birth_date::text AS birth_date, p.snils, p.gender, u.state, u.email, u.otp_since
  FROM person p LEFT JOIN user_account u ON u.id = p.user_id
]]
function store.person_by_snils(snils) return query.row(PERSON .. " WHERE p.snils = $1 AND p.merged_into IS NULL FOR UPDATE OF p", snils) end
function store.person_of(user_id) return query.row(PERSON .. " WHERE p.user_id = $1 FOR UPDATE OF p", user_id) end

function store.email_is_free(email)
  return query.row("SELECT NOT EXISTS (SELECT FROM user_account WHERE lower(email) = lower($1) AND state <> 'deleted') AS is_free", email).is_free
end

function store.insert_account(email)
  return query.row("INSERT INTO user_account (email, state) VALUES ($1, 'active') RETURNING id", email)
end

function store.insert_person(user_id, p)
  return query.row([[
    INSERT INTO person (user_id, last_name, first_name, middle_name, has_middle_name, birth_date, gender, snils, email, created_by, updated_by)
    VALUES ($1, $2, $3, $4, $4::text IS NOT NULL, $5, $6, $7, $8, $1, $1) RETURNING id
  ]], user_id, p.last_name, p.first_name, p.middle_name, p.birth_date, p.gender, p.snils, p.email)
end

function store.own_person(person_id, user_id)
  return query.exec("UPDATE person SET user_id = $2, updated_by = $2 WHERE id = $1 AND user_id IS NULL", person_id, user_id)
end

--- The former name goes into person_name_history by a trigger.
function store.rename(person_id, p, user_id)
  return query.exec([[
    UPDATE person SET last_name = $2, first_name = $3, middle_name = $4, has_middle_name = $4::text IS NOT NULL, updated_by = $5 WHERE id = $1
  ]], person_id, p.last_name, p.first_name, p.middle_name, user_id)
end

--- Fills in what is empty; what is there stays.
function store.complete(person_id, p, user_id)
  return query.exec([[
    UPDATE person SET birth_date = coalesce(birth_date, $2), gender = coalesce(gender, $3), snils = coalesce(snils, $4), updated_by = $5
    WHERE id = $1 AND ((birth_date IS NULL AND $2::date IS NOT NULL) OR (gender IS NULL AND $3::text IS NOT NULL) OR (snils IS NULL AND $4::text IS NOT NULL))
  ]], person_id, p.birth_date, p.gender, p.snils, user_id)
end

--- Notes what Госуслуги vouches for: what stands there as it was told.
function store.vouch(person_id, p)
  return query.exec([[
    WITH told AS (
      SELECT id, verified || jsonb_strip_nulls(jsonb_build_object(
        'last_name', CASE WHEN fold(last_name) = fold($2) THEN 'esia' END, 'first_name', CASE WHEN $2 IS NOT NULL AND fold(first_name) = fold($3) THEN 'esia' END,
        'middle_name', CASE WHEN $2 IS NOT NULL AND fold(coalesce(middle_name, '')) = fold(coalesce($4, '')) THEN 'esia' END,
        'birth_date', CASE WHEN birth_date = $5::date THEN 'esia' END, 'gender', CASE WHEN gender = $6 THEN 'esia' END,
        'snils', CASE WHEN snils = $7 THEN 'esia' END)) AS verified
      FROM person WHERE id = $1)
    UPDATE person p SET verified = told.verified FROM told WHERE p.id = told.id AND p.verified <> told.verified
  ]], person_id, p.last_name, p.first_name, p.middle_name, p.birth_date, p.gender, p.snils)
end

function store.insert_grant(user_id, role, organization_id, sets)
  return query.exec([[
    INSERT INTO role_grant (user_id, role, organization_id, created_by, sets) VALUES ($1, $2, $3, $1, coalesce($4::text[], '{}'))
    ON CONFLICT (user_id, role, coalesce(organization_id, 0)) WHERE valid_to IS NULL DO UPDATE
      SET sets = (SELECT array_agg(DISTINCT s) FROM unnest(role_grant.sets || excluded.sets) AS s)
  ]], user_id, role, organization_id, sets)
end

-- ---- organisations of a head

--- Offers what the head may act for and does not yet.
function store.offer(user_id, ogrns)
  return query.exec([[
    INSERT INTO signin_offer (user_id, organization_id, expires_at)
    SELECT $1, o.id, now() + interval '1 day' FROM organization o
    WHERE o.ogrn = ANY ($2::text[]) AND o.state = 'active' AND (o.is_partner OR o.is_customer) AND NOT EXISTS (
      SELECT FROM role_grant g WHERE g.user_id = $1 AND g.organization_id = o.id AND g.valid_to IS NULL AND 'curator' = ANY (g.sets))
    ON CONFLICT (user_id, organization_id) DO UPDATE SET expires_at = excluded.expires_at
  ]], user_id, ogrns)
end

function store.offers(user_id)
  return query.rows([[
    SELECT o.id, o.short_name, o.full_name, o.ogrn, o.is_partner, o.is_customer FROM signin_offer f
    JOIN organization o ON o.id = f.organization_id AND o.state = 'active' WHERE f.user_id = $1 AND f.expires_at > now() ORDER BY o.short_name
  ]], user_id)
end

function store.take_offer(user_id, organization_id)
  return query.row([[
    DELETE FROM signin_offer f USING organization o
    WHERE f.user_id = $1 AND f.organization_id = $2 AND f.expires_at > now() AND o.id = f.organization_id AND o.state = 'active'
    RETURNING o.is_partner, o.is_customer
  ]], user_id, organization_id)
end

function store.drop_offers(user_id) return query.exec("DELETE FROM signin_offer WHERE user_id = $1", user_id) end

-- ---- the mock

--- Somebody for the mock's head to lead.
function store.an_employer()
  return query.row([[
    SELECT full_name, short_name, ogrn FROM organization WHERE is_customer AND state = 'active' AND ogrn IS NOT NULL
    ORDER BY short_name LIKE '%Завод%' DESC, id LIMIT 1
  ]])
end

function store.use_mock_code(hash)
  query.exec("DELETE FROM signin_mock_code WHERE expires_at < now()")
  return query.exec("INSERT INTO signin_mock_code (code_hash, expires_at) VALUES ($1, now() + interval '10 minutes') ON CONFLICT DO NOTHING", hash)
end

return store
