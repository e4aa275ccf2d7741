---@meta core.sheet
--- Writing XLSX with constant memory. Text stays text (leading zeros are kept); only Lua numbers become numbers.
local sheet = {}

---@class core.sheet.Writer
local Writer = {}

---@param path string
---@param columns (string|{title: string, width: number?})[]
---@return core.sheet.Writer
function sheet.open(path, columns) end

---@param values table value by column number; nil leaves a cell empty
function Writer:row(values) end

--- Yields.
---@return true?
---@return core.Error? err
function Writer:close() end

return sheet
