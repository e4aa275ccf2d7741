--- SQL of menus.
local query = require("kit.query")
local store = {}

function store.all() return query.rows("SELECT code, items, version FROM site_menu") end

--- Inserts when the version is 0 (nobody has changed the default yet). nil: somebody was faster.
function store.save(code, items, version, user_id)
  if version == 0 then
    return query.row([[
      INSERT INTO site_menu (code, items, updated_by) VALUES ($1, $2::jsonb, $3) ON CONFLICT (code) DO NOTHING RETURNING version
    ]], code, items, user_id)
  end
  return query.row("UPDATE site_menu SET items = $2::jsonb, updated_by = $3 WHERE code = $1 AND version = $4 RETURNING version", code, items,
    user_id, version)
end

function store.reset(code, version) return query.exec("DELETE FROM site_menu WHERE code = $1 AND version = $2", code, version) end

return store
