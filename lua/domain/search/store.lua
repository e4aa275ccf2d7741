--- SQL of the public search. Each kind gives rows {id, rank, title, excerpt, href, sub}, the best first, pages by (rank, id).
--- Words are compared by their stems; a title that merely resembles the words (a typo) is found by its trigrams and comes last.
---   $1 the words, $2 rank and $3 id of the last row seen (NULL: from the beginning), $4 how many.
local query = require("kit.query")
local store = {}

-- Marks of a highlight: characters that no text of ours holds.
local HEADLINE = [[StartSel="]] .. "\u{E000}" .. [[", StopSel="]] .. "\u{E001}" .. [[", MaxFragments=1, MaxWords=28, MinWords=12]]
local TITLE = [[StartSel="]] .. "\u{E000}" .. [[", StopSel="]] .. "\u{E001}" .. [[", HighlightAll=true]]

local function statement(found, shown)
  return [[
    WITH asked AS (SELECT websearch_to_tsquery('russian', fold($1)) AS words, fold($1) AS text),
    found AS (]] .. found .. [[),
    page AS (
      SELECT id, rank FROM found WHERE $2::int IS NULL OR (-rank, id) > (-$2::int, $3::bigint) ORDER BY -rank, id LIMIT $4::int
    )
  ]] .. shown .. " ORDER BY -page.rank, page.id"
end

-- A rank as a whole number, so that the key of a page is exact.
local function rank(document, title)
  return ("(CASE WHEN %s @@ asked.words THEN 1000 + (1000 * ts_rank(%s, asked.words, 1))::int ELSE (500 * word_similarity(asked.text, %s))::int END)")
    :format(document, document, title)
end

local function headline(config, document)
  return ("ts_headline('russian', %s, asked.words, '%s')"):format(document, config)
end

local STATEMENTS = {
  programs = statement([[
    SELECT p.id, ]] .. rank("p.search", "fold(p.title)") .. [[ AS rank FROM asked, program p
    WHERE p.state = 'published' AND (p.search @@ asked.words OR asked.text <% fold(p.title))
  ]], [[
    SELECT page.id, page.rank, ]] .. headline(TITLE, "p.title") .. " AS title, " .. headline(HEADLINE, "p.annotation || ' ' || p.description") .. [[ AS excerpt,
      '/programs/' || p.slug AS href, p.kind, p.hours_total, o.short_name AS organization
    FROM asked, page JOIN program p ON p.id = page.id JOIN organization o ON o.id = p.owner_id
  ]]),
  competences = statement([[
    SELECT r.id, ]] .. rank("to_tsvector('russian', fold(c.name || ' ' || r.summary || ' ' || r.about))", "fold(c.name)") .. [[ AS rank
    FROM asked, regional_priority r JOIN ref_item c ON c.book = r.book AND c.code = r.competence
    WHERE extract(year FROM current_date) BETWEEN r.year_from AND r.year_to
      AND (to_tsvector('russian', fold(c.name || ' ' || r.summary || ' ' || r.about)) @@ asked.words OR asked.text <% fold(c.name))
  ]], [[
    SELECT page.id, page.rank, ]] .. headline(TITLE, "c.name") .. " AS title, " .. headline(HEADLINE, "r.summary || ' ' || r.about") .. [[ AS excerpt,
      '/competences/' || r.competence AS href, s.name AS sub
    FROM asked, page JOIN regional_priority r ON r.id = page.id JOIN ref_item c ON c.book = r.book AND c.code = r.competence
    LEFT JOIN ref_item s ON s.id = c.parent_id
  ]]),
  organizations = statement([[
    SELECT o.id, ]] .. rank("to_tsvector('russian', fold(o.short_name || ' ' || o.full_name))", "fold(o.short_name || ' ' || o.full_name)") .. [[ AS rank
    FROM asked, organization o
    WHERE o.is_partner AND o.state = 'active' AND (to_tsvector('russian', fold(o.short_name || ' ' || o.full_name)) @@ asked.words
      OR asked.text <% fold(o.short_name || ' ' || o.full_name))
  ]], [[
    SELECT page.id, page.rank, ]] .. headline(TITLE, "o.short_name") .. " AS title, " .. headline(TITLE, "o.full_name") .. [[ AS excerpt,
      '/partners/' || o.id AS href, o.municipality AS sub
    FROM asked, page JOIN organization o ON o.id = page.id
  ]]),
  pages = statement([[
    SELECT p.id, ]] .. rank("v.search", "fold(v.title)") .. [[ AS rank FROM asked, site_page_version v JOIN site_page p ON p.published_id = v.id
    WHERE v.search @@ asked.words OR asked.text <% fold(v.title)
  ]], [[
    SELECT page.id, page.rank, p.slug, p.kind, ]] .. headline(TITLE, "v.title") .. " AS title, "
    .. headline(HEADLINE, "v.lead || ' ' || v.body_text") .. [[ AS excerpt,
      v.dated_on
    FROM asked, page JOIN site_page p ON p.id = page.id JOIN site_page_version v ON v.id = p.published_id
  ]]),
}

--- One page of a kind, one row more than asked.
function store.find(kind, words, after_rank, after_id, limit)
  return query.rows(STATEMENTS[kind], words, after_rank, after_id, limit + 1)
end

return store
