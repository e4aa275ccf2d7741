--- On which line of a file each named thing of a rule pack stands: states, transitions with their fields, guards.
---
---   outline.of(text)["transitions.enroll.to"]  -- 42
---
--- It reads what people write in such files: `return { … }`, `local x = { … } … return x`, `function x.name(…)`, `x.name = …`. What it does
--- not understand it leaves out: lines are for people to find the place.
local lexer = require("kit.pack.lexer")
local outline = {}

local OPENS = { ["("] = true, ["{"] = true, ["["] = true, ["function"] = true, ["do"] = true, ["then"] = true, ["repeat"] = true }
local CLOSES = { [")"] = true, ["}"] = true, ["]"] = true, ["end"] = true, ["until"] = true }
local KEYWORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch("%a+") do
  KEYWORDS[word] = true
end

local Reader = {}
Reader.__index = Reader

function Reader:peek(ahead) return self.words[self.at + (ahead or 0)] end

function Reader:is(text, ahead)
  local word = self:peek(ahead)
  return word ~= nil and word.kind ~= "string" and word.text == text
end

-- Past one value, up to the separator that ends it.
function Reader:skip_value()
  local depth = 0
  while self:peek() do
    local word = self:peek()
    local text = word.kind ~= "string" and word.text or ""
    if depth == 0 and (text == "," or text == ";" or CLOSES[text]) then return end
    -- `elseif … then` closes what it opens anew
    if OPENS[text] then depth = depth + 1 elseif CLOSES[text] or text == "elseif" then depth = depth - 1 end
    self.at = self.at + 1
  end
end

local function join(path, key) return path == "" and tostring(key) or path .. "." .. tostring(key) end

-- The key before a value: a name, a text, or the next number.
function Reader:key(count)
  local word = self:peek()
  if word.kind == "name" and not KEYWORDS[word.text] and self:is("=", 1) and not self:is("==", 1) then
    self.at = self.at + 2
    return word.text, word.line, count
  end
  if self:is("[") and self:is("]", 2) then
    local key = self:peek(1)
    self.at = self.at + 4
    return math.tointeger(tonumber(key.text)) or key.text, word.line, count
  end
  return count + 1, word.line, count + 1
end

-- A transition goes by its name, or by its action; the second of an action as "action_2".
local function name_items(node)
  local seen = {}
  for _, item in ipairs(node.items) do
    local fields = item.node and item.node.fields or {}
    local name = fields.name or fields[1] or fields.action
    if name then
      local key, count = name, 1
      while seen[count == 1 and key or key .. "_" .. count] do count = count + 1 end
      item.key = count == 1 and key or key .. "_" .. count
      seen[item.key] = true
    end
  end
end

-- A table constructor at its "{": its items, with the texts of its plain fields.
function Reader:constructor()
  local node, count = { items = {}, fields = {} }, 0
  self.at = self.at + 1
  while self:peek() and not self:is("}") do
    local key, line, item, value
    key, line, count = self:key(count)
    value = self:peek()
    if value and self:is("{") then
      item = { key = key, line = line, node = self:constructor() }
    else
      item = { key = key, line = line }
      if value and value.kind == "string" then node.fields[key] = value.text end
      self:skip_value()
    end
    node.items[#node.items + 1] = item
    if self:is(",") or self:is(";") then self.at = self.at + 1 end
  end
  self.at = self.at + 1
  return node
end

local function write(node, path, lines)
  if path == "transitions" then name_items(node) end
  for _, item in ipairs(node.items) do
    local at = join(path, item.key)
    lines[at] = lines[at] or item.line
    if item.node then write(item.node, at, lines) end
  end
end

-- `function guards.name(` and `guards.name =` outside of constructors.
function Reader:statement(lines)
  if self:is("function") and self:is(".", 2) then
    lines[self:peek(3).text] = self:peek().line
  elseif self:peek().kind == "name" and self:is(".", 1) and self:is("=", 3) then
    lines[self:peek(2).text] = self:peek().line
  end
end

-- The table that the file returns is the last constructor after `return` or in an assignment to a local; all are written down.
---@param text string
---@return table<string, integer> lines by path
function outline.of(text)
  local reader, lines = setmetatable({ words = lexer.words(text), at = 1 }, Reader), {}
  while reader:peek() do
    reader:statement(lines)
    local begins = (reader:is("return") or reader:is("=")) and reader:is("{", 1)
    reader.at = reader.at + 1
    if begins then write(reader:constructor(), "", lines) end
  end
  return lines
end

return outline
