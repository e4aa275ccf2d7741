--- Lua files that hold only data, read without being run: `return { … }` of texts, numbers, booleans and tables. Whoever wrote
--- such a file can neither loop nor call anything, and each key knows its line.
---
---   local data, lines = data_file.read(text, "plugins/x/plugin.lua")
---   lines.of(data.hooks, "application.before_transition.v1")    -- 12
local data_file = {}

local MAX_DEPTH = 16
local NAME = "^[%a_][%w_]*"
local ESCAPES = { n = "\n", t = "\t", r = "\r", ["\\"] = "\\", ['"'] = '"', ["'"] = "'", ["\n"] = "\n" }
local WORDS = { ["true"] = true, ["false"] = false }

local Reader = {}
Reader.__index = Reader

function Reader:fail(text, line)
  error({ code = "plugin", file = self.file, line = line or self.line, text = text }, 0)
end

function Reader:skip()
  while true do
    local stop = select(2, self.text:find("^[ \t\r]+", self.at))
    if stop then
      self.at = stop + 1
    elseif self.text:byte(self.at) == 10 then
      self.at, self.line = self.at + 1, self.line + 1
    elseif self.text:find("^%-%-", self.at) then
      self:skip_comment()
    else
      return
    end
  end
end

function Reader:skip_comment()
  self.at = self.at + 2
  if self.text:find("^%[=*%[", self.at) then return self:long_text() end
  self.at = self.text:find("\n", self.at, true) or #self.text + 1
end

function Reader:long_text()
  local open = self.text:match("^%[=*%[", self.at)
  local start, from = self.line, self.at + #open
  local close = self.text:find("]" .. ("="):rep(#open - 2) .. "]", from, true)
  if not close then self:fail("текст [[ не закрыт", start) end
  local value = self.text:sub(from, close - 1)
  self.line = self.line + select(2, value:gsub("\n", ""))
  self.at = close + #open
  return (value:gsub("^\r?\n", ""))
end

function Reader:short_text(quote)
  local parts, start = {}, self.line
  self.at = self.at + 1
  while true do
    local stop = self.text:find('["\'\\\n]', self.at)
    if not stop then self:fail("кавычка не закрыта", start) end
    local sign = self.text:sub(stop, stop)
    parts[#parts + 1] = self.text:sub(self.at, stop - 1)
    self.at = stop + 1
    if sign == quote then return table.concat(parts) end
    if sign == "\n" then self:fail("кавычка не закрыта", start) end
    parts[#parts + 1] = sign == "\\" and self:escape() or sign
  end
end

function Reader:escape()
  local letter = self.text:sub(self.at, self.at)
  local value = ESCAPES[letter]
  if not value then self:fail(("знак \\%s здесь не поддерживается"):format(letter)) end
  if letter == "\n" then self.line = self.line + 1 end
  self.at = self.at + 1
  return value
end

function Reader:number()
  local word = self.text:match("^%-?%s*[%w%.]+", self.at)
  local value = word and tonumber((word:gsub("%s", "")))
  if not value then self:fail(("«%s» — не число"):format(word or "-")) end
  self.at = self.at + #word
  return value
end

function Reader:word()
  local word = self.text:match(NAME, self.at)
  self.at = self.at + #word
  if word == "nil" then return nil end
  if WORDS[word] ~= nil then return WORDS[word] end
  self:fail(("«%s»: здесь могут стоять только тексты в кавычках, числа, true, false и таблицы"):format(word))
end

function Reader:value(depth)
  self:skip()
  local sign = self.text:sub(self.at, self.at)
  if sign == "{" then return self:table(depth + 1) end
  if sign == '"' or sign == "'" then return self:short_text(sign) end
  if self.text:find("^%[=*%[", self.at) then return self:long_text() end
  if sign:find("[%d%-%.]") then return self:number() end
  if sign:find("[%a_]") then return self:word() end
  self:fail(sign == "" and "файл кончился раньше времени" or ("неожиданный знак «%s»"):format(sign))
end

function Reader:expect(sign)
  self:skip()
  if self.text:sub(self.at, self.at + #sign - 1) ~= sign then self:fail(("здесь нужен знак «%s»"):format(sign)) end
  self.at = self.at + #sign
end

-- The key of the next field; nil: it has none.
function Reader:key(depth)
  if self.text:find("^%[[^%[=]", self.at) then
    self.at = self.at + 1
    local key = self:value(depth)
    if type(key) ~= "string" and math.type(key) ~= "integer" then self:fail("ключ — текст или целое число") end
    self:expect("]")
    self:expect("=")
    return key
  end
  local name, stop = self.text:match("^([%a_][%w_]*)%s*()=[^=]", self.at)
  if not name then return nil end
  self.line = self.line + select(2, self.text:sub(self.at, stop):gsub("\n", ""))
  self.at = stop + 1
  return name
end

function Reader:field(into, lines, depth)
  local line = self.line
  local key = self:key(depth)
  if key == nil then
    self.counts[into] = (self.counts[into] or 0) + 1
    key = self.counts[into]
  end
  if lines[key] then self:fail(("ключ «%s» уже есть в строке %d"):format(key, lines[key]), line) end
  into[key], lines[key] = self:value(depth), line
end

function Reader:table(depth)
  if depth > MAX_DEPTH then self:fail("таблицы вложены слишком глубоко") end
  local made, lines = {}, {}
  self.lines[made], self.starts[made] = lines, self.line
  self.at = self.at + 1
  while true do
    self:skip()
    if self.text:byte(self.at) == 125 then break end
    self:field(made, lines, depth)
    self:skip()
    local sign = self.text:match("^[,;]", self.at)
    if sign then self.at = self.at + 1
    elseif self.text:byte(self.at) ~= 125 then self:fail("здесь нужна запятая или «}»") end
  end
  self.at = self.at + 1
  return made
end

function Reader:whole()
  self:skip()
  if not self.text:find("^return%f[^%w_]", self.at) then self:fail("файл с данными начинается словом return") end
  self.at = self.at + 6
  self:skip()
  if self.text:byte(self.at) ~= 123 then self:fail("после return нужна таблица { … }") end
  local value = self:table(0)
  self:skip()
  if self.at <= #self.text then self:fail("после таблицы ничего не должно быть") end
  return value
end

---@class kit.DataLines
---@field of fun(owner: table, key: any?): integer the line of a key, or of the table itself

--- The data of a file.
---@param text string
---@param file string for messages
---@return table? data
---@return kit.DataLines|table lines_or_err {code, file, line, text}
function data_file.read(text, file)
  local reader = setmetatable({ text = text, file = file, at = 1, line = 1, lines = {}, starts = {}, counts = {} }, Reader)
  local ok, value = pcall(reader.whole, reader)
  if not ok then
    if type(value) == "table" and value.code == "plugin" then return nil, value end
    error(value, 0)
  end
  return value, {
    of = function(owner, key)
      local lines = reader.lines[owner]
      return lines and (lines[key] or reader.starts[owner]) or 1
    end,
  }
end

return data_file
