---@meta core.db
--- PostgreSQL. All functions but array() yield; while a transaction is open, all calls of the task run in it.
--- Values: integer, boolean, float as they are; numeric, uuid, date, time, timestamptz … as text; arrays as tables;
--- json as text; NULL as nil. An options table may come first in rows, row, exec and json_row.
local db = { null = nil }

---@class core.db.Options
---@field lane ("fast"|"slow"|"replica")?
---@field timeout_ms integer?

---@class core.db.Error: core.Error code: "constraint", "retry", "unavailable", "timeout", "overloaded", "db"
---@field sqlstate string?
---@field constraint string?
---@field table string?
---@field column string?
---@field detail string?
---@field hint string? a stable code of our triggers
---@field position integer? character in the statement

---@param ... any [options,] sql, parameters
---@return table[]? rows empty when there is none
---@return core.db.Error? err
function db.rows(...) end

---@param ... any [options,] sql, parameters
---@return table? row the first one
---@return core.db.Error? err
function db.row(...) end

---@param ... any [options,] sql, parameters
---@return integer? affected
---@return core.db.Error? err
function db.exec(...) end

--- A JSON array made in C. The statement asks for limit + 1 rows; the extra one only tells that there is more.
---@param options {limit: integer?, cursor: string?, lane: string?, timeout_ms: integer?}?
---@param sql string
---@param ... any
---@return string? bytes
---@return integer|core.db.Error count
---@return string? next_cursor value of the column `cursor` in the last row, while there is more
function db.json(options, sql, ...) end

---@param ... any [options,] sql, parameters
---@return string? bytes one JSON object
---@return core.db.Error? err
function db.json_row(...) end

---@param mode ("default"|"repeatable"|"serializable"|"read_only")?
---@return true?
---@return core.db.Error? err
function db.begin(mode) end

---@return true?
---@return core.db.Error? err
function db.commit() end

---@return true?
---@return core.db.Error? err
function db.rollback() end

--- COPY … FROM STDIN. next_chunk returns the next lines, nil at the end; it may wait.
---@param sql string
---@param next_chunk fun(): string?
---@return integer? rows
---@return core.db.Error? err
function db.copy(sql, next_chunk) end

---@param list (string|number)[] db.null for NULL
---@return string literal for a parameter of an array type
function db.array(list) end

return db
