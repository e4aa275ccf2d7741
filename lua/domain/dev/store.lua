--- SQL of the pages of developers. The table bench_item is made by the bench (tests/bench/sql/schema.sql); its queries
--- are those of tests/bench/sql, word for word, so that the peers are asked for the same.
local query = require("kit.query")
local store = {}

local COLUMNS = "id, code, title, organization, kind, hours, price, starts_on, places, taken, is_open, updated_at"
local ROW = "SELECT " .. COLUMNS .. "\nFROM bench_item WHERE id = $1"
local LIST = "SELECT " .. COLUMNS .. "\nFROM bench_item WHERE id > $1 ORDER BY id LIMIT 20"

function store.row_json(id) return query.json_row(ROW, id) end
function store.list_json(after) return query.json(nil, LIST, after) end
function store.list(after) return query.rows(LIST, after) end

return store
