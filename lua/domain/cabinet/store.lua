--- SQL of cabinets: counters of menus and first screens, the day of a teacher, what lies ahead.
local query = require("kit.query")
local store = {}

local COUNT_LIMIT = 1000 -- a counter beyond it reads «1 000+»
store.COUNT_LIMIT = COUNT_LIMIT

local SUBMITTED = [[
  SELECT count(*) AS submitted FROM (
    SELECT FROM application WHERE state = 'submitted' AND ($1::bigint IS NULL OR organization_id = $1) LIMIT $2) found
]]

local OWN = [[
  SELECT count(*) FILTER (WHERE state NOT IN ('draft', 'completed', 'expelled', 'rejected', 'withdrawn', 'expired')) AS active
  FROM application WHERE person_id = $1
]]

-- Lessons of the teacher that are over and not signed. $1 person.
local UNSIGNED_FROM = [[
  FROM lesson_teacher t
  JOIN staff_resource c ON c.id = t.staff_id
  JOIN lesson l ON l.id = t.lesson_id
  JOIN study_group g ON g.id = l.group_id
  JOIN program p ON p.id = g.program_id
  LEFT JOIN program_module m ON m.id = l.module_id
  WHERE c.person_id = $1 AND l.state IN ('published', 'held') AND upper(l.during) < now() AND l.held_on > current_date - 60
]]

local UNSIGNED = [[
  SELECT l.id, l.held_on, to_char(l.starts, 'HH24:MI') AS starts, to_char(l.starts + make_interval(mins => l.minutes), 'HH24:MI') AS ends,
    l.state, l.topic, g.code AS group_code, g.id AS group_id, coalesce(m.title, p.title) AS title
]] .. UNSIGNED_FROM .. " ORDER BY l.held_on, l.starts, l.id LIMIT $2"

local UNSIGNED_COUNT = "SELECT count(*) AS unsigned FROM (SELECT " .. UNSIGNED_FROM .. " LIMIT $2) found"

-- What waits for a signature, a registration, a correction.
local ORDERS = [[
  SELECT count(*) FILTER (WHERE state = 'on_sign') AS on_sign, count(*) FILTER (WHERE state = 'signed') AS signed,
    count(*) FILTER (WHERE state = 'rejected') AS rejected, count(*) FILTER (WHERE state = 'draft') AS drafts,
    min(effective_on) FILTER (WHERE state = 'on_sign') AS on_sign_by, min(effective_on) FILTER (WHERE state = 'signed') AS signed_by
  FROM (SELECT state, effective_on FROM order_doc WHERE state IN ('draft', 'on_sign', 'signed', 'rejected') LIMIT $1) found
]]

-- $1 organisation (NULL: all). Groups that start within three weeks, intakes that close within one.
local GROUPS = [[
  SELECT
    (SELECT count(*) FROM (SELECT FROM study_group g WHERE g.state IN ('planned', 'recruiting', 'formed')
      AND g.starts_on BETWEEN current_date AND current_date + 21 AND g.seats_taken < g.capacity_min
      AND ($1::bigint IS NULL OR g.organization_id = $1) LIMIT $2) a) AS short,
    (SELECT min(g.starts_on) FROM study_group g WHERE g.state IN ('planned', 'recruiting', 'formed')
      AND g.starts_on BETWEEN current_date AND current_date + 21 AND g.seats_taken < g.capacity_min
      AND ($1::bigint IS NULL OR g.organization_id = $1)) AS short_on,
    i.closing, i.closes_on
  FROM (SELECT count(*) AS closing, min(closes_on) AS closes_on FROM (
    SELECT closes_on FROM intake WHERE state = 'open' AND closes_on BETWEEN current_date AND current_date + 7
      AND ($1::bigint IS NULL OR deliverer_id = $1) LIMIT $2) found) i
]]

-- Groups that begin soon, those with too few learners first. $1 organisation, $2 how many.
local STARTING = [[
  SELECT g.id, g.code, g.state, g.starts_on, g.seats_taken, g.capacity_min, g.capacity_max, p.title AS program, o.short_name AS organization
  FROM study_group g JOIN program p ON p.id = g.program_id JOIN organization o ON o.id = g.organization_id
  WHERE g.state IN ('planned', 'recruiting', 'formed') AND g.starts_on BETWEEN current_date AND current_date + 21
    AND ($1::bigint IS NULL OR g.organization_id = $1)
  ORDER BY g.seats_taken >= g.capacity_min, g.starts_on, g.id LIMIT $2
]]

-- Journals of the region that nobody has signed for more than a day. $1 organisation.
local LATE_JOURNALS = [[
  SELECT count(*) AS late, min(held_on) AS since FROM (
    SELECT l.held_on FROM lesson l JOIN study_group g ON g.id = l.group_id
    WHERE l.state IN ('published', 'held') AND l.held_on BETWEEN current_date - 60 AND current_date - 2
      AND ($1::bigint IS NULL OR g.organization_id = $1) LIMIT $2) found
]]

local ORGANIZATIONS = [[
  SELECT count(*) AS pending, min(created_at) AS since FROM (
    SELECT created_at FROM organization WHERE state IN ('pending', 'checking') LIMIT $1) found
]]

local MAIL = [[
  SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'failed') AS failed
  FROM (SELECT state FROM mail_message WHERE state <> 'sent' LIMIT $1) found
]]

local SYSTEM = [[
  SELECT
    (SELECT count(*) FROM (SELECT FROM job WHERE state = 'dead' AND finished_at > now() - interval '30 days' LIMIT $1) a) AS dead,
    (SELECT count(*) FROM (SELECT FROM job WHERE state IN ('queued', 'running') AND run_at < now() - interval '15 minutes' LIMIT $1) a) AS stuck,
    (SELECT count(*) FROM (SELECT FROM outbox_event WHERE dispatched_at IS NULL AND cancelled_at IS NULL AND created_at < now() - interval '5 minutes'
      LIMIT $1) a) AS undelivered,
    (SELECT count(*) FROM (SELECT FROM role_grant WHERE valid_to BETWEEN current_date AND current_date + 14 LIMIT $1) a) AS grants,
    (SELECT min(valid_to) FROM role_grant WHERE valid_to BETWEEN current_date AND current_date + 14) AS grants_to,
    (SELECT count(*) FROM (SELECT FROM user_account WHERE state = 'locked' OR locked_until > now() LIMIT $1) a) AS locked,
    (SELECT count(DISTINCT user_id) FROM session WHERE revoked_at IS NULL AND last_seen_at > now() - interval '1 day') AS seen
]]

-- What of one's own runs out within a month: a role, a consent. $1 account, $2 person.
local EXPIRING = [[
  SELECT 'grant' AS kind, g.role AS code, o.short_name AS name, g.valid_to
  FROM role_grant g LEFT JOIN organization o ON o.id = g.organization_id
  WHERE g.user_id = $1 AND g.valid_to BETWEEN current_date AND current_date + 30
  UNION ALL
  SELECT 'consent', c.kind, NULL, c.valid_to FROM consent c
  WHERE c.person_id = $2 AND c.state = 'given' AND c.valid_to BETWEEN current_date AND current_date + 30
  ORDER BY valid_to LIMIT 5
]]

-- Where the person learns now, with the hours that are behind.
local STUDYING = [[
  SELECT g.id, g.code, e.state, g.starts_on, g.ends_on, p.title AS program, p.hours_total, o.short_name AS organization,
    (SELECT coalesce(sum(l.academic_hours), 0) FROM lesson l WHERE l.group_id = g.id AND l.state IN ('held', 'signed', 'locked')
      AND (l.subgroup_id IS NULL OR l.subgroup_id = e.subgroup_id)) AS hours_held
  FROM enrollment e JOIN study_group g ON g.id = e.group_id JOIN program p ON p.id = g.program_id
  JOIN organization o ON o.id = g.organization_id
  WHERE e.person_id = $1 AND e.state IN ('enrolled', 'studying', 'admitted') ORDER BY g.starts_on, g.id LIMIT 4
]]

local ORGANIZATION = [[
  SELECT id, short_name, full_name, state, inn, kpp, is_partner, is_customer, created_at FROM organization WHERE id = $1
]]

function store.submitted(organization_id) return query.row(SUBMITTED, organization_id, COUNT_LIMIT + 1) end
function store.own(person_id) return query.row(OWN, person_id) end
function store.unsigned_count(person_id) return query.row(UNSIGNED_COUNT, person_id, COUNT_LIMIT + 1) end
function store.orders() return query.row(ORDERS, COUNT_LIMIT + 1) end
function store.groups(organization_id) return query.row(GROUPS, organization_id, COUNT_LIMIT + 1) end
function store.late_journals(organization_id) return query.row(LATE_JOURNALS, organization_id, COUNT_LIMIT + 1) end
function store.organizations() return query.row(ORGANIZATIONS, COUNT_LIMIT + 1) end
function store.mail() return query.row(MAIL, COUNT_LIMIT + 1) end
function store.system() return query.row(SYSTEM, COUNT_LIMIT + 1) end

--- Lessons of a teacher whose journals wait for a signature, oldest first.
function store.unsigned(person_id, limit) return query.rows(UNSIGNED, person_id, limit) end
function store.starting(organization_id, limit) return query.rows(STARTING, organization_id, limit) end
function store.expiring(user_id, person_id) return query.rows(EXPIRING, user_id, person_id) end
function store.studying(person_id) return query.rows(STUDYING, person_id) end
function store.organization(id) return query.row(ORGANIZATION, id) end

return store
