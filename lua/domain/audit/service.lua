--- The journal of actions: who did what, and whether anybody has tampered with it.
local audit = require("kit.audit")
local db = require("core.db")
local job = require("kit.job")
local log = require("core.log")
local policy = require("domain.audit.policy")
local store = require("domain.audit.store")
local transaction = require("kit.transaction")
local service = {}

local PAGE_SIZE = 50

local function ids_of(rows)
  local ids = {}
  for index, row in ipairs(rows) do
    ids[index] = row.id
  end
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
  local filter = {
    text = input.text,
    ip = input.ip,
    action = input.action,
    entity = input.entity,
    id = input.id,
    from = input.from,
    to = input.to,
    cursor = input.cursor,
  }
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
function service.of_object(entity, id) return store.of_object(entity, id, 100) end

service.JOB = "audit.verify"

--- Asks for a verification of the chain: a job, since millions of rows take minutes.
---@return integer? job_id
---@return kit.Error? err
function service.verify(user)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  return transaction.run(
    function()
      return job.enqueue(
        service.JOB,
        { asked_by = user.id, user_id = user.id, grant_id = user.grant and user.grant.id },
        { key = service.JOB, max_attempts = 2 }
      )
    end
  )
end

--- The last verification: {checked_at, checked, broken?}, nil before the first.
function service.last_check() return store.last_check() end

--- Recomputes the chain of hashes: job, and timer of each night.
---@param payload {asked_by: integer?}
---@return table result {broken?, sealed, waiting}
function service.check(payload)
  local result = store.verify()
  transaction.run(function()
    store.note_check(result.sealed, result.broken, math.tointeger(payload.asked_by))
    audit.write("audit.verify", "audit_event", nil, { broken = { nil, result.broken }, sealed = { nil, result.sealed } })
    return true
  end)
  if result.broken then log.error("audit chain is broken", { position = result.broken }) end
  return result
end

return service
