--- SQL of applications: the object, what its guards ask, its documents, notes and history.
local json = require("core.json")
local query = require("kit.query")
local store = {}

-- Final states and the draft: an application there is not in the works. The unique index application_active_key
-- says the same.
local ACTIVE = "a.state NOT IN ('draft', 'completed', 'expelled', 'rejected', 'withdrawn', 'expired')"

local APPLICATION = [[
  SELECT a.id, a.public_id, a.number, a.state, a.version, a.person_id, a.program_id, a.intake_id, a.organization_id, a.group_id,
    a.source, a.funding, a.citizen_category, a.comment, a.reason, a.responsible_id, a.created_at, a.submitted_at, a.sla_due_at,
    a.docs_due_on, a.waiting_since, a.decided_at, a.updated_at,
    p.title AS program, p.slug AS program_slug, p.hours_total, p.min_age, p.max_age, p.required_documents,
    i.starts_on, i.ends_on, i.shift, i.study_form, i.price, i.places, i.taken, i.opens_on, i.closes_on,
    o.short_name AS organization, o.phone AS organization_phone, s.name AS site, s.address,
    full_name(pe) AS person_name, pe.public_id AS person_public_id, pe.first_name, coalesce(pe.email, u.email) AS person_email,
    short_name(r) AS responsible, g.code AS group_code, g.starts_on AS group_starts_on,
    CASE WHEN a.sla_due_at IS NOT NULL THEN extract(epoch FROM a.sla_due_at - now())::bigint END AS sla_left_s,
    CASE WHEN a.sla_due_at > now() THEN
      (SELECT count(*) FROM generate_series(current_date + 1, a.sla_due_at::date, interval '1 day') AS d WHERE is_working_day(d::date))
    END AS sla_left_days,
    CASE WHEN a.docs_due_on IS NOT NULL THEN a.docs_due_on - current_date END AS docs_left_days,
    CASE WHEN a.state = 'waitlisted' THEN 1 + (
      SELECT count(*) FROM application w WHERE w.intake_id = a.intake_id AND w.state = 'waitlisted'
        AND (w.waiting_since, w.id) < (a.waiting_since, a.id)) END AS waiting_place
  FROM application a
  JOIN program p ON p.id = a.program_id
  JOIN intake i ON i.id = a.intake_id
  JOIN organization o ON o.id = a.organization_id
  JOIN person pe ON pe.id = a.person_id
  LEFT JOIN user_account u ON u.id = pe.user_id
  LEFT JOIN site s ON s.id = i.site_id
  LEFT JOIN person r ON r.user_id = a.responsible_id
  LEFT JOIN study_group g ON g.id = a.group_id
]]

local OWN = APPLICATION .. [[ WHERE a.person_id = $1 ORDER BY a.id DESC LIMIT 100 ]]

-- What a clerk needs to decide; СНИЛС leaves the service masked unless it was asked for.
local APPLICANT = [[
  SELECT pe.id, pe.public_id, full_name(pe) AS name, pe.birth_date, pe.gender, pe.snils, pe.citizenship_oksm AS citizenship,
    pe.phone, coalesce(pe.email, u.email) AS email, pe.address, (pe.education_doc->>'year')::int AS education_year,
    date_part('year', age(i.starts_on, pe.birth_date))::int AS age_on_start,
    (SELECT name FROM ref_item WHERE book = 'education_level' AND code = pe.education_level) AS education,
    (SELECT name FROM ref_item WHERE book = 'citizen_category' AND code = pe.citizen_category) AS category,
    c.given_at AS consent_given_at, CASE WHEN gp.id IS NOT NULL THEN full_name(gp) END AS guardian, g.relation AS guardian_relation, gp.phone AS guardian_phone,
    g.consented_at AS guardian_consented_at, g.channel AS guardian_channel, g.checked_at AS guardian_checked_at, g.state AS guardian_state,
    (SELECT count(*) FROM application other WHERE other.person_id = pe.id AND other.id <> a.id AND other.state <> 'draft') AS others
  FROM application a
  JOIN person pe ON pe.id = a.person_id
  JOIN intake i ON i.id = a.intake_id
  LEFT JOIN user_account u ON u.id = pe.user_id
  LEFT JOIN consent c ON c.person_id = pe.id AND c.kind = 'personal_data' AND c.state = 'given'
  LEFT JOIN LATERAL (
    SELECT * FROM guardian_link WHERE minor_id = pe.id AND revoked_at IS NULL ORDER BY id DESC LIMIT 1) g ON true
  LEFT JOIN person gp ON gp.id = g.guardian_id
  WHERE a.id = $1
]]

-- Seats of the groups of intake i that somebody may still be enrolled into. Who has withdrawn holds a seat on paper
-- only: the order that takes the name out is on its way.
local GROUP_SEATS = [[
  SELECT sum(CASE WHEN g.state IN ('planned', 'recruiting', 'formed') THEN g.capacity_max - g.seats_taken + (
      SELECT count(*) FROM enrollment e JOIN application w ON w.id = e.application_id
      WHERE e.group_id = g.id AND e.state = 'enrolled' AND w.state = 'withdrawn') ELSE 0 END)
  FROM study_group g WHERE g.intake_id = i.id AND g.state <> 'cancelled'
]]

-- Everything that any guard of the machine may ask, in one row. $1 application (NULL: about to be made), $2 person, $3 intake,
-- $4 order and $5 group of the action or of the application, $6 wording of the consent in force.
local FACTS = [[
  SELECT pe.last_name, pe.first_name, pe.middle_name, pe.has_middle_name, pe.birth_date, pe.gender, pe.snils IS NOT NULL AS has_snils,
    pe.citizenship_oksm AS citizenship, pe.phone, pe.education_level, pe.citizen_category,
    EXISTS (SELECT FROM consent WHERE person_id = pe.id AND kind = 'personal_data' AND state = 'given' AND text_version = $6) AS has_consent,
    EXISTS (SELECT FROM guardian_link WHERE minor_id = pe.id AND consented_at IS NOT NULL AND revoked_at IS NULL) AS has_guardian_consent,
    EXISTS (SELECT FROM guardian_link WHERE minor_id = pe.id AND state = 'requested') AS guardian_is_asked,
    EXISTS (SELECT FROM guardian_link WHERE minor_id = pe.id AND consented_at IS NOT NULL AND revoked_at IS NULL AND channel = 'paper'
      AND checked_at IS NULL AND age(pe.birth_date) < interval '18 years') AS has_unchecked_paper,
    date_part('year', age(current_date, pe.birth_date))::int AS age,
    date_part('year', age(i.starts_on, pe.birth_date))::int AS age_on_start,
    p.state = 'published' AS program_is_published, p.min_age, p.max_age, p.entry_education,
    (SELECT array_agg(name ORDER BY sort) FROM ref_item WHERE book = 'education_level' AND code = ANY (p.entry_education))
      AS entry_education_names,
    i.state AS intake_state, i.opens_on, i.closes_on, i.starts_on, i.places, i.taken, current_date AS today,
    i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on AS intake_is_open,
    (]] .. GROUP_SEATS .. [[)::int AS group_seats, -- NULL: no group yet
    (SELECT count(*) FROM application a WHERE a.intake_id = i.id AND (a.state = 'approved' OR a.keeps_place)
      AND a.id IS DISTINCT FROM $1) AS approved,
    active.number AS active_number, active.public_id AS active_id,
    -- what the order and the group say, for the actions that come from there
    EXISTS (SELECT FROM order_line l JOIN order_doc o ON o.id = l.order_id
            WHERE l.application_id = $1 AND l.act = 'in' AND o.id = $4 AND o.state IN ('signed', 'registered')) AS has_enroll_order,
    EXISTS (SELECT FROM enrollment e WHERE e.application_id = $1 AND e.order_out_id IS NOT NULL
            AND e.state IN ('expelled', 'transferred')) AS has_leave_order,
    EXISTS (SELECT FROM enrollment e WHERE e.application_id = $1 AND e.state IN ('passed', 'graduated')) AS has_passed,
    g.state AS group_state, g.starts_on <= current_date AS group_has_started,
    d.missing AS documents_missing, d.rejected AS documents_rejected, d.uncommented AS documents_uncommented
  FROM person pe CROSS JOIN intake i JOIN program p ON p.id = i.program_id
    LEFT JOIN LATERAL (
      SELECT a.number, a.public_id FROM application a
      WHERE a.person_id = pe.id AND a.intake_id = i.id AND a.id IS DISTINCT FROM $1 AND ]] .. ACTIVE .. [[ LIMIT 1) active ON true
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE is_required AND state IN ('asked', 'rejected')) AS missing,
        count(*) FILTER (WHERE state = 'rejected') AS rejected,
        count(*) FILTER (WHERE state = 'rejected' AND coalesce(comment, '') = '') AS uncommented
      FROM application_document WHERE application_id = $1) d
    LEFT JOIN study_group g ON g.id = $5
  WHERE pe.id = $2 AND i.id = $3
]]

local INSERT = [[
  INSERT INTO application (person_id, program_id, intake_id, organization_id, source, funding, citizen_category, comment,
    created_by, updated_by)
  SELECT pe.id, i.program_id, i.id, i.deliverer_id, $3, i.funding[1], pe.citizen_category, $4, $5, $5
  FROM person pe, intake i JOIN program p ON p.id = i.program_id
  WHERE pe.id = $1 AND i.id = $2 AND p.state = 'published'
  RETURNING id, public_id
]]

-- Each moment of the life of an application: NULL parameters leave the column as it is.
local SAVE = [[
  UPDATE application SET state = $2, reason = CASE WHEN $3::text IS NULL THEN reason ELSE $3 END, updated_by = $4,
    responsible_id = CASE WHEN $5::bigint IS NULL THEN responsible_id ELSE $5 END,
    group_id = CASE WHEN $2 IN ('approved', 'waitlisted') THEN NULL WHEN $6::bigint IS NULL THEN group_id ELSE $6 END,
    submitted_at = CASE WHEN $2 = 'submitted' THEN now() ELSE submitted_at END,
    sla_due_at = CASE WHEN $2 IN ('submitted', 'docs_review') THEN add_working_days(now(), $7)
                      WHEN $2 = 'in_review' THEN sla_due_at END,
    docs_due_on = CASE WHEN $2 = 'docs_required' THEN add_working_days(now(), $8)::date END,
    waiting_since = CASE WHEN $2 = 'waitlisted' THEN coalesce(waiting_since, now()) WHEN $2 = 'approved' THEN waiting_since END,
    decided_at = CASE WHEN $2 IN ('approved', 'waitlisted', 'rejected') THEN now() ELSE decided_at END,
    decided_by = CASE WHEN $2 IN ('approved', 'waitlisted', 'rejected') THEN $4 ELSE decided_by END
  WHERE id = $1
]]

local NEAREST_INTAKE = [[
  SELECT i.id FROM intake i JOIN program p ON p.id = i.program_id
  WHERE i.program_id = $1 AND p.state = 'published' AND i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on
  ORDER BY i.starts_on, i.id LIMIT 1
]]

local OFFER = [[
  SELECT i.id, i.program_id, i.starts_on, i.ends_on, i.opens_on, i.closes_on, i.shift, i.study_form, i.price, i.places, i.taken,
    p.title AS program, p.slug AS program_slug, p.hours_total, p.required_documents, p.min_age,
    o.short_name AS organization, s.name AS site, s.address,
    d.id AS draft_id, d.public_id AS draft_public_id, d.number AS draft_number, d.comment AS draft_comment
  FROM intake i JOIN program p ON p.id = i.program_id JOIN organization o ON o.id = i.deliverer_id LEFT JOIN site s ON s.id = i.site_id
    LEFT JOIN LATERAL (
      SELECT * FROM application a WHERE a.person_id = $2 AND a.intake_id = i.id AND a.state = 'draft' ORDER BY a.id LIMIT 1) d ON true
  WHERE i.id = $1 AND p.state = 'published'
]]

-- How many of the waiting list of intake i may move up: places not promised, and seats of its groups not promised.
local FREE_PLACES = [[
  least(i.places - i.taken, coalesce(
    (]] .. GROUP_SEATS .. [[)
    - (SELECT count(*) FROM application w WHERE w.intake_id = i.id AND (w.state = 'approved' OR w.keeps_place)), i.places))
]]

-- The head of the queue, when a place is free. Its row stays locked until the promotion is done.
local NEXT_WAITING = [[
  SELECT a.id FROM application a
  WHERE a.intake_id = $1 AND a.state = 'waitlisted' AND (SELECT ]] .. FREE_PLACES .. [[ FROM intake i WHERE i.id = $1) > 0
  ORDER BY a.waiting_since, a.id LIMIT 1 FOR UPDATE OF a
]]

local WAITING_INTAKES = [[
  SELECT i.id FROM intake i
  WHERE i.state <> 'cancelled' AND EXISTS (SELECT FROM application a WHERE a.intake_id = i.id AND a.state = 'waitlisted')
    AND ]] .. FREE_PLACES .. [[ > 0 LIMIT 200
]]

local OVERDUE_DOCUMENTS = [[
  SELECT id FROM application WHERE state = 'docs_required' AND docs_due_on < current_date ORDER BY id LIMIT 500
]]

local DEAD_INTAKES = [[
  SELECT a.id FROM application a JOIN intake i ON i.id = a.intake_id
  WHERE (a.state = 'waitlisted' AND (i.state = 'cancelled' OR i.starts_on + $1::int < current_date))
     OR (a.state = 'approved' AND i.state = 'cancelled')
  ORDER BY a.id LIMIT 500
]]

function store.find(public_id) return query.row(APPLICATION .. " WHERE a.public_id = $1", public_id) end
function store.get(id) return query.row(APPLICATION .. " WHERE a.id = $1", id) end
function store.lock(id) return query.row(APPLICATION .. " WHERE a.id = $1 FOR UPDATE OF a", id) end
function store.applicant(id) return query.row(APPLICANT, id) end
function store.facts(id, person_id, intake_id, order_id, group_id, consent_version)
  return query.row(FACTS, id, person_id, intake_id, order_id, group_id, consent_version)
end

--- Applications of a person, newest first.
function store.own(person_id) return query.rows(OWN, person_id) end

--- The intake as the form of an application shows it, with the person's draft; nil when its programme is not published.
function store.offer(intake_id, person_id) return query.row(OFFER, intake_id, person_id) end

function store.nearest_intake(program_id) return query.row(NEAREST_INTAKE, program_id) end

--- nil when there is no such intake of a published programme.
function store.insert(person_id, intake_id, source, comment, user_id)
  return query.row(INSERT, person_id, intake_id, source, comment, user_id)
end

--- The application in the works of this person for this intake.
function store.find_active(person_id, intake_id)
  return query.row("SELECT number, public_id FROM application a WHERE person_id = $1 AND intake_id = $2 AND " .. ACTIVE .. " LIMIT 1",
    person_id, intake_id)
end

--- A draft of this person for this intake, so that a second click does not make a second one.
function store.find_draft(person_id, intake_id)
  return query.row(APPLICATION .. " WHERE a.person_id = $1 AND a.intake_id = $2 AND a.state = 'draft' ORDER BY a.id LIMIT 1",
    person_id, intake_id)
end

function store.save_comment(id, comment, user_id)
  return query.exec("UPDATE application SET comment = $2, updated_by = $3 WHERE id = $1", id, comment, user_id)
end

--- Moves to `state`; refused by application_active_key when the person has another application in the works.
function store.save(id, state, change, sla)
  return query.exec(SAVE, id, state, change.reason, change.user_id, change.responsible_id, change.group_id,
    sla.decision_days, sla.documents_days)
end

function store.assign(id, responsible_id, user_id)
  return query.exec("UPDATE application SET responsible_id = $2, updated_by = $3 WHERE id = $1", id, responsible_id, user_id)
end


function store.insert_note(id, is_internal, text, user_id)
  return query.row([[
    INSERT INTO application_note (application_id, is_internal, text, created_by) VALUES ($1, $2, $3, $4) RETURNING id
  ]], id, is_internal, text, user_id)
end

--- The newest comment that the applicant may read.
function store.last_note_to_applicant(id)
  local row = query.row("SELECT text FROM application_note WHERE application_id = $1 AND NOT is_internal ORDER BY id DESC LIMIT 1", id)
  return row and row.text
end

--- Two places that free at once must not promote the same person: the intake is locked first.
function store.next_waiting(intake_id)
  query.row("SELECT id FROM intake WHERE id = $1 FOR UPDATE", intake_id)
  return query.row(NEXT_WAITING, intake_id)
end

function store.waiting_intakes() return query.rows(WAITING_INTAKES) end
function store.overdue_documents() return query.rows(OVERDUE_DOCUMENTS) end
function store.dead_intakes(days) return query.rows(DEAD_INTAKES, days) end

local DOCUMENTS = [[
  SELECT d.id, d.kind, d.title, d.is_required, d.state, d.comment, d.version, d.updated_at, f.id AS file_id,
    f.public_id AS file_public_id, f.name AS file_name, f.size_bytes, f.mime, f.sha256
  FROM application_document d LEFT JOIN file_object f ON f.id = d.file_id
  WHERE d.application_id = $1
]]

function store.documents(application_id) return query.rows(DOCUMENTS .. " ORDER BY d.id", application_id) end

function store.lock_document(application_id, id)
  return query.row(DOCUMENTS .. " AND d.id = $2 FOR UPDATE OF d", application_id, id)
end

--- A request for a document (without a file) or a document sent unasked (with one).
function store.insert_document(application_id, document, user_id)
  return query.row([[
    INSERT INTO application_document (application_id, kind, title, is_required, file_id, state, comment, created_by, updated_by)
    VALUES ($1, $2, $3, $4, $5, CASE WHEN $5::bigint IS NULL THEN 'asked' ELSE 'new' END, $6, $7, $7) RETURNING id
  ]], application_id, document.kind, document.title, document.is_required, document.file_id, document.comment, user_id)
end

function store.replace_document(id, file_id, user_id)
  return query.exec([[
    UPDATE application_document SET file_id = $2, state = 'new', comment = NULL, updated_by = $3 WHERE id = $1
  ]], id, file_id, user_id)
end

function store.judge_document(id, state, comment, user_id)
  return query.exec([[
    UPDATE application_document SET state = $2, comment = $3, updated_by = $4 WHERE id = $1
  ]], id, state, comment, user_id)
end

function store.remove_document(id) return query.exec("DELETE FROM application_document WHERE id = $1", id) end

--- The application whose document this file is; nil when it is none.
function store.find_by_file(file_id)
  return query.row([[
    SELECT a.id, a.public_id, a.person_id, a.organization_id, a.state
    FROM application_document d JOIN application a ON a.id = d.application_id WHERE d.file_id = $1 LIMIT 1
  ]], file_id)
end

-- What hangs on an application, as JSON: one query instead of five. Moments are texts, as everywhere else.
-- $1 application, $2 whether internal notes are wanted, $3 organisation whose clerks are wanted (0: none).
local PARTS = [[
  SELECT
    (SELECT json_agg(json_strip_nulls(json_build_object('id', d.id, 'kind', d.kind, 'title', d.title, 'is_required', d.is_required,
        'state', d.state, 'comment', d.comment, 'updated_at', d.updated_at::text, 'file_public_id', f.public_id,
        'file_name', f.name, 'size_bytes', f.size_bytes, 'mime', f.mime)) ORDER BY d.id)
     FROM application_document d LEFT JOIN file_object f ON f.id = d.file_id WHERE d.application_id = $1) AS documents,
    (SELECT json_agg(json_strip_nulls(json_build_object('id', n.id, 'is_internal', n.is_internal, 'text', n.text,
        'created_at', n.created_at::text, 'author', short_name(p))) ORDER BY n.id)
     FROM application_note n LEFT JOIN person p ON p.user_id = n.created_by
     WHERE n.application_id = $1 AND (NOT n.is_internal OR $2)) AS notes,
    (SELECT json_agg(json_strip_nulls(json_build_object('action', w.action, 'from_state', w.from_state, 'to_state', w.to_state,
        'at', w.at::text, 'role', w.role, 'reason', w.reason, 'who', short_name(p), 'decision',
        CASE WHEN w.inputs IS NULL THEN w.decision ELSE w.decision || jsonb_build_object('inputs', w.inputs::jsonb) END)) ORDER BY w.id)
     FROM workflow_event w LEFT JOIN person p ON p.user_id = w.user_id
     WHERE w.machine = 'application' AND w.object_id = $1) AS history,
    (SELECT json_agg(json_build_object('value', code, 'label', name) ORDER BY sort, name)
     FROM ref_item WHERE book = 'application_document' AND archived_at IS NULL) AS kinds,
    (SELECT json_agg(json_build_object('value', c.id, 'label', c.name) ORDER BY c.name) FROM (
       SELECT DISTINCT u.id, short_name(p) AS name
       FROM role_grant g JOIN user_account u ON u.id = g.user_id JOIN person p ON p.user_id = u.id
       WHERE $3::bigint > 0 AND u.state = 'active' AND (g.valid_to IS NULL OR g.valid_to >= current_date)
         AND (g.role = 'staff' OR (g.role = 'partner' AND g.organization_id = $3)) LIMIT 300) c) AS clerks
]]

--- Documents, notes, history, kinds of documents, clerks: arrays.
---@param clerks_of integer? organisation; nil: clerks are not wanted
---@return table parts {documents, notes, history, kinds, clerks}
function store.parts(id, with_internal, clerks_of)
  local row, parts = query.row(PARTS, id, with_internal or false, clerks_of or 0), {}
  for _, name in ipairs({ "documents", "notes", "history", "kinds", "clerks" }) do
    parts[name] = row[name] and json.decode(row[name]) or {}
  end
  return parts
end

--- Kinds of documents that may be asked for.
function store.document_kinds()
  return query.rows([[
    SELECT code AS value, name AS label FROM ref_item
    WHERE book = 'application_document' AND archived_at IS NULL ORDER BY sort, name COLLATE ru
  ]])
end

function store.is_clerk(user_id, organization_id)
  local row = query.row([[
    SELECT EXISTS (SELECT FROM role_grant g JOIN user_account u ON u.id = g.user_id
      WHERE u.id = $1 AND u.state = 'active' AND (g.valid_to IS NULL OR g.valid_to >= current_date)
        AND (g.role = 'staff' OR (g.role = 'partner' AND g.organization_id = $2))) AS yes
  ]], user_id, organization_id)
  return row.yes
end

--- Who may be responsible: clerks of the centre, and of the organisation that delivers.
function store.clerks(organization_id)
  return query.rows([[
    SELECT DISTINCT u.id, short_name(p) AS name
    FROM role_grant g JOIN user_account u ON u.id = g.user_id JOIN person p ON p.user_id = u.id
    WHERE u.state = 'active' AND (g.valid_to IS NULL OR g.valid_to >= current_date)
      AND (g.role = 'staff' OR (g.role = 'partner' AND g.organization_id = $1))
    ORDER BY name LIMIT 300
  ]], organization_id)
end

return store
