--- SQL of stored files.
local query = require("kit.query")
local store = {}

function store.find(public_id)
  return query.row([[
    SELECT id, public_id, sha256, size_bytes, name, mime, created_by FROM file_object WHERE public_id = $1
  ]], public_id)
end

return store
