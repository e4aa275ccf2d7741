--- Duplicates of people. What moves is found by PostgreSQL in the catalogue of foreign keys; the preview is the merge itself, undone.
local audit = require("kit.audit")
local errors = require("kit.errors")
local outbox = require("kit.outbox")
local service = require("domain.users.service")
local store = require("domain.users.store")
local transaction = require("kit.transaction")
local merge = {}

local function pair(user, public_id, duplicate_id)
  local found, err = service.find(user, public_id)
  if not found then return nil, err end
  local duplicate = duplicate_id and store.person(duplicate_id)
  if not found.person_key or not duplicate then return nil, errors.not_found("person", duplicate_id) end
  if duplicate.id == found.person_key then return nil, errors.conflict("merge_two", "Это одна и та же запись.") end
  return { stays = store.person(found.person_id), duplicate = duplicate }
end

-- A refusal is how a transaction is undone; this one carries the answer.
local UNDO = errors.new(500, "undo", "preview")

--- What would move: rows of {table_name, column_name, moved, kept}. Nothing is changed.
---@return table? found {stays, duplicate, moves}
---@return kit.Error? err 409 different_snils, different_birth_date, merge_two
function merge.preview(user, public_id, duplicate_id)
  local both, err = pair(user, public_id, duplicate_id)
  if not both then return nil, err end
  local _, fault = transaction.run(function()
    local moves, refused = store.merge(both.duplicate.id, both.stays.id)
    if not moves then return nil, refused end
    both.moves = moves
    return nil, UNDO
  end)
  if fault ~= UNDO then return nil, fault end
  return both
end

--- Puts the duplicate into the person of this user.
---@return table? found {stays, duplicate, moves}
---@return kit.Error? err
function merge.run(user, public_id, input)
  local both, err = pair(user, public_id, input.duplicate_id)
  if not both then return nil, err end
  return transaction.run(function()
    local moves, refused = store.merge(both.duplicate.id, both.stays.id)
    if not moves then return nil, refused end
    both.moves = moves
    local diff = { person = { both.duplicate.public_id, both.stays.public_id } }
    for _, move in ipairs(moves) do diff[move.table_name .. "." .. move.column_name] = { move.kept, move.moved } end
    audit.write("person.merge", "person", both.stays.id, diff, input.reason)
    outbox.emit("person.merged", nil, { person_id = tostring(both.stays.id), duplicate_id = tostring(both.duplicate.id) })
    return both
  end)
end

return merge
