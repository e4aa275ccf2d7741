--- The journal of actions: who did what, and whether anybody has tampered with it.
local audit = require("kit.audit")
local db = require("core.db")
local policy = require("domain.audit.policy")
local store = require("domain.audit.store")
local service = {}

local PAGE_SIZE = 50

local function ids_of(rows)
  local ids = {}
  for index, row in ipairs(rows) do ids[index] = row.id end
  return db.array(ids)
end

--- Events, newest first.
---@param input table values of fields.LIST
---@return table? result {items, next_cursor}
---@return kit.Error? err
function service.list(user, input)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local limit = input.limit or PAGE_SIZE
  local filter = { action = input.action, entity = input.entity, id = input.id, from = input.from, to = input.to, cursor = input.cursor }
  if input.q then filter.users = ids_of(store.users(input.q)) end
  local rows = store.list(filter, limit)
  local next_cursor
  if #rows > limit then
    rows[#rows] = nil
    next_cursor = rows[#rows].id
  end
  return { items = rows, next_cursor = next_cursor }
end

--- Events of one object, newest first: for its own page. The caller has checked who may.
function service.of_object(entity, id)
  return store.of_object(entity, id, 100)
end

--- Recomputes the chain of hashes.
---@return table? result {broken?, sealed, waiting}
---@return kit.Error? err
function service.verify(user)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local result = store.verify()
  audit.write("audit.verify", "audit_event", nil, { broken = { nil, result.broken }, sealed = { nil, result.sealed } })
  return result
end

return service
