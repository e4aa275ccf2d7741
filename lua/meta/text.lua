---@meta core.text
--- Text in UTF-8. Letter case: Latin and Cyrillic.
local text = {}

---@param s string
---@return string
function text.lower(s) end

---@param s string
---@return string
function text.upper(s) end

--- Lower case, and е for ё: for comparing what people type.
---@param s string
---@return string
function text.fold(s) end

---@param s string
---@return integer characters
function text.len(s) end

--- As string.sub, in characters.
---@param s string
---@param i integer
---@param j integer?
---@return string
function text.sub(s, i, j) end

--- Without spaces, no-break spaces and byte order marks at both ends.
---@param s string
---@return string
function text.trim(s) end

---@param s string
---@return boolean
function text.is_valid(s) end

--- For HTML text and quoted attributes.
---@param s string
---@return string
function text.escape(s) end

---@param s string
---@return string
function text.url_encode(s) end

--- + is a space.
---@param s string
---@return string?
---@return core.Error? err "invalid"
function text.url_decode(s) end

---@param s string "a=1&b=2"
---@return table<string, string>? first
---@return table<string, string[]>|core.Error all; "invalid": not UTF-8 and NUL, too
function text.parse_query(s) end

---@param s string? a Cookie header
---@return table<string, string>
function text.parse_cookies(s) end

--- An address for a page: nil for nil and false, "#" unless it leads to http(s), mail, phone or inside this site.
---@param value any
---@return string?
function text.link(value) end

return text
