--- SQL of the pages of settings.
local db = require("core.db")
local query = require("kit.query")
local store = {}

--- Names of people by account.
---@param ids integer[]
---@return table<integer, string>
function store.names(ids)
  local names = {}
  if #ids == 0 then return names end
  for _, row in
    ipairs(query.rows(
      [[
    SELECT u.id, coalesce(short_name(p), u.email) AS who FROM user_account u LEFT JOIN person p ON p.user_id = u.id WHERE u.id = ANY ($1)
  ]],
      db.array(ids)
    ))
  do
    names[row.id] = row.who
  end
  return names
end

return store
