--- SQL of the search of the cabinets. Names: all words exactly, as typed or in the other layout; only when nothing holds them,
--- what resembles them. Codes and numbers: by their beginning.
local db = require("core.db")
local query = require("kit.query")
local store = {}

-- $1, $2 patterns of the first reading (the longest word, all words), $3, $4 of the second, $5 words for slips of the pen, $6 how many,
-- $7 organisation, $8 beginnings of words. At most 200 rows of each way are gathered before they are put in order: a common name must not
-- read the whole table; those that begin so are gathered first.
local NAMES = [[
  WITH exact AS MATERIALIZED (
    SELECT x.id FROM (SELECT id FROM %(table)s WHERE %(lead)s LIKE ANY ($8::text[]) AND %(name)s LIKE ALL ($2::text[]) AND %(where)s LIMIT 200) x
    UNION
    SELECT x.id FROM (SELECT id FROM %(table)s WHERE %(name)s LIKE $1::text AND %(name)s LIKE ALL ($2::text[]) AND %(where)s LIMIT 200) x
    UNION
    SELECT x.id FROM (SELECT id FROM %(table)s WHERE $3::text IS NOT NULL AND %(name)s LIKE $3 AND %(name)s LIKE ALL ($4::text[])
      AND %(where)s LIMIT 200) x
  ), near AS (
    SELECT s AS id FROM %(similar)s($5::text[], 50) s WHERE NOT EXISTS (SELECT FROM exact)
  ), found AS (SELECT id FROM exact UNION ALL SELECT id FROM near)
  SELECT %(columns)s FROM %(table)s WHERE id IN (SELECT id FROM found) AND %(where)s
  ORDER BY NOT %(lead)s LIKE ANY ($8::text[]), (SELECT max(word_similarity(w, %(name)s)) FROM unnest($5::text[]) w) DESC, %(order)s LIMIT $6::int
]]

local function names(parts)
  return (NAMES:gsub("%%%((%w+)%)s", parts))
end

local STATEMENTS = {
  persons = names({
    table = "person", lead = "fold(last_name)", similar = "similar_persons",
    name = "fold(last_name || ' ' || first_name || ' ' || coalesce(middle_name, ''))",
    where = [[merged_into IS NULL AND ($7::bigint IS NULL OR EXISTS (SELECT FROM application a WHERE a.person_id = person.id
        AND a.organization_id = $7 AND a.submitted_at IS NOT NULL)
      OR EXISTS (SELECT FROM enrollment e JOIN study_group g ON g.id = e.group_id WHERE e.person_id = person.id AND g.organization_id = $7))]],
    columns = [[public_id, full_name(person) AS name, birth_date,
      (SELECT count(*) FROM application a WHERE a.person_id = person.id AND a.submitted_at IS NOT NULL
        AND ($7::bigint IS NULL OR a.organization_id = $7)) AS applications]],
    order = "last_name COLLATE ru, first_name COLLATE ru, id",
  }),
  organizations = names({
    table = "organization", lead = "fold(short_name)", name = "fold(short_name || ' ' || full_name)", similar = "similar_organizations",
    where = "state NOT IN ('rejected', 'closed') AND $7::bigint IS NOT DISTINCT FROM $7",
    columns = "id, short_name AS name, full_name, inn, state, is_partner", order = "short_name COLLATE ru, id",
  }),
  programs = names({
    table = "program", lead = "fold(title)", name = "fold(title)", similar = "similar_programs",
    where = "state = 'published' AND $7::bigint IS NOT DISTINCT FROM $7",
    columns = "slug, title AS name, hours_total, (SELECT short_name FROM organization o WHERE o.id = owner_id) AS organization",
    order = "title COLLATE ru, id",
  }),
}

---@param kind "persons"|"organizations"|"programs"
---@param asked domain.finder.Words
---@param organization_id integer? narrows people to those of an organisation
function store.names(kind, asked, limit, organization_id)
  local first, second = asked.patterns[1], asked.patterns[2]
  return query.rows(STATEMENTS[kind], first[1], db.array(first), second and second[1], second and db.array(second), db.array(asked.words), limit,
    organization_id, db.array(asked.beginnings))
end

--- Groups whose code begins so. $3 organisation.
function store.groups(prefixes, limit, organization_id)
  return query.rows([[
    SELECT g.id, g.code AS name, g.state, g.starts_on, p.title AS program, o.short_name AS organization
    FROM study_group g JOIN program p ON p.id = g.program_id JOIN organization o ON o.id = g.organization_id
    WHERE fold(g.code) LIKE ANY ($1::text[]) AND ($3::bigint IS NULL OR g.organization_id = $3)
    ORDER BY g.starts_on DESC, g.id LIMIT $2
  ]], prefixes, limit, organization_id)
end

function store.orders(prefixes, limit, organization_id)
  return query.rows([[
    SELECT d.public_id, d.number AS name, d.title, d.state, d.dated_on FROM order_doc d
    WHERE d.number IS NOT NULL AND fold(d.number) LIKE ANY ($1::text[]) AND ($3::bigint IS NULL OR d.organization_id = $3)
    ORDER BY d.dated_on DESC, d.id DESC LIMIT $2
  ]], prefixes, limit, organization_id)
end

--- Applications by number. $3 organisation, $4 person.
function store.applications(numbers, limit, organization_id, person_id)
  return query.rows([[
    SELECT a.public_id, a.number AS name, a.state, p.title AS program, full_name(pe) AS person_name
    FROM application a JOIN program p ON p.id = a.program_id JOIN person pe ON pe.id = a.person_id
    WHERE a.number = ANY ($1::text[]) AND ($3::bigint IS NULL OR a.organization_id = $3) AND ($4::bigint IS NULL OR a.person_id = $4)
    ORDER BY a.number DESC LIMIT $2
  ]], numbers, limit, organization_id, person_id)
end

return store
