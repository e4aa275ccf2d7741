--- SQL of people: the profile of one's own, guardians whom a minor has named.
local query = require("kit.query")
local store = {}

local PROFILE = [[
  SELECT p.id, p.public_id, p.user_id, p.last_name, p.first_name, p.middle_name, p.has_middle_name, p.gender, p.birth_date, p.snils,
    p.citizenship_oksm AS citizenship, p.phone, coalesce(p.email, u.email) AS email, p.address, p.education_level,
    (p.education_doc->>'year')::int AS education_year, p.education_doc->>'last_name_in_document' AS education_last_name,
    p.citizen_category, p.version, p.verified,
    EXISTS (SELECT FROM enrollment e WHERE e.person_id = p.id) AS is_enrolled,
    date_part('year', age(current_date, p.birth_date))::int AS age,
    (SELECT name FROM ref_item WHERE book = 'education_level' AND code = p.education_level) AS education_name,
    (SELECT name FROM ref_item WHERE book = 'citizen_category' AND code = p.citizen_category) AS category_name,
    c.given_at AS consent_given_at, c.text_version AS consent_version,
    g.id AS guardian_link_id, g.state AS guardian_state, g.channel AS guardian_channel, g.asked_email AS guardian_email,
    g.relation AS guardian_relation, g.consented_at AS guardian_consented_at,
    gp.last_name AS guardian_last_name, gp.first_name AS guardian_first_name, gp.middle_name AS guardian_middle_name,
    gp.phone AS guardian_phone
  FROM person p
  LEFT JOIN user_account u ON u.id = p.user_id
  LEFT JOIN consent c ON c.person_id = p.id AND c.kind = 'personal_data' AND c.state = 'given'
  LEFT JOIN LATERAL (
    SELECT * FROM guardian_link WHERE minor_id = p.id AND revoked_at IS NULL ORDER BY id DESC LIMIT 1) g ON true
  LEFT JOIN person gp ON gp.id = g.guardian_id
  WHERE p.id = $1
]]

local SAVE = [[
  UPDATE person SET last_name = $3, first_name = $4, middle_name = $5, has_middle_name = $6, gender = $7, birth_date = $8,
    snils = $9, citizenship_oksm = $10, phone = $11, address = $12, education_level = $13,
    education_doc = jsonb_strip_nulls(education_doc || jsonb_build_object('year', $14::int, 'last_name_in_document', $15::text)),
    citizen_category = $16, updated_by = user_id
  WHERE id = $1 AND version = $2
]]

local OPTIONS = [[
  SELECT book, code AS value, name AS label FROM ref_item
  WHERE book IN ('education_level', 'citizen_category') AND archived_at IS NULL
    AND (valid_from IS NULL OR valid_from <= current_date) AND (valid_to IS NULL OR valid_to >= current_date)
  ORDER BY book, sort, name COLLATE ru
]]

local SAVE_GUARDIAN = [[
  UPDATE person SET last_name = $2, first_name = $3, middle_name = $4, phone = $5, has_middle_name = $4::text IS NOT NULL, updated_by = $6
  WHERE id = (SELECT guardian_id FROM guardian_link WHERE id = $1)
]]

local INSERT_GUARDIAN = [[
  WITH guardian AS (
    INSERT INTO person (last_name, first_name, middle_name, has_middle_name, phone, created_by, updated_by)
    VALUES ($2, $3, $4, $4::text IS NOT NULL, $5, $7, $7) RETURNING id
  )
  INSERT INTO guardian_link (minor_id, guardian_id, relation, consented_at, state, channel, asked_by)
  SELECT $1, id, $6, CASE WHEN $8 THEN now() END, 'declared', 'paper', 'minor' FROM guardian
  RETURNING id
]]

--- The profile with the consent and the guardian in force.
function store.profile(person_id) return query.row(PROFILE, person_id) end

--- Rows changed (0: another version), or nil, err by person_snils_key when somebody else has this СНИЛС.
function store.save(p)
  return query.exec(SAVE, p.id, p.version, p.last_name, p.first_name, p.middle_name, p.has_middle_name, p.gender, p.birth_date,
    p.snils, p.citizenship, p.phone, p.address, p.education_level, p.education_year, p.education_last_name, p.citizen_category)
end

--- Items of the two reference books that the profile offers.
function store.options() return query.rows(OPTIONS) end

function store.insert_guardian(minor_id, g, user_id)
  return query.row(INSERT_GUARDIAN, minor_id, g.last_name, g.first_name, g.middle_name, g.phone, g.relation, user_id, g.consented)
end

function store.save_guardian(link_id, g, user_id)
  query.exec(SAVE_GUARDIAN, link_id, g.last_name, g.first_name, g.middle_name, g.phone, user_id)
  return query.exec([[
    UPDATE guardian_link SET relation = $2, consented_at = CASE WHEN $3 THEN coalesce(consented_at, now()) ELSE consented_at END WHERE id = $1
  ]], link_id, g.relation, g.consented)
end

--- What changed in the row since the version that the writer had seen.
function store.version(person_id) return query.row("SELECT version FROM person WHERE id = $1", person_id) end

return store
