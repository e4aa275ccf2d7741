--- SQL of the card of a person, as the staff sees it.
local query = require("kit.query")
local store = {}

--- The person with the account, and the organisations that have to do with him: those whose application or group he is in.
function store.find(public_id)
  return query.row([[
    SELECT p.id, p.public_id, p.last_name, p.first_name, p.middle_name, p.has_middle_name, full_name(p) AS name, p.gender, p.birth_date, p.snils,
      p.citizenship_oksm AS citizenship, p.phone, coalesce(p.email, u.email) AS email, p.address, p.health_limit, p.verified, p.version,
      date_part('year', age(current_date, p.birth_date))::int AS age,
      nullif(concat_ws(' ', p.education_doc->>'series', p.education_doc->>'number'), '') AS education_document,
      (SELECT name FROM ref_item WHERE book = 'education_level' AND code = p.education_level) AS education,
      (SELECT name FROM ref_item WHERE book = 'citizen_category' AND code = p.citizen_category) AS category,
      u.public_id AS account_id, u.state AS account_state, u.last_login_at,
      ARRAY(SELECT a.organization_id FROM application a WHERE a.person_id = p.id AND a.submitted_at IS NOT NULL
        UNION SELECT g.organization_id FROM enrollment e JOIN study_group g ON g.id = e.group_id WHERE e.person_id = p.id) AS organization_ids
    FROM person p LEFT JOIN user_account u ON u.id = p.user_id
    WHERE p.public_id = $1 AND p.merged_into IS NULL
  ]], public_id)
end

function store.public_id(id)
  local row = query.row("SELECT public_id FROM person WHERE id = $1 AND merged_into IS NULL", id)
  return row and row.public_id
end

--- Applications that were filed, newest first. $2 narrows to an organisation.
function store.applications(person_id, organization_id, limit)
  return query.rows([[
    SELECT a.public_id, a.number, a.state, a.submitted_at, p.title AS program, o.short_name AS organization
    FROM application a JOIN program p ON p.id = a.program_id JOIN organization o ON o.id = a.organization_id
    WHERE a.person_id = $1 AND a.submitted_at IS NOT NULL AND ($2::bigint IS NULL OR a.organization_id = $2)
    ORDER BY a.id DESC LIMIT $3
  ]], person_id, organization_id, limit)
end

function store.enrollments(person_id, organization_id, limit)
  return query.rows([[
    SELECT e.group_id, g.code, e.state, e.enrolled_on, e.left_on, p.title AS program, o.short_name AS organization
    FROM enrollment e JOIN study_group g ON g.id = e.group_id JOIN program p ON p.id = g.program_id JOIN organization o ON o.id = g.organization_id
    WHERE e.person_id = $1 AND ($2::bigint IS NULL OR g.organization_id = $2)
    ORDER BY e.id DESC LIMIT $3
  ]], person_id, organization_id, limit)
end

--- Papers of the applications, with their files.
function store.documents(person_id, organization_id, limit)
  return query.rows([[
    SELECT d.title, d.state, f.public_id AS file_id, f.name AS file_name, a.number, a.public_id AS application_id
    FROM application_document d JOIN application a ON a.id = d.application_id LEFT JOIN file_object f ON f.id = d.file_id
    WHERE a.person_id = $1 AND a.submitted_at IS NOT NULL AND ($2::bigint IS NULL OR a.organization_id = $2)
    ORDER BY d.id DESC LIMIT $3
  ]], person_id, organization_id, limit)
end

--- Former names, guardians and wards, in one go.
function store.ties(person_id)
  return query.row([[
    SELECT
      ARRAY(SELECT DISTINCT concat_ws(' ', last_name, nullif(first_name, ''), middle_name) FROM person_name_history WHERE person_id = $1) AS former_names,
      ARRAY(SELECT full_name(g) FROM guardian_link l JOIN person g ON g.id = l.guardian_id WHERE l.minor_id = $1 AND l.revoked_at IS NULL) AS guardians,
      ARRAY(SELECT full_name(m) FROM guardian_link l JOIN person m ON m.id = l.minor_id WHERE l.guardian_id = $1 AND l.revoked_at IS NULL) AS wards
  ]], person_id)
end

--- Roles of the account, in force first.
function store.grants(account_id)
  return query.rows([[
    SELECT g.role, g.sets, g.valid_from, g.valid_to, o.short_name AS organization
    FROM role_grant g JOIN user_account u ON u.id = g.user_id LEFT JOIN organization o ON o.id = g.organization_id
    WHERE u.public_id = $1 AND g.valid_from <= current_date AND (g.valid_to IS NULL OR g.valid_to >= current_date) ORDER BY g.id LIMIT 20
  ]], account_id)
end

--- Corrects who the person is; what stands there is verified by the staff. Rows changed (0: another version), or nil, err.
function store.correct(p, user_id)
  return query.exec([[
    UPDATE person SET last_name = $3, first_name = $4, middle_name = $5, has_middle_name = $6, gender = $7, birth_date = $8, snils = $9::text,
      citizenship_oksm = $10, updated_by = $11, verified = jsonb_strip_nulls(jsonb_build_object('last_name', 'staff', 'first_name', 'staff',
        'middle_name', 'staff', 'gender', 'staff', 'birth_date', 'staff', 'citizenship', 'staff', 'snils', CASE WHEN $9::text IS NOT NULL THEN 'staff' END))
    WHERE id = $1 AND version = $2
  ]], p.id, p.version, p.last_name, p.first_name, p.middle_name, p.has_middle_name, p.gender, p.birth_date, p.snils, p.citizenship, user_id)
end

return store
