---@meta core.rows
--- Rows of a table that people sent: XLSX (the first visible sheet), or CSV in UTF-8 or windows-1251 with ; , or tab.
--- Every cell is text as a person sees it: leading zeros stay, dates are YYYY-MM-DD. Memory is bounded.
local rows = {}

---@class core.rows.Reader
local Reader = {}

--- Yields.
---@param path string in tmp/ or files/
---@return core.rows.Reader?
---@return core.Error? err "invalid": no table; "limit": too large
function rows.open(path) end

--- The next row that is not empty; nothing at the end. Does not yield.
---@return integer? number as the spreadsheet counts
---@return string[]|core.Error|nil cells up to the last that is not empty ("" for the others); or the error
function Reader:next() end

--- Frees the file early.
function Reader:close() end

return rows
