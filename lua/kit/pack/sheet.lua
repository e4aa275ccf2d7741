--- The text of a layer's file as a sheet of entries: what forms read and write. Only the entry that was changed is written anew;
--- everything else, comments and code of others included, stays byte for byte. What a form cannot write without loss it refuses.
---
---   local sheet, err = Sheet.open(text)                    -- err = {line, text}
---   local entry, err = sheet:entry("transitions", "enroll") -- what this layer says of it; nil: nothing
---   local text, err = sheet:put("transitions", "enroll", { "enroll", from = { "awaiting" } })
---   local text, err = sheet:drop("states", "awaiting")
local lexer = require("kit.pack.lexer")
local literal = require("kit.pack.literal")
local Sheet = {}
Sheet.__index = Sheet

local EMPTY = "return {\n}\n"

local function refuse(line, text) return nil, { line = line, text = text } end

-- ---- reading constructors

local OPENS = { ["("] = true, ["{"] = true, ["["] = true, ["function"] = true, ["do"] = true, ["then"] = true, ["repeat"] = true }
local CLOSES = { [")"] = true, ["}"] = true, ["]"] = true, ["end"] = true, ["until"] = true }

local function is(word, text) return word ~= nil and word.kind ~= "string" and word.text == text end

-- The word after a value that begins at `at`.
local function after_value(words, at)
  local depth = 0
  while words[at] do
    local word = words[at]
    local text = word.kind ~= "string" and word.text or ""
    if depth == 0 and (text == "," or text == ";" or CLOSES[text]) then return at end
    if OPENS[text] then depth = depth + 1 elseif CLOSES[text] or text == "elseif" then depth = depth - 1 end
    at = at + 1
  end
  return at
end

local function key_at(words, at, count)
  local word = words[at]
  if word.kind == "name" and is(words[at + 1], "=") then return word.text, at + 2, count end
  if is(word, "[") and is(words[at + 2], "]") then
    local key = words[at + 1]
    return key.kind == "number" and math.tointeger(tonumber(key.text)) or key.text, at + 4, count
  end
  return count + 1, at, count + 1
end

-- Items {key, line, from, after, first, last} of the constructor whose "{" is word `at`; `first`, `last`: words of the value.
local function constructor(words, at)
  local node = { open = words[at], items = {} }
  local count = 0
  at = at + 1
  while words[at] and not is(words[at], "}") do
    local item = { line = words[at].line, from = words[at].from }
    item.key, at, count = key_at(words, at, count)
    item.first = at
    at = after_value(words, at)
    item.last = at - 1
    item.after = words[at - 1].after
    if is(words[at], ",") or is(words[at], ";") then
      item.ending = words[at].after
      at = at + 1
    end
    node.items[#node.items + 1] = item
  end
  node.close = words[at]
  return node, at
end

-- ---- opening

-- Where the table that the file returns begins: after `return`, or in `local name = {`.
local function find_root(words)
  local last
  for index, word in ipairs(words) do
    if is(word, "return") then last = index end
  end
  if not last then return nil, #words > 0 and words[#words].line or 1 end
  if is(words[last + 1], "{") then return last + 1 end
  local name = words[last + 1]
  for index, word in ipairs(words) do
    if name and is(word, "local") and is(words[index + 1], name.text) and is(words[index + 2], "=") and is(words[index + 3], "{") then return index + 3 end
  end
  return nil, words[last].line
end

--- Opens a text.
---@param text string?
---@return table? sheet
---@return {line: integer, text: string}? err when its table is made by code
function Sheet.open(text)
  text = text and text:find("%S") and text or EMPTY
  local words = lexer.words(text)
  local root, line = find_root(words)
  if not root then return refuse(line, "Файл собран программой, а не записан таблицей: форма не знает, где его менять. Измените его в редакторе.") end
  return setmetatable({ text = text, words = words, root = constructor(words, root) }, Sheet)
end

local function item_of(node, key)
  for _, item in ipairs(node.items) do
    if item.key == key then return item end
  end
end

-- The constructor of a section of the root; nil when there is none yet.
function Sheet:section(name)
  local item = item_of(self.root, name)
  if not item then return nil end
  if not is(self.words[item.first], "{") then
    return refuse(item.line, ("Раздел «%s» (строка %d) собран программой. Измените его в редакторе."):format(name, item.line))
  end
  return (constructor(self.words, item.first))
end

-- ---- entries

-- Transitions are named by their name or action, the second of an action by "action_2".
local function name_entries(self, node)
  local taken = {}
  for _, item in ipairs(node.items) do
    local value = literal.read(self.words, item.first, item.last)
    local base = type(value) == "table" and (value.name or value.action or value[1])
    local key, count = base, 1
    while key and taken[key] do
      count = count + 1
      key = base .. "_" .. count
    end
    item.name = key
    if key then taken[key] = true end
  end
end

-- The item of an entry in a section.
local function entry_item(self, section, key)
  local node, err = self:section(section)
  if not node then return nil, err end
  if section ~= "transitions" then return item_of(node, key), nil, node end
  name_entries(self, node)
  for _, item in ipairs(node.items) do
    if item.name == key then return item, nil, node end
  end
  return nil, nil, node
end

--- What this layer says of an entry, as data.
---@param section "states"|"transitions"
---@param key string
---@return any value nil: nothing
---@return {line: integer, text: string}? err
function Sheet:entry(section, key)
  local item, err = entry_item(self, section, key)
  if not item then return nil, err end
  local value, line = literal.read(self.words, item.first, item.last)
  if value == nil then
    return refuse(line or item.line, ("Запись «%s» (строка %d) собрана программой. Измените её в редакторе."):format(key, line or item.line))
  end
  return value
end

-- A comment inside of what would be written anew would be lost.
local function has_comment(self, item)
  local at = item.from
  for _, word in ipairs(self.words) do
    if word.from >= item.from and word.after <= item.after then
      if self.text:sub(at, word.from - 1):find("--", 1, true) then return true end
      at = word.after
    end
  end
  return false
end

local function check_replaceable(self, item, key)
  if literal.read(self.words, item.first, item.last) == nil then
    return refuse(item.line, ("Запись «%s» (строка %d) собрана программой. Измените её в редакторе."):format(key, item.line))
  end
  if has_comment(self, item) then
    return refuse(item.line, ("В записи «%s» (строка %d) есть пояснение, форма его потеряла бы. Измените её в редакторе."):format(key, item.line))
  end
  return true
end

-- ---- writing

local function splice(text, from, after, with) return text:sub(1, from - 1) .. with .. text:sub(after) end

-- Puts a line before the "}" of a constructor.
local function append(self, node, indent, entry)
  local last = node.items[#node.items]
  if last and not last.ending then
    -- the last entry has no comma yet
    local text = splice(self.text, last.after, last.after, ",")
    return Sheet.append_at(text, node.close.from + 1, indent, entry)
  end
  return Sheet.append_at(self.text, node.close.from, indent, entry)
end

function Sheet.append_at(text, close, indent, entry)
  local head = text:sub(1, close - 1)
  local closing = head:match("\n([ \t]*)$")
  if closing then return head:sub(1, #head - #closing) .. indent .. entry .. ",\n" .. closing .. text:sub(close) end
  return (head:gsub("[ \t]+$", "")) .. "\n" .. indent .. entry .. ",\n" .. indent:sub(3) .. text:sub(close)
end

local function entry_text(section, key, value, indent)
  local body = literal.write(value, #indent, section)
  if section == "transitions" then return body end
  return (key:match("^[%a_][%w_]*$") and key or ("[%q]"):format(key)) .. " = " .. body
end

--- Writes an entry: in place of the one that stands, else at the end of its section.
---@param section "states"|"transitions"
---@param key string
---@param value table
---@return string? text
---@return {line: integer, text: string}? err
function Sheet:put(section, key, value)
  local item, err, node = entry_item(self, section, key)
  if err then return nil, err end
  if item then
    local ok
    ok, err = check_replaceable(self, item, key)
    if not ok then return nil, err end
    local indent = self.text:sub(1, item.from - 1):match("\n([ \t]*)$") or "    "
    return splice(self.text, item.from, item.after, entry_text(section, key, value, indent))
  end
  if node then return append(self, node, "    ", entry_text(section, key, value, "    ")) end
  local body = ("%s = {\n    %s,\n  }"):format(section, entry_text(section, key, value, "    "))
  return append(self, self.root, "  ", body)
end

-- From the end of what stands before to the end of the line, so that no empty line is left.
local function cut(text, item)
  local from, after = item.from, item.ending or item.after
  local head, tail = text:sub(1, from - 1), text:sub(after)
  local rest = tail:match("^[ \t]*\r?\n()")
  local indent = head:match("\n([ \t]*)$")
  if rest and indent then return head:sub(1, #head - #indent) .. tail:sub(rest) end
  return head .. tail
end

--- Takes an entry of this layer away: what the lower layers say counts again. An empty section goes with its last entry.
---@param section "states"|"transitions"
---@param key string
---@return string? text
---@return {line: integer, text: string}? err
function Sheet:drop(section, key)
  local item, err, node = entry_item(self, section, key)
  if err then return nil, err end
  if not item then return self.text end
  if has_comment(self, item) then return check_replaceable(self, item, key) end
  if #node.items == 1 then
    local whole = item_of(self.root, section)
    if not has_comment(self, whole) then return cut(self.text, whole) end
  end
  return cut(self.text, item)
end

return Sheet
