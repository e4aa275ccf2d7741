--- Takes the secondary indexes and references off the big tables for the time of the filling, inside its transaction,
--- and puts them back: built once over all rows they cost a fraction, and each is proved anew when it comes back.
local db = require("core.db")
local store = require("domain.demo.store")
local bulk = {}

local TABLES = { "person", "application", "application_document", "enrollment", "order_line", "lesson", "lesson_teacher", "lesson_room",
  "booking", "attendance", "grade", "workflow_event" }

local INDEXES = [[
  SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_index i
  WHERE i.indrelid = ANY ($1::text[]::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
  ORDER BY i.indrelid, i.indexrelid
]]

-- References and unique constraints; keys and the exclusion of bookings stay.
local CONSTRAINTS = [[
  SELECT c.conrelid::regclass::text AS table_name, quote_ident(c.conname) AS name, pg_get_constraintdef(c.oid) AS definition
  FROM pg_constraint c
  WHERE c.conrelid = ANY ($1::text[]::regclass[]) AND c.contype IN ('f', 'u')
  ORDER BY c.contype DESC, c.conrelid, c.oid
]]

--- Takes them off.
---@return table removed what restore() puts back
function bulk.remove()
  local tables = db.array(TABLES)
  local removed = { indexes = store.must(db.rows(INDEXES, tables)), constraints = store.must(db.rows(CONSTRAINTS, tables)) }
  for _, constraint in ipairs(removed.constraints) do
    store.exec(("ALTER TABLE %s DROP CONSTRAINT %s"):format(constraint.table_name, constraint.name))
  end
  for _, index in ipairs(removed.indexes) do store.exec("DROP INDEX " .. index.name) end
  return removed
end

--- How many steps restore() takes.
function bulk.steps(removed) return #removed.indexes + #removed.constraints end

--- Puts them back; `step(what)` is called before each.
function bulk.restore(removed, step)
  for _, index in ipairs(removed.indexes) do
    step(index.name)
    store.exec(index.definition)
  end
  for _, constraint in ipairs(removed.constraints) do
    step(constraint.table_name)
    store.exec(("ALTER TABLE %s ADD CONSTRAINT %s %s"):format(constraint.table_name, constraint.name, constraint.definition))
  end
end

bulk.TABLES = TABLES

return bulk
