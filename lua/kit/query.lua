--- Door to PostgreSQL for stores. The same calls as core.db, but faults are raised (the top of the request turns them into
--- 503 or 500), except violated constraints: they come back as nil, err, since a service can explain them.
---
---   local row, err = query.row("INSERT INTO subgroup (group_id, name) VALUES ($1, $2) RETURNING id", id, name)
---   if not row then return nil, err.constraint == "subgroup_group_id_name_key" and errors.invalid(…) or err end
---
--- After a constraint violation inside a transaction nothing more can be done in it: return nil, err, or wrap
--- the statement in transaction.attempt().
local context = require("kit.context")
local db = require("core.db")
local errors = require("kit.errors")
local query = {}

local function fault(err)
  local known = errors.from(err)
  if known and known.status == 409 then
    local tx = context.get().tx
    if tx then tx.failed = known end
    return nil, known
  end
  error(err, 0)
end

-- core.db says failure as nil, err; "no row" is a plain nil.
local function checked(value, err, ...)
  if value == nil and err ~= nil then return fault(err) end
  return value, err, ...
end

--- All rows, an empty array when there are none.
---@param sql string whole statement with $1 …; or an options table {lane=, timeout_ms=} before it
---@return table[]? rows
---@return kit.Error? err violated constraint
function query.rows(sql, ...)
  return checked(db.rows(sql, ...))
end

--- The first row, nil when there is none.
---@return table? row
---@return kit.Error? err violated constraint
function query.row(sql, ...)
  return checked(db.row(sql, ...))
end

--- Number of changed rows.
---@return integer? count
---@return kit.Error? err violated constraint
function query.exec(sql, ...)
  return checked(db.exec(sql, ...))
end

--- JSON array straight from the answer of PostgreSQL.
---@param options {limit: integer?, cursor: string?}?
---@return string? bytes, integer? count, string? next_cursor
function query.json(options, sql, ...)
  return checked(db.json(options, sql, ...))
end

--- JSON object of the first row, nil when there is none.
---@return string? bytes
function query.json_row(sql, ...)
  return checked(db.json_row(sql, ...))
end

--- A list with filters, whitelisted orders and keyset pages: see kit.keyset for the definition and its methods.
---@param definition kit.KeysetDefinition
---@return kit.Keyset
function query.list(definition)
  return require("kit.keyset").new(definition)
end

return query
