--- Addresses of the pages of reference books.
local paths = { BASE = "/admin/refs" }

---@return string
function paths.of(...) return table.concat({ paths.BASE, ... }, "/") end

--- The number in the address; nil when it is none.
---@return integer?
function paths.id(request) return math.tointeger(tonumber(request.params.id:match("^%d+$"))) end

return paths
