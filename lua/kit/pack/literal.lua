--- Plain data in a Lua text: read from words, written tidily.
local literal = {}

local WIDTH = 130

-- ---- reading

local ESCAPES = { n = "\n", t = "\t", r = "\r", a = "\a", b = "\b", f = "\f", v = "\v", ["\\"] = "\\", ['"'] = '"', ["'"] = "'", ["\n"] = "\n" }

-- A quoted text as the lexer gives it, its escapes resolved.
local function unescape(text)
  local made, at = {}, 1
  while true do
    local slash = text:find("\\", at, true)
    made[#made + 1] = text:sub(at, (slash or 0) - 1)
    if not slash then return table.concat(made) end
    local next_char = text:sub(slash + 1, slash + 1)
    local digits, hex, code = text:match("^%d%d?%d?", slash + 1), text:match("^x(%x%x)", slash + 1), text:match("^u{(%x+)}", slash + 1)
    if digits then made[#made + 1], at = string.char(tonumber(digits) % 256), slash + 1 + #digits
    elseif hex then made[#made + 1], at = string.char(tonumber(hex, 16)), slash + 4
    elseif code then made[#made + 1], at = utf8.char(tonumber(code, 16)), slash + 4 + #code
    elseif next_char == "z" then at = text:find("%S", slash + 2) or #text + 1
    else made[#made + 1], at = ESCAPES[next_char] or next_char, slash + 2 end
  end
end

local CONSTANTS = { ["true"] = true, ["false"] = false }
local read_value

local function is_sign(word, text) return word ~= nil and word.kind == "sign" and word.text == text end

-- The key before a value and the word after it; without a key the value counts.
local function read_key(words, at, count)
  local word = words[at]
  if word.kind == "name" and is_sign(words[at + 1], "=") then return word.text, at + 2, count end
  if not is_sign(word, "[") then return count + 1, at, count + 1 end
  local key = words[at + 1]
  if not key or key.kind == "name" or not is_sign(words[at + 2], "]") then return nil, word.line end
  return key.kind == "number" and math.tointeger(tonumber(key.text)) or unescape(key.text), at + 4, count
end

local function read_table(words, at, last)
  local made, count = {}, 0
  at = at + 1
  while at <= last and not is_sign(words[at], "}") do
    local key, value
    key, at, count = read_key(words, at, count)
    if key == nil then return nil, at end
    value, at = read_value(words, at, last)
    if value == nil then return nil, at end
    made[key] = value
    if is_sign(words[at], ",") or is_sign(words[at], ";") then at = at + 1 end
  end
  return made, at + 1
end

-- Texts joined by "..".
local function read_text(words, at, last)
  local parts = { unescape(words[at].text) }
  at = at + 1
  while at <= last and is_sign(words[at], "..") do
    if not words[at + 1] or words[at + 1].kind ~= "string" then return nil, words[at].line end
    parts[#parts + 1] = unescape(words[at + 1].text)
    at = at + 2
  end
  return table.concat(parts), at
end

-- A value and the word after it; nil and the line of what is no plain data.
function read_value(words, at, last)
  local word, following = words[at], words[at + 1]
  if not word or at > last then return nil, words[last] and words[last].line or 1 end
  if word.kind == "string" then return read_text(words, at, last) end
  if word.kind == "number" then return tonumber(word.text), at + 1 end
  if is_sign(word, "-") and following and following.kind == "number" then return -tonumber(following.text), at + 2 end
  if word.kind == "name" and CONSTANTS[word.text] ~= nil then return CONSTANTS[word.text], at + 1 end
  if is_sign(word, "{") then return read_table(words, at, last) end
  return nil, word.line
end

--- The value that words first…last write, when it is plain data.
---@param words kit.PackWord[]
---@return any value nil: it is more than data
---@return integer? line of what is not
function literal.read(words, first, last)
  local value, at = read_value(words, first, last)
  if value == nil then return nil, at end
  if at <= last then return nil, words[at].line end
  return value
end

-- ---- writing

local ORDER = {
  states = { 1, "label", "tone", "icon", "final", "remove" },
  transitions = { 1, "name", "action", "permission", "from", "to", "by", "label", "icon", "tone", "reason", "confirm", "guards", "effects", "documents",
    "guard_text", "remove" },
}

local function is_name(key) return type(key) == "string" and key:match("^[%a_][%w_]*$") ~= nil end

local function quote(text)
  return '"' .. text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n"):gsub("\r", "\\r"):gsub("%c", function(char) return ("\\%03d"):format(char:byte()) end) .. '"'
end

local function keys_in_order(value, section)
  local keys, seen = {}, {}
  for _, key in ipairs(ORDER[section] or {}) do
    if value[key] ~= nil then keys[#keys + 1], seen[key] = key, true end
  end
  local rest = {}
  for key in pairs(value) do
    if not seen[key] then rest[#rest + 1] = key end
  end
  table.sort(rest, function(a, b)
    if math.type(a) and math.type(b) then return a < b end
    return math.type(a) ~= nil and not math.type(b) or tostring(a) < tostring(b) and not math.type(b)
  end)
  return table.move(rest, 1, #rest, #keys + 1, keys)
end

local function field_text(key, value, position, inner)
  local text = inner(value)
  if key == position then return text end
  return (is_name(key) and key or "[" .. inner(key) .. "]") .. " = " .. text
end

local function plain(value)
  if type(value) == "string" then return quote(value) end
  if type(value) ~= "table" then return tostring(value) end
  if next(value) == nil then return "{}" end
  local parts = {}
  for index, key in ipairs(keys_in_order(value)) do parts[index] = field_text(key, value[key], index, plain) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

--- Data as Lua text; a long table goes on in the next line.
---@param value any
---@param indent integer columns before it
---@param section string? order of the known fields
---@return string
function literal.write(value, indent, section)
  if type(value) ~= "table" or next(value) == nil then return plain(value) end
  local lines, line = {}, "{ "
  for index, key in ipairs(keys_in_order(value, section)) do
    local part = field_text(key, value[key], index, plain) .. ", "
    if utf8.len(line .. part) + indent > WIDTH and line ~= "{ " then
      lines[#lines + 1] = (line:gsub(" $", ""))
      line = (" "):rep(indent + 2)
    end
    line = line .. part
  end
  lines[#lines + 1] = (line:gsub(", $", "")) .. " }"
  return table.concat(lines, "\n")
end

return literal
