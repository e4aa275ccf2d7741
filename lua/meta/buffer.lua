---@meta core.buffer
--- The byte buffer that views write into. Its bytes are C's; at most 64 MiB.
local buffer = {}

---@class core.Buffer
local Buffer = {}

--- An empty buffer.
---@return core.Buffer
function buffer.new() end

--- w(literal, value, literal, value, …): literals go as they are, values are HTML-escaped. nil writes nothing.
---@param ... string|number|boolean|nil
function Buffer:w(...) end

--- Everything as it is.
---@param ... string|number|boolean|nil
function Buffer:raw(...) end

--- A copy of the bytes. #buffer tells how many there are.
---@return string
function Buffer:string() end

return buffer
