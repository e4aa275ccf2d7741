--- SQL of study groups, their learners and candidates.
local query = require("kit.query")
local store = {}

-- $1 states, $2 organisation, $3 folded text, $4 person who teaches, $5 person who learns, $6/$7 last row seen, $8 limit.
local LIST = [[
  SELECT g.id, g.code, g.state, g.starts_on, g.ends_on, g.capacity_min, g.capacity_max, g.seats_taken,
    p.title AS program, p.hours_total, o.short_name AS organization, g.starts_on || '~' || g.id AS cursor
  FROM study_group g
  JOIN program p ON p.id = g.program_id
  JOIN organization o ON o.id = g.organization_id
  WHERE ($1::text[] IS NULL OR g.state = ANY ($1))
    AND ($2::bigint IS NULL OR g.organization_id = $2)
    AND ($3::text IS NULL OR strpos(fold(g.code || ' ' || p.title), $3) > 0)
    AND ($4::bigint IS NULL OR EXISTS (
      SELECT FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id JOIN staff_resource s ON s.id = t.staff_id
      WHERE l.group_id = g.id AND s.person_id = $4))
    AND ($5::bigint IS NULL OR EXISTS (SELECT FROM enrollment e WHERE e.group_id = g.id AND e.person_id = $5))
    AND ($6::date IS NULL OR (g.starts_on, g.id) < ($6::date, $7::bigint))
  ORDER BY g.starts_on DESC, g.id DESC
  LIMIT $8
]]

local GROUP = [[
  SELECT g.id, g.code, g.state, g.version, g.program_id, g.version_id, g.intake_id, g.organization_id, g.site_id,
    g.starts_on, g.ends_on, g.shift, g.study_form, g.capacity_min, g.capacity_max, g.seats_taken, g.curator_id,
    p.title AS program, p.slug AS program_slug, p.hours_total, p.state AS program_state, p.current_version_id,
    o.short_name AS organization, o.full_name AS organization_full, o.director_name, o.director_post,
    s.name AS site, s.address, s.zone, short_name(c) AS curator,
    (SELECT array_agg(DISTINCT r.person_id) FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id
     JOIN staff_resource r ON r.id = t.staff_id WHERE l.group_id = g.id) AS person_ids
  FROM study_group g
  JOIN program p ON p.id = g.program_id
  JOIN organization o ON o.id = g.organization_id
  JOIN site s ON s.id = g.site_id
  LEFT JOIN person c ON c.user_id = g.curator_id
  WHERE g.id = $1
]]

local LEARNERS = [[
  SELECT e.id, e.state, e.version, e.person_id, e.funding, e.enrolled_on, e.left_on, e.subgroup_id, e.final_mark,
    p.public_id AS person_public_id, full_name(p) AS name, p.birth_date,
    a.public_id AS application_id, a.number AS application_number,
    d.public_id AS order_id, d.number AS order_number, d.dated_on AS order_date
  FROM enrollment e
  JOIN person p ON p.id = e.person_id
  JOIN order_doc d ON d.id = e.order_in_id
  LEFT JOIN application a ON a.id = e.application_id
  WHERE e.group_id = $1
  ORDER BY e.state IN ('expelled', 'transferred'), p.last_name COLLATE ru, p.first_name COLLATE ru, e.id
]]

-- Approved and waiting applications of the intake that are in no order under way: whom a new order may enrol.
local CANDIDATES = [[
  SELECT a.id, a.public_id, a.number, a.state, a.submitted_at, a.waiting_since, full_name(p) AS name,
    (SELECT d.public_id FROM order_line l JOIN order_doc d ON d.id = l.order_id
     WHERE l.application_id = a.id AND l.act = 'in' AND d.state IN ('draft', 'on_sign', 'signed', 'rejected') LIMIT 1) AS order_id
  FROM application a JOIN person p ON p.id = a.person_id
  WHERE a.intake_id = $1 AND a.state IN ('approved', 'waitlisted')
  ORDER BY a.state, coalesce(a.waiting_since, a.submitted_at), a.id
  LIMIT 500
]]

local MODULES = [[
  SELECT m.id, m.code, m.title, m.is_final, m.hours_total - m.hours_self AS hours,
    coalesce(sum(l.academic_hours) FILTER (WHERE l.state <> 'cancelled'), 0) AS planned,
    coalesce(sum(l.academic_hours) FILTER (WHERE l.state IN ('signed', 'locked')), 0) AS held
  FROM program_module m
  LEFT JOIN lesson l ON l.module_id = m.id AND l.group_id = $1
  WHERE m.version_id = $2
  GROUP BY m.id ORDER BY m.position
]]

local ORDERS = [[
  SELECT d.public_id, d.kind, d.title, d.number, d.dated_on, d.effective_on, d.state,
    (SELECT count(*) FROM order_line l WHERE l.order_id = d.id) AS persons
  FROM order_doc d WHERE d.group_id = $1 ORDER BY d.id DESC
]]

local FACTS = [[
  SELECT
    (SELECT state = 'published' FROM program WHERE id = g.program_id) AS program_published,
    EXISTS (SELECT FROM order_doc WHERE group_id = g.id AND kind = 'enroll' AND state = 'registered') AS has_enroll_order,
    EXISTS (SELECT FROM order_doc WHERE group_id = g.id AND kind = 'admission' AND state = 'registered') AS has_admission_order,
    EXISTS (SELECT FROM order_doc WHERE group_id = g.id AND kind = 'expel_done' AND state = 'registered') AS has_expel_order,
    (SELECT coalesce(sum(greatest(m.hours_total - m.hours_self - coalesce(
        (SELECT sum(academic_hours) FROM lesson l WHERE l.module_id = m.id AND l.group_id = g.id AND l.state <> 'cancelled'), 0), 0)), 0)
     FROM program_module m WHERE m.version_id = g.version_id AND NOT m.is_final) AS hours_unplanned,
    (SELECT count(*) FROM lesson l WHERE l.group_id = g.id AND l.state IN ('planned', 'published', 'held')) AS lessons_open,
    (SELECT count(*) FROM enrollment e WHERE e.group_id = g.id AND e.state IN ('enrolled', 'studying', 'admitted')) AS learners_unfinished,
    (SELECT count(*) FROM enrollment e WHERE e.group_id = g.id AND e.state = 'passed') AS documents_missing
  FROM study_group g WHERE g.id = $1
]]

local INSERT = [[
  INSERT INTO study_group (code, program_id, version_id, intake_id, organization_id, site_id, starts_on, ends_on, shift,
    study_form, capacity_min, capacity_max, curator_id, created_by)
  SELECT $2, i.program_id, i.version_id, i.id, i.deliverer_id, $3, $4, $5, $6, i.study_form, $7, $8, $9, $10
  FROM intake i WHERE i.id = $1
  RETURNING id
]]

local INTAKE = [[
  SELECT i.id, i.program_id, i.deliverer_id AS organization_id, i.site_id, i.starts_on, i.ends_on, i.places, i.study_form,
    p.title AS program, p.min_group, p.max_group, o.short_name AS organization
  FROM intake i JOIN program p ON p.id = i.program_id JOIN organization o ON o.id = i.deliverer_id
  WHERE i.id = $1
]]

local INTAKE_CHOICES = [[
  SELECT i.id, i.starts_on, i.places, p.title AS program, o.short_name AS organization,
    (SELECT count(*) FROM application a WHERE a.intake_id = i.id AND a.state = 'approved') AS approved
  FROM intake i JOIN program p ON p.id = i.program_id JOIN organization o ON o.id = i.deliverer_id
  WHERE i.state IN ('open', 'closed') AND i.ends_on >= current_date AND ($1::bigint IS NULL OR i.deliverer_id = $1)
  ORDER BY approved DESC, i.starts_on, i.id
  LIMIT 200
]]

local SITES = [[ SELECT id, name, address FROM site WHERE organization_id = $1 AND archived_at IS NULL ORDER BY name COLLATE ru ]]

local ENROLL = [[
  INSERT INTO enrollment (group_id, person_id, application_id, order_in_id, funding, enrolled_on, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  RETURNING id
]]

local LEAVE = [[
  UPDATE enrollment SET state = 'expelled', order_out_id = $2, left_on = $3, updated_by = $4
  WHERE id = $1 AND state NOT IN ('expelled', 'transferred')
]]

local DUE_LEARNERS = [[
  SELECT e.id, e.application_id FROM enrollment e JOIN study_group g ON g.id = e.group_id
  WHERE e.state = 'enrolled' AND g.starts_on <= current_date AND g.state IN ('recruiting', 'formed', 'studying')
    AND ($1::bigint IS NULL OR g.id = $1)
  ORDER BY e.id LIMIT 1000
]]

local DUE_GROUPS = [[ SELECT id FROM study_group WHERE state = 'formed' AND starts_on <= current_date ORDER BY id LIMIT 200 ]]

--- One row more than `limit`, newest start first.
function store.list(filter, after, limit)
  return query.rows(LIST, filter.states, filter.organization_id, filter.text, filter.teacher_id, filter.learner_id,
    after and after.starts_on, after and after.id, limit + 1)
end

function store.find(id) return query.row(GROUP, id) end
function store.lock(id) return query.row(GROUP .. " FOR UPDATE OF g", id) end
function store.learners(id) return query.rows(LEARNERS, id) end
function store.candidates(intake_id) return query.rows(CANDIDATES, intake_id) end
function store.modules(id, version_id) return query.rows(MODULES, id, version_id) end
function store.orders(id) return query.rows(ORDERS, id) end
function store.facts(id) return query.row(FACTS, id) end
function store.intake(id) return query.row(INTAKE, id) end
function store.intake_choices(organization_id) return query.rows(INTAKE_CHOICES, organization_id) end
function store.sites(organization_id) return query.rows(SITES, organization_id) end

--- Refused by study_group_code_key when the organisation already has a group of that code.
function store.insert(g, user_id)
  return query.row(INSERT, g.intake_id, g.code, g.site_id, g.starts_on, g.ends_on, g.shift, g.capacity_min, g.capacity_max,
    g.curator_id, user_id)
end

function store.save_state(id, state, user_id)
  return query.exec("UPDATE study_group SET state = $2, updated_by = $3 WHERE id = $1", id, state, user_id)
end

--- Refused by study_group_seats when the group is full, by enrollment_active_key when the person is in it.
function store.enroll(group_id, person_id, application_id, order_id, funding, enrolled_on, user_id)
  return query.row(ENROLL, group_id, person_id, application_id, order_id, funding, enrolled_on, user_id)
end

function store.leave(enrollment_id, order_id, left_on, user_id)
  return query.exec(LEAVE, enrollment_id, order_id, left_on, user_id)
end

function store.lock_enrollment(id)
  return query.row([[
    SELECT e.id, e.group_id, e.person_id, e.application_id, e.state, e.version, g.starts_on, g.organization_id
    FROM enrollment e JOIN study_group g ON g.id = e.group_id WHERE e.id = $1 FOR UPDATE OF e
  ]], id)
end

function store.save_enrollment_state(id, state, user_id)
  return query.exec("UPDATE enrollment SET state = $2, updated_by = $3 WHERE id = $1", id, state, user_id)
end

--- Learners whose group has reached its first day; `group_id` nil: of all groups.
function store.due_learners(group_id) return query.rows(DUE_LEARNERS, group_id) end
function store.due_groups() return query.rows(DUE_GROUPS) end

return store
