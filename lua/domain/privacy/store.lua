--- SQL of «Мои данные»: what is kept of a person, who looked, requests, being forgotten.
local json = require("core.json")
local query = require("kit.query")
local store = {}

-- Everything that is kept of a person, by groups, as JSON. $1 person, $2 account.
local DATA = [[
  SELECT
    (SELECT json_build_object('last_name', p.last_name, 'first_name', p.first_name, 'middle_name', p.middle_name, 'gender', p.gender,
        'birth_date', p.birth_date, 'snils', p.snils, 'inn', p.inn, 'citizenship', p.citizenship_oksm, 'birth_place', p.birth_place,
        'phone', p.phone, 'email', coalesce(p.email, u.email), 'address', p.address, 'education_level', p.education_level,
        'education_document', p.education_doc, 'health_limit', p.health_limit, 'citizen_category', p.citizen_category,
        'listener_category', p.listener_category, 'employment', p.employment)
     FROM person p LEFT JOIN user_account u ON u.id = p.user_id WHERE p.id = $1) AS person,
    (SELECT json_agg(json_build_object('last_name', last_name, 'first_name', first_name, 'middle_name', middle_name, 'valid_to', valid_to::text)
      ORDER BY id) FROM person_name_history WHERE person_id = $1) AS former_names,
    (SELECT json_build_object('email', email, 'phone', phone, 'state', state, 'created_at', created_at::text, 'last_login_at', last_login_at::text)
     FROM user_account WHERE id = $2) AS account,
    (SELECT json_agg(json_build_object('kind', kind, 'text_version', text_version, 'state', state, 'channel', channel, 'given_at', given_at::text,
        'withdrawn_at', withdrawn_at::text) ORDER BY id) FROM consent WHERE person_id = $1) AS consents,
    (SELECT json_agg(json_build_object('number', a.number, 'program', pr.title, 'state', a.state, 'submitted_at', a.submitted_at::text,
        'comment', a.comment, 'documents', (SELECT json_agg(json_build_object('title', d.title, 'state', d.state, 'file', f.name))
          FROM application_document d LEFT JOIN file_object f ON f.id = d.file_id WHERE d.application_id = a.id)) ORDER BY a.id)
     FROM application a JOIN program pr ON pr.id = a.program_id WHERE a.person_id = $1) AS applications,
    (SELECT json_agg(json_build_object('group', g.code, 'state', e.state, 'starts_on', g.starts_on, 'ends_on', g.ends_on) ORDER BY e.id)
     FROM enrollment e JOIN study_group g ON g.id = e.group_id WHERE e.person_id = $1) AS trainings,
    (SELECT json_agg(json_build_object('guardian', full_name(g), 'relation', l.relation, 'state', l.state, 'consented_at', l.consented_at::text)
      ORDER BY l.id) FROM guardian_link l JOIN person g ON g.id = l.guardian_id WHERE l.minor_id = $1) AS guardians,
    (SELECT json_agg(json_build_object('role', r.role, 'organization', o.short_name, 'valid_from', r.valid_from, 'valid_to', r.valid_to) ORDER BY r.id)
     FROM role_grant r LEFT JOIN organization o ON o.id = r.organization_id WHERE r.user_id = $2) AS roles,
    (SELECT json_agg(json_build_object('ip', host(s.ip), 'device', s.user_agent, 'created_at', s.created_at::text) ORDER BY s.id DESC)
     FROM (SELECT * FROM session WHERE user_id = $2 ORDER BY id DESC LIMIT 50) s) AS sessions
]]

local GROUPS = { "person", "former_names", "account", "consents", "applications", "trainings", "guardians", "roles", "sessions" }

---@return table data group → object or array; nil: nothing of the kind
function store.data(person_id, user_id)
  local row, data = query.row(DATA, person_id, user_id), {}
  for _, name in ipairs(GROUPS) do data[name] = row[name] and json.decode(row[name]) or nil end
  return data
end

--- Who looked at special data or at papers of the person, and why.
function store.views(person_id)
  return query.rows([[
    SELECT e.at, e.action, e.reason, short_name(p) AS who, g.role, o.short_name AS organization
    FROM audit_event e LEFT JOIN person p ON p.user_id = e.user_id LEFT JOIN role_grant g ON g.id = e.grant_id
      LEFT JOIN organization o ON o.id = g.organization_id
    WHERE (e.entity = 'person' AND e.entity_id = $1 AND e.action = 'person.view_special')
      OR (e.entity = 'file' AND e.action = 'file.read' AND e.entity_id IN (SELECT d.file_id FROM application_document d
          JOIN application a ON a.id = d.application_id WHERE a.person_id = $1 AND d.file_id IS NOT NULL))
    ORDER BY e.id DESC LIMIT 100
  ]], person_id)
end

local REQUEST = [[
  SELECT r.id, r.public_id, r.kind, r.person_id, r.user_id, r.text, r.state, r.due_at, r.reason, r.created_at, r.decided_at,
    full_name(p) AS person_name, u.email, f.public_id AS file_public_id, f.name AS file_name
  FROM data_request r JOIN person p ON p.id = r.person_id LEFT JOIN user_account u ON u.id = r.user_id LEFT JOIN file_object f ON f.id = r.file_id
]]

store.LIST = query.list({
  select = [[r.id, r.public_id, r.kind, r.text, r.state, r.due_at, r.created_at, full_name(p) AS person_name, p.public_id AS person_public_id, u.email,
    f.public_id AS file_public_id, f.name AS file_name, r.reason]],
  from = [[data_request r JOIN person p ON p.id = r.person_id LEFT JOIN user_account u ON u.id = r.user_id LEFT JOIN file_object f ON f.id = r.file_id]],
  key = "r.id", filters = { state = "r.state = ?::text" }, sorts = { due = { "r.due_at", type = "timestamptz" } }, default = "due",
})

function store.own_requests(person_id) return query.rows(REQUEST .. " WHERE r.person_id = $1 ORDER BY r.id DESC LIMIT 20", person_id) end
function store.lock_request(public_id) return query.row(REQUEST .. " WHERE r.public_id = $1 FOR UPDATE OF r", public_id) end

--- Refused by data_request_erasure_key when the person has asked to be forgotten already.
function store.insert_request(r)
  return query.row([[
    INSERT INTO data_request (kind, person_id, user_id, text, file_id, due_at)
    VALUES ($1, $2, $3, $4, $5, CASE $1 WHEN 'erasure' THEN now() + make_interval(days => $6) ELSE add_working_days(now(), $6) END) RETURNING id, due_at
  ]], r.kind, r.person_id, r.user_id, r.text, r.file_id, r.days)
end

function store.decide(id, state, reason, user_id)
  return query.exec([[
    UPDATE data_request SET state = $2, reason = $3, decided_at = now(), decided_by = $4 WHERE id = $1 AND state = 'pending'
  ]], id, state, reason, user_id)
end

function store.due_erasures()
  return query.rows("SELECT public_id FROM data_request WHERE kind = 'erasure' AND state = 'pending' AND due_at <= now() ORDER BY id LIMIT 50")
end

--- The person of a request that this file is; nil when it is none.
function store.owner_of_file(file_id) return query.row("SELECT person_id FROM data_request WHERE file_id = $1 LIMIT 1", file_id) end

--- What stands in the way of being forgotten: matters under way, and the training whose papers the law keeps.
function store.ties(person_id, user_id)
  return query.row([[
    SELECT EXISTS (SELECT FROM application WHERE person_id = $1 AND state IN ('submitted', 'in_review', 'docs_required', 'docs_review', 'approved',
        'waitlisted', 'enrolled', 'studying')) AS has_open,
      EXISTS (SELECT FROM role_grant WHERE user_id = $2 AND role IN ('staff', 'admin', 'coordinator', 'teacher') AND valid_to IS NULL) AS has_office,
      EXISTS (SELECT FROM org_member m WHERE m.user_id = $2 AND m.capacity = 'curator' AND m.ended_at IS NULL) AS is_curator,
      EXISTS (SELECT FROM enrollment WHERE person_id = $1) AS has_training
  ]], person_id, user_id)
end

-- By what the person came in.
local WAYS_IN = {
  "DELETE FROM second_factor WHERE user_id = $1", "DELETE FROM recovery_code WHERE user_id = $1", "DELETE FROM known_device WHERE user_id = $1",
  "DELETE FROM email_change WHERE user_id = $1", "DELETE FROM user_identity WHERE user_id = $1",
}

--- Forgets. With a training behind, name, birth date and СНИЛС stay for the archive; all else goes.
function store.erase(person_id, user_id, keeps_name)
  query.exec([[
    UPDATE person SET user_id = NULL, phone = NULL, email = NULL, address = NULL, birth_place = NULL, inn = NULL, health_limit = NULL, employment = '{}',
      last_name = CASE WHEN $2 THEN last_name ELSE 'Удалено' END, first_name = CASE WHEN $2 THEN first_name ELSE '' END,
      middle_name = CASE WHEN $2 THEN middle_name END, name_cases = CASE WHEN $2 THEN name_cases ELSE '{}' END,
      gender = CASE WHEN $2 THEN gender END, birth_date = CASE WHEN $2 THEN birth_date END, snils = CASE WHEN $2 THEN snils END,
      education_doc = CASE WHEN $2 THEN education_doc ELSE '{}' END
    WHERE id = $1
  ]], person_id, keeps_name)
  if not keeps_name then query.exec("DELETE FROM person_name_history WHERE person_id = $1", person_id) end
  query.exec("UPDATE application SET comment = NULL WHERE person_id = $1 AND comment IS NOT NULL", person_id)
  query.exec([[
    UPDATE guardian_link SET state = 'revoked', revoked_at = now(), token_hash = NULL, asked_email = NULL
    WHERE (minor_id = $1 OR guardian_id = $1) AND revoked_at IS NULL
  ]], person_id)
  query.exec("UPDATE consent SET state = 'withdrawn', withdrawn_at = now() WHERE person_id = $1 AND state = 'given'", person_id)
  query.exec("DELETE FROM mail_message m USING user_account u WHERE u.id = $1 AND lower(m.to_address) = lower(u.email)", user_id)
  query.exec("UPDATE session SET revoked_at = now(), ip = NULL, user_agent = NULL WHERE user_id = $1", user_id)
  query.exec([[
    UPDATE org_member SET ended_at = now(), by_staff = true WHERE user_id = $1 AND ended_at IS NULL
  ]], user_id)
  query.exec([[
    UPDATE role_grant SET valid_to = current_date - 1, valid_from = least(valid_from, current_date - 1) WHERE user_id = $1 AND valid_to IS NULL
  ]], user_id)
  for _, statement in ipairs(WAYS_IN) do query.exec(statement, user_id) end
  query.exec("UPDATE user_account SET state = 'deleted', email = NULL, phone = NULL, password_hash = NULL, esia_oid = NULL WHERE id = $1", user_id)
end

--- Papers of applications that led to no training: their rows go, and so do the files that nobody else has.
function store.loose_files(person_id)
  return query.rows([[
    DELETE FROM application_document d USING application a
    WHERE a.id = d.application_id AND a.person_id = $1
      AND NOT EXISTS (SELECT FROM enrollment e WHERE e.application_id = a.id) RETURNING d.file_id
  ]], person_id)
end

return store
