--- SQL of rule packs that every request may need: what is in force, sets by hash, the set of a case.
local json = require("core.json")
local query = require("kit.query")
local store = {}

--- What is in force, with its texts.
function store.active()
  return query.rows([[
    SELECT a.pack, a.organization_id, a.hash, a.set_hash, v.files, a.canary_hash, a.canary_share, c.files AS canary_files
    FROM rule_active a LEFT JOIN rule_version v ON v.hash = a.hash LEFT JOIN rule_version c ON c.hash = a.canary_hash
  ]])
end

--- Hashes of the sets that cases live under, by pack.
function store.known_sets()
  return query.rows([[
    SELECT s.pack, s.hash FROM rule_set s WHERE EXISTS (SELECT FROM case_rules c WHERE c.set_hash = s.hash) ORDER BY s.created_at
  ]])
end

function store.find_set(hash) return query.row("SELECT hash, pack, chunks FROM rule_set WHERE hash = $1", hash) end

function store.keep_set(set)
  local chunks = {}
  for index, chunk in ipairs(set.chunks) do chunks[index] = { name = chunk.name, text = chunk.text } end
  return query.exec("INSERT INTO rule_set (hash, pack, chunks) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING", set.hash, set.id,
    json.encode(json.array(chunks)))
end

function store.pin(machine, object_id, hash)
  return query.row("SELECT pin_case_rules($1, $2, $3) AS hash", machine, object_id, hash).hash
end

function store.pinned(machine, object_id)
  local row = query.row("SELECT set_hash FROM case_rules WHERE machine = $1 AND object_id = $2", machine, object_id)
  return row and row.set_hash
end

return store
