--- SQL of previews.
local query = require("kit.query")
local store = {}

function store.organizations()
  return query.rows("SELECT id AS value, short_name AS label FROM organization ORDER BY short_name COLLATE ru LIMIT 500")
end

return store
