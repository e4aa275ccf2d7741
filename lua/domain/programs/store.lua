--- SQL of the catalogue. A programme is offered once for each of its open intakes; facets and pages are two
--- views of the same set of offers.
local db = require("core.db")
local query = require("kit.query")
local store = {}

-- $1 text, $2 competences, $3 kinds, $4 forms, $5 prices, $6 shifts, $7 lengths, $8 organisations (NULL: any).
-- misses = how many facets an offer fails. A facet counts what the others let through: misses minus its own.
local OFFER = [[
  WITH wanted AS (
    SELECT p.* FROM program p
    WHERE p.state = 'published' AND ({text})
  ), offer AS MATERIALIZED (
    SELECT o.*, competence_miss + kind_miss + form_miss + price_miss + shift_miss + length_miss + organization_miss AS misses
    FROM (
      SELECT p.id, p.competences, p.kind, p.hours_total, p.title,
        coalesce(i.study_form, p.study_form) AS form, i.id AS intake_id, i.starts_on, i.shift, i.price,
        coalesce(i.deliverer_id, p.owner_id) AS organization,
        CASE WHEN i.price = 0 THEN 'free' WHEN i.price > 0 THEN 'paid' END AS price_kind,
        CASE WHEN p.hours_total <= 36 THEN 'short' WHEN p.hours_total <= 144 THEN 'medium' ELSE 'long' END AS length,
        ($2::text[] IS NOT NULL AND NOT p.competences && $2)::int AS competence_miss,
        ($3::text[] IS NOT NULL AND p.kind <> ALL ($3))::int AS kind_miss,
        ($4::text[] IS NOT NULL AND coalesce(i.study_form, p.study_form) <> ALL ($4))::int AS form_miss,
        ($5::text[] IS NOT NULL AND coalesce(CASE WHEN i.price = 0 THEN 'free' WHEN i.price > 0 THEN 'paid' END, '') <> ALL ($5))::int
          AS price_miss,
        ($6::text[] IS NOT NULL AND coalesce(i.shift, '') <> ALL ($6))::int AS shift_miss,
        ($7::text[] IS NOT NULL AND
          CASE WHEN p.hours_total <= 36 THEN 'short' WHEN p.hours_total <= 144 THEN 'medium' ELSE 'long' END <> ALL ($7))::int
          AS length_miss,
        ($8::bigint[] IS NOT NULL AND coalesce(i.deliverer_id, p.owner_id) <> ALL ($8))::int AS organization_miss
      FROM wanted p
      LEFT JOIN intake i ON i.program_id = p.id AND i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on
    ) o
  )
]]

local FACETS = [[
  SELECT 'total' AS facet, '' AS value, '' AS name, count(DISTINCT id) AS n FROM offer WHERE misses = 0
  UNION ALL
  SELECT 'competence', c.code, r.name, count(DISTINCT o.id)
  FROM offer o CROSS JOIN LATERAL unnest(o.competences) AS c(code)
  JOIN ref_item r ON r.book = 'competence' AND r.code = c.code
  WHERE misses = competence_miss GROUP BY c.code, r.name
  UNION ALL
  SELECT 'kind', kind, NULL, count(DISTINCT id) FROM offer WHERE misses = kind_miss GROUP BY kind
  UNION ALL
  SELECT 'form', form, NULL, count(DISTINCT id) FROM offer WHERE misses = form_miss GROUP BY form
  UNION ALL
  SELECT 'price', price_kind, NULL, count(DISTINCT id) FROM offer
  WHERE misses = price_miss AND price_kind IS NOT NULL GROUP BY price_kind
  UNION ALL
  SELECT 'shift', shift, NULL, count(DISTINCT id) FROM offer WHERE misses = shift_miss AND shift IS NOT NULL GROUP BY shift
  UNION ALL
  SELECT 'length', length, NULL, count(DISTINCT id) FROM offer WHERE misses = length_miss GROUP BY length
  UNION ALL
  SELECT 'organization', o.organization::text, g.short_name, count(DISTINCT o.id)
  FROM offer o JOIN organization g ON g.id = o.organization
  WHERE misses = organization_miss GROUP BY o.organization, g.short_name
  ORDER BY 1, 4 DESC, 3
]]

-- What a card shows, joined to the rows of the page alone.
local SHOWN = [[
  SELECT o.id, p.slug, p.title, p.kind, p.hours_total, p.duration_days, p.annotation, o.form,
    o.starts_on, o.shift, o.price, o.intake_id, i.places, i.taken, g.short_name AS organization,
    c.name AS competence, s.name AS sector,
    o.sort_key || '~' || o.id AS cursor
  FROM page o
  JOIN program p ON p.id = o.id
  JOIN organization g ON g.id = o.organization
  LEFT JOIN intake i ON i.id = o.intake_id
  LEFT JOIN ref_item c ON c.book = 'competence' AND c.code = p.competences[1]
  LEFT JOIN ref_item s ON s.id = c.parent_id
  ORDER BY o.sort_key, o.id
]]

-- $9 order, $10 and $11 the last row seen (NULL: from the beginning), $12 how many.
local CARDS = [[
  , card AS (
    SELECT DISTINCT ON (id) id, intake_id, starts_on, shift, price, form, organization, hours_total, title
    FROM offer WHERE misses = 0 ORDER BY id, starts_on, intake_id
  ), ordered AS (
    SELECT card.*,
      CASE $9::text
        WHEN 'hours' THEN lpad(hours_total::text, 6, '0')
        WHEN 'price' THEN lpad(coalesce(price, 99999999)::text, 12, '0')
        WHEN 'title' THEN fold(title)
        ELSE coalesce(starts_on::text, '9999')
      END COLLATE "C" AS sort_key
    FROM card
  ), page AS (
    SELECT * FROM ordered WHERE $10::text IS NULL OR (sort_key, id) > ($10::text, $11::bigint)
    ORDER BY sort_key, id LIMIT $12
  )
]] .. SHOWN

-- The catalogue as one comes to it, without filters, the next start first: intakes in the order of their index, then the
-- programmes that have none. $1 and $2 the last row seen, $3 how many.
local FIRST_CARDS = [[
  WITH open AS NOT MATERIALIZED (
    SELECT * FROM intake WHERE state = 'open' AND current_date BETWEEN opens_on AND closes_on
  ), planned AS (
    SELECT i.program_id AS id, i.id AS intake_id, i.starts_on, i.shift, i.price, coalesce(i.study_form, p.study_form) AS form,
      coalesce(i.deliverer_id, p.owner_id) AS organization, i.starts_on::text COLLATE "C" AS sort_key
    FROM open i JOIN program p ON p.id = i.program_id
    WHERE p.state = 'published'
      AND NOT EXISTS (SELECT FROM open e WHERE e.program_id = i.program_id AND (e.starts_on, e.id) < (i.starts_on, i.id))
      AND ($1::text IS NULL OR (i.starts_on::text COLLATE "C", i.program_id) > ($1::text, $2::bigint))
    ORDER BY i.starts_on, i.program_id LIMIT $3::int
  ), unplanned AS (
    SELECT p.id, NULL::bigint, NULL::date, NULL::text, NULL::numeric, p.study_form, p.owner_id, '9999'
    FROM program p
    WHERE p.state = 'published' AND NOT EXISTS (SELECT FROM open e WHERE e.program_id = p.id)
      AND ($1::text IS NULL OR ('9999' COLLATE "C", p.id) > ($1::text, $2::bigint))
    ORDER BY p.id LIMIT $3::int - (SELECT count(*) FROM planned)
  ), page AS (
    SELECT * FROM planned UNION ALL SELECT * FROM unplanned
  )
]] .. SHOWN

-- Two statements of each, so that the one with a text goes through the indexes: a plan for both would read all titles.
local ALL = "$1::text IS NULL"
local BY_TEXT = "p.search @@ websearch_to_tsquery('russian', fold($1)) OR fold($1) <% fold(p.title)"

local function both(rest)
  local all, by_text = OFFER:gsub("{(%a+)}", { text = ALL }), OFFER:gsub("{(%a+)}", { text = BY_TEXT })
  return { all = all .. rest, by_text = by_text .. rest }
end

local FACETS_SQL, CARDS_SQL = both(FACETS), both(CARDS)

local function chosen(statements, filter)
  return filter[1] and statements.by_text or statements.all
end

local PROGRAM = [[
  SELECT p.id, p.slug, p.title, p.kind, p.state, p.hours_total, p.duration_days, p.study_form, p.e_learning,
    p.annotation, p.description, p.outcomes, p.competences, p.min_age, p.max_age, p.worker_profession, p.rank_from, p.rank_to,
    p.document_kind, p.final_attestation, p.entry_education, p.required_documents, p.audience, p.max_group, p.for_disabled,
    p.prof_standard, p.qualification_level, p.hours_distance, p.current_version_id, p.version, p.updated_at, p.owner_id,
    g.short_name AS owner, g.full_name AS owner_full, g.site_url AS owner_site,
    (SELECT array_agg(name ORDER BY name) FROM ref_item WHERE book = 'competence' AND code = ANY (p.competences)) AS competence_names,
    (SELECT name FROM ref_item WHERE book = 'program_kind' AND code = p.kind) AS kind_name,
    (SELECT name FROM ref_item WHERE book = 'document_kind' AND code = p.document_kind) AS document_name,
    (SELECT name FROM ref_item WHERE book = 'attestation' AND code = p.final_attestation) AS attestation_name,
    (SELECT array_agg(name ORDER BY sort) FROM ref_item WHERE book = 'education_level' AND code = ANY (p.entry_education))
      AS entry_education_names
  FROM program p JOIN organization g ON g.id = p.owner_id
  WHERE p.state = 'published' AND (p.slug = $1 OR p.id = $2)
]]

-- Others of the same competences, those that start first before the rest. $1 the programme, $2 its competences, $3 its kind, $4 how many.
local SIMILAR = [[
  WITH near AS (
    SELECT p.id, cardinality(ARRAY(SELECT unnest(p.competences) INTERSECT SELECT unnest($2::text[]))) AS common, p.kind = $3 AS same_kind
    FROM program p WHERE p.state = 'published' AND p.id <> $1 AND p.competences && $2::text[]
    LIMIT 200
  ), page AS (
    SELECT n.id, i.id AS intake_id, i.starts_on, i.shift, i.price, coalesce(i.study_form, p.study_form) AS form,
      coalesce(i.deliverer_id, p.owner_id) AS organization,
      to_char(99 - n.common, 'FM00') || (NOT n.same_kind)::int || coalesce(i.starts_on::text, '9999') AS sort_key
    FROM near n JOIN program p ON p.id = n.id
    LEFT JOIN LATERAL (SELECT * FROM intake i WHERE i.program_id = n.id AND i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on
      ORDER BY i.starts_on, i.id LIMIT 1) i ON true
    ORDER BY sort_key, n.id LIMIT $4
  )
]] .. SHOWN

local MODULES = [[
  SELECT m.id, m.code, m.title, m.topics, m.is_final, m.hours_total, m.hours_lecture, m.hours_self, m.hours_control,
    m.hours_practice + m.hours_lab + m.hours_seminar AS hours_practice,
    (SELECT name FROM ref_item WHERE book = 'attestation' AND code = m.interim_form) AS interim_form
  FROM program_module m WHERE m.version_id = $1 ORDER BY m.position
]]

local INTAKES = [[
  SELECT i.id, i.title, i.starts_on, i.ends_on, i.opens_on, i.closes_on, i.shift, i.study_form, i.places, i.taken,
    i.price, i.funding, g.short_name AS organization, s.name AS site, s.address, s.is_accessible,
    greatest(i.places - i.taken, 0) AS free_places
  FROM intake i JOIN organization g ON g.id = i.deliverer_id LEFT JOIN site s ON s.id = i.site_id
  WHERE i.program_id = $1 AND i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on
  ORDER BY i.starts_on, i.id
]]

--- Counts of each facet value under the other filters; the row 'total' counts the found programmes.
function store.facets(filter)
  return query.rows(chosen(FACETS_SQL, filter), table.unpack(filter, 1, 8))
end

-- The statement of a page of cards, and its values.
local function cards_of(filter, sort, after_key, after_id, most)
  if sort == "start" and next(filter) == nil then return FIRST_CARDS, after_key, after_id, most end
  local f = filter
  return chosen(CARDS_SQL, f), f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], sort, after_key, after_id, most
end

--- One page of cards, one row more than asked so that the caller knows whether there is a next one.
function store.cards(filter, sort, after_key, after_id, limit)
  return query.rows(cards_of(filter, sort, after_key, after_id, limit + 1))
end

--- The same page as JSON bytes, straight from PostgreSQL's answer.
---@return string bytes, integer count, string? next_cursor
function store.cards_json(filter, sort, after_key, after_id, limit)
  return query.json({ limit = limit, cursor = "cursor" }, cards_of(filter, sort, after_key, after_id, limit + 1))
end

--- A published programme by its slug or its key; nil when there is none.
function store.find(slug, id)
  return query.row(PROGRAM, slug, id)
end

--- A programme that was offered once and is no more.
function store.is_withdrawn(slug, id)
  return query.row("SELECT id FROM program WHERE state IN ('suspended', 'archived') AND (slug = $1 OR id = $2)", slug, id) ~= nil
end

--- The slug of today of a programme that had this one once.
---@return string? slug
function store.moved_to(slug)
  local row = query.row("SELECT p.slug FROM program_former_slug f JOIN program p ON p.id = f.program_id WHERE f.slug = $1", slug)
  return row and row.slug
end

function store.similar(program, limit)
  return query.rows(SIMILAR, program.id, db.array(program.competences), program.kind, limit)
end

function store.modules(version_id)
  return query.rows(MODULES, version_id)
end

--- Intakes that take applications today.
function store.open_intakes(program_id)
  return query.rows(INTAKES, program_id)
end

return store
