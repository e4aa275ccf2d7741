--- SQL of the first page and of contacts.
local query = require("kit.query")
local store = {}

local LONG = { timeout_ms = 120000 }

--- Counts the numbers of the first page anew.
function store.count_numbers()
  return query.exec(LONG, [[
    INSERT INTO site_number (code, value)
    SELECT 'open_programs', count(DISTINCT i.program_id) FROM intake i JOIN program p ON p.id = i.program_id
      WHERE i.state = 'open' AND current_date BETWEEN i.opens_on AND i.closes_on AND p.state = 'published'
    UNION ALL SELECT 'partners', count(*) FROM organization WHERE is_partner AND state = 'active'
    UNION ALL SELECT 'workshops', count(*) FROM room r JOIN organization o ON o.id = r.organization_id
      WHERE r.state = 'active' AND r.kind IN ('workshop', 'lab') AND o.state = 'active'
    UNION ALL SELECT 'learners', count(DISTINCT person_id) FROM enrollment WHERE state NOT IN ('expelled', 'transferred', 'failed')
    ON CONFLICT (code) DO UPDATE SET value = excluded.value, counted_at = now()
  ]])
end

function store.numbers() return query.rows("SELECT code, value FROM site_number") end

--- Places of the centre itself.
function store.places()
  return query.rows([[
    SELECT t.name, t.address, t.is_accessible, to_char(t.opens, 'HH24:MI') AS opens, to_char(t.closes, 'HH24:MI') AS closes, t.works_saturday
    FROM site t JOIN organization o ON o.id = t.organization_id
    WHERE o.kind = 'copp' AND o.state = 'active' AND t.archived_at IS NULL ORDER BY t.id LIMIT 20
  ]])
end

return store
