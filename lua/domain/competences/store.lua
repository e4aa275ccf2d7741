--- SQL of priority competences.
local query = require("kit.query")
local store = {}

-- Programmes of a competence and how many of them take applications today: `@>` goes through the index of programmes.
local COUNTS = [[
  (SELECT count(*) FROM program p WHERE p.state = 'published' AND p.competences @> ARRAY[r.competence]) AS programs,
  (SELECT count(DISTINCT p.id) FROM program p JOIN intake i ON i.program_id = p.id AND i.state = 'open'
     AND current_date BETWEEN i.opens_on AND i.closes_on
   WHERE p.state = 'published' AND p.competences @> ARRAY[r.competence]) AS open_programs
]]

local LIST = [[
  SELECT r.id, r.competence, c.name, s.name AS sector, s.sort AS sector_sort, r.summary, r.about, r.year_from, r.year_to, r.sort, r.version, ]] .. COUNTS .. [[
  FROM regional_priority r JOIN ref_item c ON c.book = r.book AND c.code = r.competence LEFT JOIN ref_item s ON s.id = c.parent_id
]]
local IN_FORCE = LIST .. " WHERE extract(year FROM current_date) BETWEEN r.year_from AND r.year_to ORDER BY r.sort, r.id"
local ALL = LIST .. " ORDER BY r.sort, r.id LIMIT 500"
local ONE = LIST .. " WHERE r.id = $1"
local BY_CODE = LIST .. " WHERE r.competence = $1 ORDER BY (extract(year FROM current_date) BETWEEN r.year_from AND r.year_to) DESC, r.year_to DESC LIMIT 1"

function store.in_force() return query.rows(IN_FORCE) end
function store.all() return query.rows(ALL) end
function store.find(id) return query.row(ONE, id) end
function store.by_code(code) return query.row(BY_CODE, code) end

--- Workshops where a competence is taught.
function store.workshops(code)
  return query.rows([[
    SELECT r.name, o.short_name AS organization, t.address, r.workplaces
    FROM room r JOIN organization o ON o.id = r.organization_id JOIN site t ON t.id = r.site_id
    WHERE r.competence = $1 AND r.state = 'active' AND o.state = 'active' AND t.archived_at IS NULL ORDER BY o.short_name COLLATE ru, r.name LIMIT 30
  ]], code)
end

--- Competences of the reference book in force, by sector.
function store.choices()
  return query.rows([[
    SELECT c.code, c.name, s.name AS sector FROM ref_item c LEFT JOIN ref_item s ON s.id = c.parent_id
    WHERE c.book = 'competence' AND c.archived_at IS NULL ORDER BY s.sort, c.name COLLATE ru LIMIT 1000
  ]])
end

function store.insert(input, user_id)
  return query.row([[
    INSERT INTO regional_priority (competence, year_from, year_to, summary, about, sort, created_by, updated_by)
    VALUES ($1, $2, $3, $4, $5, coalesce((SELECT max(sort) FROM regional_priority), 0) + 10, $6, $6) RETURNING id, version
  ]], input.competence, input.year_from, input.year_to, input.summary or "", input.about or "", user_id)
end

function store.update(id, input, user_id)
  return query.row([[
    UPDATE regional_priority SET competence = $2, year_from = $3, year_to = $4, summary = $5, about = $6, updated_by = $7
    WHERE id = $1 AND version = $8 RETURNING id, version
  ]], id, input.competence, input.year_from, input.year_to, input.summary or "", input.about or "", user_id, input.version)
end

function store.delete(id, version) return query.exec("DELETE FROM regional_priority WHERE id = $1 AND version = $2", id, version) end

--- Changes places with the neighbour above or below; all rows are numbered anew, so that equal numbers do no harm.
function store.move(id, is_up)
  return query.exec([[
    WITH numbered AS (SELECT id, row_number() OVER (ORDER BY sort, id) AS n FROM regional_priority),
    moved AS (SELECT n, n + CASE WHEN $2 THEN -1 ELSE 1 END AS other FROM numbered WHERE id = $1),
    wanted AS (
      SELECT x.id, 10 * CASE x.n WHEN m.n THEN m.other WHEN m.other THEN m.n ELSE x.n END AS sort
      FROM numbered x CROSS JOIN moved m WHERE m.other BETWEEN 1 AND (SELECT count(*) FROM numbered))
    UPDATE regional_priority r SET sort = w.sort FROM wanted w WHERE w.id = r.id AND r.sort <> w.sort
  ]], id, is_up)
end

return store
