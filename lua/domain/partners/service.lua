--- Active partner organisations: what the public may know of them.
local errors = require("kit.errors")
local store = require("domain.partners.store")
local service = {}

---@return table[]? rows
---@return string|kit.Error|nil next_cursor or the error
function service.list(input)
  return store.LIST:page({ filters = { q = input.q }, cursor = input.cursor, limit = input.limit or 24 })
end

function service.count() return store.LIST:count({}) end

---@return table? partner with its workshops
---@return kit.Error? err
function service.get(id)
  local partner = id and store.find(id)
  if not partner then return nil, errors.not_found("organization", id) end
  partner.workshops = store.workshops(id)
  return partner
end

return service
