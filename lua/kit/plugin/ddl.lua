--- Migrations of a plugin: migrations/<UTC minute>_<name>.sql with its .down.sql beside it (or a first line "-- irreversible: why").
--- Each statement is read before it may run: tables and indexes of the plugin's own prefix, and changes of data in them. What each
--- one locks is told to the administrator.
---
---   local list, faults = ddl.read(source, manifest)
---   list[1] → { name, text, down, irreversible, statements = { { text, locks = { {table, mode} } } } }
local sql = require("kit.plugin.sql")
local ddl = {}

local NAME = "^%d%d%d%d%d%d%d%d%d%d%d%d_[a-z0-9_]+%.sql$"

local function set_of(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end

local FORBIDDEN = set_of([[
  function procedure trigger rule view materialized extension role user schema database grant revoke execute perform language
  concurrently tablespace owner inherits policy security foreign server temp temporary unlogged sequence type domain cascade
]])
local TYPES = set_of([[numeric varchar char decimal time timestamp timestamptz character]])
local WORDS = set_of([[check key unique primary references default exclude using include as values in and or not any all exists on set
  between like is null then when else case cast coalesce now lower upper length btrim greatest least jsonb_typeof array_length cardinality
  date_trunc with if]])

local SHARE_ROW, EXCLUSIVE, SHARE = "записи в таблицу ждут", "таблица закрыта на время изменения", "записи в таблицу ждут, пока строится индекс"

-- Cuts a file at its ";", keeping the line of each statement.
local function split(text)
  local tokens, reason = sql.tokens(text)
  if not tokens then return nil, reason end
  local list, current = {}, nil
  for _, token in ipairs(tokens) do
    if token.value == ";" and token.kind == "sign" then
      if current then current.to = token.at - 1 end
      current = nil
    else
      if not current then
        current = { from = token.at, tokens = {} }
        list[#list + 1] = current
      end
      table.insert(current.tokens, token)
      current.to = #text
    end
  end
  for _, one in ipairs(list) do
    one.text = text:sub(one.from, one.to):gsub("%s+$", "")
    one.line = 1 + select(2, text:sub(1, one.from):gsub("\n", ""))
  end
  return list
end

local Reader = {}
Reader.__index = Reader

function Reader:word(i) return self.tokens[i] and self.tokens[i].kind == "word" and self.tokens[i].value end

function Reader:fail(text, ...) error({ text = text:format(...), line = self.line }, 0) end

function Reader:own(i, what)
  local name = self:word(i)
  if not name or name:sub(1, #self.prefix) ~= self.prefix or (self.tokens[i + 1] and self.tokens[i + 1].value == ".") then
    self:fail("%s «%s»: имя должно начинаться с %s", what, name or "?", self.prefix)
  end
  return name
end

function Reader:skip(i, ...)
  for _, word in ipairs({ ... }) do
    if self:word(i) ~= word then return i end
    i = i + 1
  end
  return i
end

-- Words that have no business in a migration, calls that are not of the list, and tables that are referenced.
function Reader:scan(locks)
  for i, token in ipairs(self.tokens) do
    local word = token.kind == "word" and token.value
    if word and FORBIDDEN[word] then
      if not (word == "cascade" and self:word(i - 1) == "delete") then self:fail("«%s» в миграции плагина не разрешено", word:upper()) end
    end
    if word == "references" then
      local target = self:word(i + 1)
      if target:sub(1, #self.prefix) ~= self.prefix then
        if not self.readable[target] then self:fail("ссылка на «%s»: этой таблицы нет в capabilities.db.read", target) end
        locks[#locks + 1] = { table = target, mode = SHARE_ROW }
      end
    elseif word and self.tokens[i + 1] and self.tokens[i + 1].value == "(" and not self:may_open(i, word) then
      self:fail("функция «%s» в миграции не разрешена", word)
    end
  end
end

function Reader:may_open(i, word)
  if WORDS[word] or TYPES[word] or word:sub(1, #self.prefix) == self.prefix then return true end
  return self.readable[word] and self:word(i - 1) == "references"
end

local kinds = {}

function kinds.create(reader, locks)
  local i = reader:skip(2, "unique")
  if reader:word(i) == "table" then
    i = reader:skip(i + 1, "if", "not", "exists")
    reader:own(i, "CREATE TABLE")
    for _, token in ipairs(reader.tokens) do
      if token.value == "select" or token.value == "like" then reader:fail("CREATE TABLE: перечислите столбцы") end
    end
  elseif reader:word(i) == "index" then
    i = reader:skip(i + 1, "if", "not", "exists")
    reader:own(i, "CREATE INDEX")
    if reader:word(i + 1) ~= "on" then reader:fail("CREATE INDEX имя ON таблица") end
    locks[#locks + 1] = { table = reader:own(i + 2, "индекс"), mode = SHARE }
  else
    reader:fail("создавать можно таблицы и индексы")
  end
  reader:scan(locks)
end

function kinds.alter(reader, locks)
  if reader:word(2) ~= "table" then reader:fail("менять можно только таблицы") end
  local i = reader:skip(3, "if", "exists")
  locks[#locks + 1] = { table = reader:own(i, "ALTER TABLE"), mode = EXCLUSIVE }
  for j = i + 1, #reader.tokens do
    if reader:word(j) == "rename" and reader:word(j + 1) == "to" then reader:own(j + 2, "новое имя") end
  end
  reader:scan(locks)
end

function kinds.drop(reader, locks)
  local what = reader:word(2)
  if what ~= "table" and what ~= "index" then reader:fail("удалять можно только свои таблицы и индексы") end
  local i = reader:skip(3, "if", "exists")
  while true do
    local name = reader:own(i, "DROP")
    if what == "table" then locks[#locks + 1] = { table = name, mode = EXCLUSIVE } end
    local after = reader.tokens[i + 1]
    if not after then return end
    if after.value ~= "," then reader:fail("DROP: имена через запятую, без CASCADE") end
    i = i + 2
  end
end

local function data_change(reader)
  local statement, fault = sql.check(reader.text, reader.prefix, reader.readable)
  if not statement then error({ text = fault.text, line = reader.line + fault.line }, 0) end
end
kinds.insert, kinds.update, kinds.delete = data_change, data_change, data_change

local function read_statement(one, prefix, readable)
  local reader = setmetatable({ tokens = one.tokens, text = one.text, line = one.line, prefix = prefix, readable = readable }, Reader)
  local kind, locks = kinds[one.tokens[1].value], {}
  if not kind then reader:fail("«%s»: в миграции бывают CREATE, ALTER, DROP, INSERT, UPDATE, DELETE", tostring(one.tokens[1].value):upper()) end
  kind(reader, locks)
  return { text = one.text, locks = locks }
end

--- The statements of a text.
---@return table[]? statements {text, locks = {{table, mode}}}
---@return {text: string, line: integer}? fault
function ddl.check(text, prefix, readable)
  local parts, reason = split(text)
  if not parts then return nil, { text = reason, line = 1 } end
  local statements = {}
  for i, one in ipairs(parts) do
    local ok, made = pcall(read_statement, one, prefix, readable)
    if not ok then
      if type(made) ~= "table" then error(made, 0) end
      return nil, made
    end
    statements[i] = made
  end
  return statements
end

local function read_one(source, made, name, readable, faults)
  local file = ("%smigrations/%s"):format(source.dir, name)
  local function fault(text, line, path) table.insert(faults, { file = path or file, line = line or 1, text = text }) end
  local text = source.read("migrations/" .. name)
  local statements, wrong = ddl.check(text, made.prefix, readable)
  if wrong then fault(wrong.text, wrong.line) end
  local down_name = name:gsub("%.sql$", ".down.sql")
  local down, irreversible = source.read("migrations/" .. down_name), text:match("^%-%- irreversible: ([^\n]*)")
  if down then
    local _, bad = ddl.check(down, made.prefix, readable)
    if bad then fault(bad.text, bad.line, ("%smigrations/%s"):format(source.dir, down_name)) end
  elseif not irreversible then
    fault(("нет файла %s; если назад нельзя, первая строка: -- irreversible: почему"):format(down_name))
  end
  return { name = name, text = text, down = down, irreversible = irreversible, statements = statements or {} }
end

--- All migrations of a plugin in order of their names.
---@return table[] list
---@return table[] faults
function ddl.read(source, made)
  local list, faults, readable = {}, {}, {}
  for _, name in ipairs(made.capabilities.read) do readable[name] = true end
  for _, name in ipairs(source.list("migrations")) do
    local is_down = name:find("%.down%.sql$") -- read with its own
    if name:find(NAME) and not is_down then
      list[#list + 1] = read_one(source, made, name, readable, faults)
    elseif not is_down then
      faults[#faults + 1] = { file = ("%smigrations/%s"):format(source.dir, name), line = 1, text = "имя миграции: 202612311200_имя.sql" }
    end
  end
  if #list > 0 and not made.capabilities.writes then
    faults[#faults + 1] = { file = source.dir .. "plugin.lua", line = 1, text = ("есть миграции, а capabilities.db.write = { \"%s*\" } нет"):format(made.prefix) }
  end
  return list, faults
end

return ddl
