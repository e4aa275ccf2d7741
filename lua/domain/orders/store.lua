--- SQL of orders.
local query = require("kit.query")
local store = {}

local ORDER = [[
  SELECT d.id, d.public_id, d.created_by, d.kind, d.organization_id, d.journal, d.group_id, d.number, d.dated_on, d.effective_on, d.title,
    d.basis_text, d.state, d.reason, d.version, d.signatory_id, d.signed_at, d.registered_at, d.supersedes_id, d.created_at,
    g.code AS group_code, g.starts_on, g.ends_on, p.title AS program, p.hours_total, o.full_name AS organization_full,
    o.short_name AS organization, o.director_post, short_name(sp) AS signatory,
    (SELECT name FROM ref_item WHERE book = 'order_kind' AND code = d.kind) AS kind_name,
    (SELECT count(*) FROM order_line l WHERE l.order_id = d.id) AS persons
  FROM order_doc d
  JOIN organization o ON o.id = d.organization_id
  LEFT JOIN study_group g ON g.id = d.group_id
  LEFT JOIN program p ON p.id = g.program_id
  LEFT JOIN person sp ON sp.user_id = d.signatory_id
]]

local LIST = [[
  SELECT d.public_id, d.kind, d.number, d.dated_on, d.effective_on, d.title, d.state, g.code AS group_code, d.group_id,
    (SELECT count(*) FROM order_line l WHERE l.order_id = d.id) AS persons, d.id AS cursor
  FROM order_doc d LEFT JOIN study_group g ON g.id = d.group_id
  WHERE ($1::text[] IS NULL OR d.state = ANY ($1))
    AND ($2::text[] IS NULL OR d.kind = ANY ($2))
    AND ($3::bigint IS NULL OR d.organization_id = $3 OR g.organization_id = $3)
    AND ($4::bigint IS NULL OR d.id < $4)
  ORDER BY d.id DESC LIMIT $5
]]

local LINES = [[
  SELECT l.position, l.full_name, l.act, l.application_id, l.enrollment_id, l.person_id, a.public_id AS application_public_id,
    a.number AS application_number, a.state AS application_state
  FROM order_line l LEFT JOIN application a ON a.id = l.application_id
  WHERE l.order_id = $1 ORDER BY l.act DESC, l.position
]]

local APPLICATIONS = [[
  SELECT a.id, a.public_id, a.number, a.state, a.intake_id, a.person_id, a.funding, a.submitted_at, full_name(p) AS name
  FROM application a JOIN person p ON p.id = a.person_id
  WHERE a.public_id = ANY ($1::uuid[])
  ORDER BY a.submitted_at, a.id
  FOR UPDATE OF a
]]

local ENROLLMENTS = [[
  SELECT e.id, e.person_id, e.application_id, e.state, full_name(p) AS name
  FROM enrollment e JOIN person p ON p.id = e.person_id
  WHERE e.id = ANY ($1::bigint[]) AND e.group_id = $2
  ORDER BY e.id FOR UPDATE OF e
]]

local INSERT = [[
  INSERT INTO order_doc (kind, organization_id, group_id, effective_on, title, basis_text, supersedes_id, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, public_id
]]

-- Lines in the order of the Russian alphabet, Ё with Е.
local INSERT_LINES = [[
  INSERT INTO order_line (order_id, position, person_id, application_id, enrollment_id, full_name, act)
  SELECT $1, $5::int + row_number() OVER (ORDER BY p.last_name COLLATE ru, p.first_name COLLATE ru, p.middle_name COLLATE ru, p.id),
    p.id, x.application_id, x.enrollment_id, full_name(p), $6
  FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS x(person_id, application_id, enrollment_id)
  JOIN person p ON p.id = x.person_id
]]

local NEXT_NUMBER = [[
  SELECT coalesce(max(substring(number FROM '^\d+')::int), 0) + 1 AS n
  FROM order_doc WHERE organization_id = $1 AND journal = $2 AND year = $3
]]

local BUSY = [[
  SELECT a.number FROM order_line l JOIN order_doc d ON d.id = l.order_id JOIN application a ON a.id = l.application_id
  WHERE l.application_id = ANY ($1::bigint[]) AND l.act = 'in' AND d.state IN ('draft', 'on_sign', 'signed', 'rejected')
  LIMIT 1
]]

-- The amending order under way of a group; a withdrawal and the promotion after it meet in one document.
local OPEN_AMENDMENT = [[
  SELECT id, public_id FROM order_doc WHERE group_id = $1 AND kind = 'amend' AND state = 'draft' ORDER BY id LIMIT 1 FOR UPDATE
]]

function store.find(public_id) return query.row(ORDER .. " WHERE d.public_id = $1::uuid", public_id) end
function store.lock(id) return query.row(ORDER .. " WHERE d.id = $1 FOR UPDATE OF d", id) end
function store.lines(id) return query.rows(LINES, id) end

function store.list(filter, after_id, limit)
  return query.rows(LIST, filter.states, filter.kinds, filter.organization_id, after_id, limit + 1)
end

--- Rows of the asked applications, locked, earliest submission first.
function store.lock_applications(public_ids) return query.rows(APPLICATIONS, public_ids) end
function store.lock_enrollments(ids, group_id) return query.rows(ENROLLMENTS, ids, group_id) end

function store.insert(order, user_id)
  return query.row(INSERT, order.kind, order.organization_id, order.group_id, order.effective_on, order.title,
    order.basis_text, order.supersedes_id, user_id)
end

--- Three arrays of equal length: persons, their applications, their enrolments (0 stands for none).
function store.insert_lines(order_id, people, applications, enrollments, after_position, act)
  return query.exec(INSERT_LINES, order_id, people, applications, enrollments, after_position, act)
end

--- Orders of a journal are numbered one after another: the lock lasts until the end of the transaction, and the second
--- statement sees what the one before it has committed.
function store.next_number(organization_id, journal, year)
  query.rows("SELECT 1 AS locked FROM pg_advisory_xact_lock(hashtext('order_number'), hashtext($1))",
    ("%d %s %d"):format(organization_id, journal, year))
  return query.row(NEXT_NUMBER, organization_id, journal, year).n
end

--- Number of an application that stands in another order under way, or nil.
function store.in_other_order(application_ids) return query.row(BUSY, application_ids) end
function store.open_amendment(group_id) return query.row(OPEN_AMENDMENT, group_id) end

function store.save_state(id, state, reason, user_id)
  return query.exec("UPDATE order_doc SET state = $2, reason = $3, updated_by = $4 WHERE id = $1", id, state, reason, user_id)
end

function store.save_signature(id, user_id)
  return query.exec("UPDATE order_doc SET signatory_id = $2, signed_at = now() WHERE id = $1", id, user_id)
end

--- Refused by order_doc_number_key when the number is taken in that year and journal.
function store.save_registration(id, number, dated_on, user_id)
  return query.exec([[
    UPDATE order_doc SET state = 'registered', number = $2, dated_on = $3, registered_at = now(), updated_by = $4 WHERE id = $1
  ]], id, number, dated_on, user_id)
end

function store.set_line_enrollment(order_id, person_id, enrollment_id)
  return query.exec("UPDATE order_line SET enrollment_id = $3 WHERE order_id = $1 AND person_id = $2", order_id, person_id, enrollment_id)
end

--- The enrolment of an application that holds a seat, with its group.
function store.enrollment_of(application_id)
  return query.row([[
    SELECT e.id, e.group_id, e.person_id, e.application_id, e.order_in_id FROM enrollment e
    WHERE e.application_id = $1 AND e.state NOT IN ('expelled', 'transferred')
  ]], application_id)
end

--- The order in force that puts this application into a group, or nil.
function store.enrolling_line(application_id)
  return query.row([[
    SELECT l.order_id, d.group_id FROM order_line l JOIN order_doc d ON d.id = l.order_id
    WHERE l.application_id = $1 AND l.act = 'in' AND d.state IN ('signed', 'registered') ORDER BY d.id DESC LIMIT 1
  ]], application_id)
end

--- Whom a freed place went to: amending orders of groups of the intake that take somebody out.
function store.amendment_of_intake(intake_id)
  return query.row([[
    SELECT d.id, d.group_id FROM order_doc d JOIN study_group g ON g.id = d.group_id
    WHERE g.intake_id = $1 AND d.kind = 'amend' AND d.state = 'draft'
      AND (SELECT count(*) FILTER (WHERE act = 'out') > count(*) FILTER (WHERE act = 'in') FROM order_line WHERE order_id = d.id)
    ORDER BY d.id LIMIT 1 FOR UPDATE OF d
  ]], intake_id)
end

--- Whose order it is: the centre's when the region has one, otherwise the deliverer's.
function store.issuer(deliverer_id)
  return query.row([[
    SELECT coalesce((SELECT id FROM organization WHERE kind = 'copp' AND state = 'active' ORDER BY id LIMIT 1), $1::bigint) AS id
  ]], deliverer_id).id
end

function store.line_count(order_id) return query.row("SELECT count(*) AS n FROM order_line WHERE order_id = $1", order_id).n end

return store
