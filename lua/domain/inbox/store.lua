--- SQL of the list of applications.
local query = require("kit.query")
local store = {}

-- Persons whose name and programmes whose title hold the text, through their trigram indexes.
local PERSONS = [[ARRAY(SELECT id FROM person WHERE
  fold(last_name || ' ' || first_name || ' ' || coalesce(middle_name, '')) LIKE '%' || fold(?) || '%' LIMIT 5000)]]
local PROGRAMS = "ARRAY(SELECT id FROM program WHERE fold(title) LIKE '%' || fold(?) || '%' LIMIT 1000)"

-- A text with few applications is answered by `found`, from store.matches(); `q` walks the list in its order, which is
-- quick only when many match.
store.LIST = query.list({
  select = [[a.id, a.public_id, a.number, a.state, a.version, a.submitted_at, a.sla_due_at, a.docs_due_on, a.responsible_id, a.program_id,
    a.intake_id, a.organization_id, a.funding, a.updated_at, full_name(pe) AS person_name, pe.public_id AS person_public_id,
    p.title AS program, p.slug AS program_slug, o.short_name AS organization, short_name(r) AS responsible, i.starts_on,
    (SELECT name FROM ref_item WHERE book = 'citizen_category' AND code = a.citizen_category) AS category,
    CASE WHEN a.sla_due_at IS NOT NULL THEN extract(epoch FROM a.sla_due_at - now())::bigint END AS sla_left_s,
    CASE WHEN a.sla_due_at > now() THEN
      (SELECT count(*) FROM generate_series(current_date + 1, a.sla_due_at::date, interval '1 day') AS d WHERE is_working_day(d::date))
    END AS sla_left_days]],
  from = [[application a JOIN person pe ON pe.id = a.person_id JOIN program p ON p.id = a.program_id
    JOIN intake i ON i.id = a.intake_id JOIN organization o ON o.id = a.organization_id
    LEFT JOIN person r ON r.user_id = a.responsible_id]],
  where = "a.state <> 'draft' AND a.submitted_at IS NOT NULL",
  key = "a.id",
  filters = {
    q = "a.person_id = ANY (" .. PERSONS .. ") OR a.program_id = ANY (" .. PROGRAMS .. ")",
    found = "a.id = ANY (?::bigint[])",
    number = "a.number = ?::text",
    state = "a.state = ANY (?::text[])",
    organization = "a.organization_id = ANY (?::bigint[])",
    own_organization = "a.organization_id = ?::bigint",
    program = "a.program_id = ?::bigint",
    intake = "a.intake_id = ?::bigint",
    mine = "a.responsible_id = ?::bigint",
    unassigned = "?::boolean AND a.responsible_id IS NULL",
    overdue = "?::boolean AND a.sla_due_at < now()",
    has_deadline = "?::boolean AND a.sla_due_at IS NOT NULL",
    from = "a.submitted_at >= ?::date",
    to = "a.submitted_at < ?::date + 1",
    ids = "a.public_id = ANY (?::uuid[])",
  },
  sorts = {
    newest = { "a.submitted_at", type = "timestamptz", desc = true },
    due = { "a.sla_due_at", type = "timestamptz" },
  },
  default = "newest",
})

-- $1 text, $2 how many at most.
local MATCHES = ([[
  SELECT coalesce(array_agg(id), '{}') AS ids FROM (
    SELECT id FROM application WHERE person_id = ANY (]] .. PERSONS .. [[)
    UNION ALL
    SELECT id FROM application WHERE program_id = ANY (]] .. PROGRAMS .. [[)
    LIMIT $2::int) found
]]):gsub("%?", "$1::text")

local MATCHES_MOST = 3000

--- Keys of the applications that the text finds; nil when there are too many to name.
---@param like string text with the signs of LIKE escaped
---@return integer[]?
function store.matches(like)
  local ids = query.row(MATCHES, like, MATCHES_MOST + 1).ids
  return #ids <= MATCHES_MOST and ids or nil
end

-- $1 organisation of a partner (NULL: all), $2 who asks, $3 where counting stops.
local COUNTERS = [[
  SELECT
    (SELECT count(*) FROM (SELECT FROM application WHERE state = 'submitted' AND ($1::bigint IS NULL OR organization_id = $1)
      LIMIT $3) a) AS submitted,
    (SELECT count(*) FROM (SELECT FROM application WHERE sla_due_at < now() AND ($1::bigint IS NULL OR organization_id = $1)
      LIMIT $3) a) AS overdue,
    (SELECT count(*) FROM (SELECT FROM application WHERE state = 'docs_review' AND ($1::bigint IS NULL OR organization_id = $1)
      LIMIT $3) a) AS docs_review,
    (SELECT count(*) FROM (SELECT FROM application WHERE responsible_id = $2
      AND state IN ('in_review', 'docs_required', 'docs_review') AND ($1::bigint IS NULL OR organization_id = $1) LIMIT $3) a) AS mine
]]

function store.counters(organization_id, user_id, limit)
  return query.row(COUNTERS, organization_id, user_id, limit)
end

--- Organisations that take applications, for the filter.
function store.organizations()
  return query.rows([[
    SELECT o.id AS value, o.short_name AS label FROM organization o
    WHERE EXISTS (SELECT FROM intake i WHERE i.deliverer_id = o.id) ORDER BY o.short_name COLLATE ru LIMIT 500
  ]])
end

return store
