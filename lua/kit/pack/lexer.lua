--- Words of a Lua text with their lines: what the rule VM cannot tell of a text that it has compiled. The text is known to compile.
---
---   lexer.words("return { a = 1 }")  -- { {kind = "name", text = "return", line = 1}, {kind = "sign", text = "{", line = 1}, … }
local lexer = {}

---@class kit.PackWord
---@field kind "name"|"string"|"number"|"sign"
---@field text string of a string what it holds, without escapes resolved
---@field line integer
---@field from integer byte at which it begins
---@field after integer byte after it

local SIGNS = { "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>" }

local function sign_at(text, at)
  for _, sign in ipairs(SIGNS) do
    if text:sub(at, at + #sign - 1) == sign then return sign end
  end
  return text:sub(at, at)
end

-- The end of a long bracket that begins at `at`, with its content; nil when none does.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local from = at + #level + 2
  local first, last = text:find("]" .. level .. "]", from, true)
  return (last or #text) + 1, text:sub(from, (first or #text + 1) - 1)
end

local function quoted(text, at)
  local mark, i = text:sub(at, at), at + 1
  while i <= #text do
    local char = text:sub(i, i)
    if char == "\\" then i = i + 1 elseif char == mark then break end
    i = i + 1
  end
  return i + 1, text:sub(at + 1, i - 1)
end

local function comment(text, at)
  local after = long_bracket(text, at + 2)
  return after or (text:find("\n", at, true) or #text + 1)
end

-- One word at `at`: where it ends, its kind, its text; without kind it is none.
local function word_at(text, at)
  local name = text:match("^[%a_][%w_]*", at)
  if name then return at + #name, "name", name end
  local number = text:match("^%.?%d[%w%.]*", at)
  if number then return at + #number, "number", number end
  if text:find("^%-%-", at) then return comment(text, at) end
  local char = text:sub(at, at)
  if char == '"' or char == "'" then
    local after, held = quoted(text, at)
    return after, "string", held
  end
  local after, held = long_bracket(text, at)
  if after then return after, "string", held end
  local sign = sign_at(text, at)
  return at + #sign, "sign", sign
end

---@param text string
---@return kit.PackWord[]
function lexer.words(text)
  local words, at, line = {}, 1, 1
  while true do
    local from = text:find("%S", at)
    local _, breaks = text:sub(at, (from or #text + 1) - 1):gsub("\n", "")
    line = line + breaks
    if not from then return words end
    local after, kind, held = word_at(text, from)
    if kind then words[#words + 1] = { kind = kind, text = held, line = line, from = from, after = after } end
    _, breaks = text:sub(from, after - 1):gsub("\n", "")
    line, at = line + breaks, after
  end
end

return lexer
