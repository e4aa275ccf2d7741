---@meta core.json
--- JSON, at most 64 levels deep. A decoded array stays an array when it is empty.
local json = { null = nil }

--- Sequences and json.array() become arrays, tables with text keys objects; mixed keys, NaN and infinity raise.
---@param value any
---@return string
function json.encode(value) end

---@param text string
---@return any? value null is json.null
---@return core.Error? err "invalid"
function json.decode(text) end

---@param list table? marked and returned; a new one without it
---@return table
function json.array(list) end

---@param map table? marked and returned; a new one without it
---@return table
function json.object(map) end

--- JSON text that encode() embeds as it is.
---@param text string
---@return table
function json.raw(text) end

return json
