--- Statements of a plugin: sql.lua names them, the host runs them. Each is read before it may ever run: one SELECT, INSERT, UPDATE or
--- DELETE, over tables that the plugin was granted, with functions of a list. The text is constant and values come as $1 …, so what
--- was read here is what PostgreSQL gets.
---
---   local statements, faults = sql.read(source, manifest)
---   statements.forecast → { text, writes = false, params = 2 }
local data_file = require("kit.plugin.data_file")
local sql = {}

local MAX_LENGTH = 8000

local function set_of(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end

-- Whatever may stand before "(": functions without effects, and words of the language.
local CALLABLE = set_of([[
  count sum min max avg bool_or bool_and string_agg array_agg json_agg jsonb_agg json_build_object jsonb_build_object to_jsonb
  row_number rank dense_rank lag lead first_value last_value ntile coalesce nullif greatest least abs ceil ceiling floor round trunc mod
  power sqrt lower upper length char_length left right substr substring trim btrim ltrim rtrim replace position concat concat_ws split_part
  to_char to_date to_number date_trunc date_part extract age now make_interval make_date generate_series unnest cardinality
  array_length any all some in exists values as on and or not using over filter within distinct cast case when then else set interval
  select from where by having limit offset returning is between like ilike numeric varchar char decimal time timestamp conflict union except
  intersect lateral materialized row array with partition order
]])
local START = set_of("select with insert update delete")
local FORBIDDEN = set_of([[
  create alter drop truncate grant revoke copy call execute prepare deallocate listen notify unlisten lock vacuum analyze cluster
  reindex comment security begin commit rollback savepoint release reset show explain declare fetch move close discard table tablesample
  current_user session_user user current_role current_setting overriding for
]])
local ENDS_LIST = set_of([[where group order having limit offset union intersect except set returning window select values conflict when]])
local NOT_ALIAS = set_of("only lateral")
local NO_LIST = set_of("extract substring trim position overlay")

-- ---- words of a statement

local SIGNS = "^[%(%),%.;%[%]]"

local function skip_blank(text, at)
  while true do
    local blank = text:match("^%s+()", at) or text:match("^%-%-[^\n]*()", at)
    if not blank then return at end
    at = blank
  end
end

local function token_at(text, at)
  local word, stop = text:match("^([%a_][%w_]*)()", at)
  if word then return "word", word:lower(), stop end
  if text:find("^'", at) then
    local close = at + 1
    while true do
      local quote = text:find("'", close, true)
      if not quote then return nil, "кавычка ' не закрыта" end
      if text:sub(quote + 1, quote + 1) ~= "'" then return "text", text:sub(at, quote), quote + 1 end
      close = quote + 2
    end
  end
  local param, after = text:match("^%$(%d+)()", at)
  if param then return "param", tonumber(param), after end
  local number, rest = text:match("^(%d[%d%.]*)()", at)
  if number then return "number", number, rest end
  if text:find(SIGNS, at) then return "sign", text:sub(at, at), at + 1 end
  local operator, next_at = text:match("^(::)()", at)
  if not operator then operator, next_at = text:match("^([%+%-%*/<>=!%%&|~#@%^?])()", at) end
  if operator then return "operator", operator, next_at end
  return nil, ("знак «%s» здесь не разрешён"):format(text:sub(at, at))
end

local function tokens_of(text)
  if text:find("/*", 1, true) then return nil, "комментарии /* */ не разрешены, пишите --" end
  local list, at = {}, skip_blank(text, 1)
  while at <= #text do
    local kind, value, stop = token_at(text, at)
    if not kind then return nil, value end
    list[#list + 1] = { kind = kind, value = value, at = at }
    at = skip_blank(text, stop)
  end
  return list
end

-- ---- walking

local Walk = {}
Walk.__index = Walk

function Walk:fail(token, text, ...)
  local _, lines = self.text:sub(1, token and token.at or 1):gsub("\n", "")
  error({ text = text:format(...), line = lines }, 0)
end

function Walk:next_is(i, value)
  local token = self.tokens[i + 1]
  return token ~= nil and token.value == value
end

-- A name that no table has: a name of WITH hides a table in one place and not in another.
function Walk:add_cte(token)
  if not token.value:find("^q_") then self:fail(token, "имена в WITH начинаются с q_: «q_%s»", token.value) end
  self.ctes[token.value] = true
end

-- Names of WITH: each word before AS ( .
function Walk:collect_ctes()
  for i, token in ipairs(self.tokens) do
    local before = self.tokens[i - 1]
    if token.kind == "word" and before and (before.value == "with" or before.value == "recursive" or before.value == ",") then
      local j = i + 1
      if self.tokens[j] and self.tokens[j].value == "(" then -- column names
        while self.tokens[j] and self.tokens[j].value ~= ")" do j = j + 1 end
        j = j + 1
      end
      if self.tokens[j] and self.tokens[j].value == "as" and self:next_is(j, "(") then self:add_cte(token) end
    end
  end
end

function Walk:relation(token, writes)
  local name = token.value
  if self.ctes[name] and not writes then return end
  if name:sub(1, #self.prefix) == self.prefix then
    if writes then self.has_write = true end
    return
  end
  if writes then self:fail(token, "писать можно только в свои таблицы %s…, а не в «%s»", self.prefix, name) end
  if not self.readable[name] then self:fail(token, "таблицы «%s» нет в capabilities.db.read", name) end
end

function Walk:word(i, token)
  local word, place = token.value, self.stack[#self.stack]
  if FORBIDDEN[word] then self:fail(token, "«%s» не разрешено", word:upper()) end
  if word:find("^pg_") or word == "information_schema" then self:fail(token, "служебные таблицы и функции PostgreSQL закрыты: «%s»", word) end
  local is_called = self:next_is(i, "(")
  if place.wants and not NOT_ALIAS[word] and word ~= "select" and word ~= "values" and word ~= "with" then
    if self:next_is(i, ".") then self:fail(token, "имя схемы перед таблицей не пишите") end
    local writes = place.wants == "write"
    place.wants, place.in_list = nil, not writes
    if is_called and not writes then
      if not CALLABLE[word] then self:fail(token, "функции «%s» нет среди разрешённых", word) end
      return
    end
    return self:relation(token, writes)
  end
  self:keyword(i, token, place, is_called)
end

local keywords = {}

function keywords.from(_, place, before)
  if place.is_special or (before and before.value == "distinct") then return end
  place.wants = before and before.value == "delete" and "write" or "read"
end
function keywords.join(_, place) place.wants = "read" end
function keywords.using(_, place, _, is_called)
  if not is_called then place.wants = "read" end -- JOIN … USING (columns) names none
end
function keywords.into(walk, place, before, _, token)
  if not before or before.value ~= "insert" then walk:fail(token, "INTO бывает только после INSERT") end
  place.wants = "write"
end
function keywords.update(_, place, before)
  if not before or before.value ~= "do" then place.wants = "write" end
end

function Walk:keyword(i, token, place, is_called)
  local word = token.value
  if keywords[word] then return keywords[word](self, place, self.tokens[i - 1], is_called, token) end
  if ENDS_LIST[word] then
    place.in_list, place.wants = false, nil
  elseif is_called and not CALLABLE[word] and not self.ctes[word] and not self:is_columns(i) then
    self:fail(token, "функции «%s» нет среди разрешённых", word)
  end
end

-- INSERT INTO t (a, b), an alias with columns: "AS x(a, b)".
function Walk:is_columns(i)
  local before, two = self.tokens[i - 1], self.tokens[i - 2]
  return before ~= nil and (before.value == "as" or before.value == "into" or (before.value == ")" and two ~= nil))
end

function Walk:sign(i, token)
  local place = self.stack[#self.stack]
  if token.value == ";" then self:fail(token, "одно предложение SQL, без «;»") end
  if token.value == "(" then
    local before = self.tokens[i - 1]
    local inner = { wants = place.wants, is_special = before and NO_LIST[before.value] }
    if place.wants then place.wants, place.in_list = nil, true end
    self.stack[#self.stack + 1] = inner
  elseif token.value == ")" then
    if #self.stack == 1 then self:fail(token, "лишняя скобка") end
    table.remove(self.stack)
  elseif token.value == "," and place.in_list then
    place.wants = "read"
  end
end

local function check_statement(text, prefix, readable)
  local tokens, reason = tokens_of(text)
  if not tokens then return nil, { text = reason, line = 0 } end
  local walk = setmetatable({ text = text, tokens = tokens, ctes = {}, prefix = prefix, readable = readable, stack = { {} }, params = 0 }, Walk)
  local ok, fault = pcall(function()
    if not tokens[1] or not START[tokens[1].value] then walk:fail(tokens[1], "предложение начинается с SELECT, WITH, INSERT, UPDATE или DELETE") end
    walk:collect_ctes()
    for i, token in ipairs(tokens) do
      if token.kind == "word" and not (tokens[i - 1] and tokens[i - 1].value == ".") then walk:word(i, token)
      elseif token.kind == "word" and walk:next_is(i, "(") then walk:fail(token, "функция с именем схемы не разрешена")
      elseif token.kind == "sign" then walk:sign(i, token)
      elseif token.kind == "param" then walk.params = math.max(walk.params, token.value) end
    end
  end)
  if ok then return { text = text, writes = walk.has_write or false, params = walk.params } end
  if type(fault) ~= "table" then error(fault, 0) end
  return nil, fault
end

sql.tokens = tokens_of

--- One statement: of sql.lua, or a change of data in a migration.
---@return table? statement {text, writes, params}
---@return {text: string, line: integer}? fault line counts from the first of the text
function sql.check(text, prefix, readable)
  if #text > MAX_LENGTH then return nil, { text = "предложение длиннее 8000 знаков", line = 0 } end
  return check_statement(text, prefix, readable)
end

--- All statements of sql.lua; none when there is no such file.
---@param source table as of manifest.read
---@param made kit.Manifest
---@return table<string, {text: string, writes: boolean, params: integer}> statements
---@return table[] faults {file, line, text}
function sql.read(source, made)
  local text, file = source.read("sql.lua"), source.dir .. "sql.lua"
  if not text then return {}, {} end
  local data, lines = data_file.read(text, file)
  if not data then return {}, { lines } end
  local readable, statements, faults = {}, {}, {}
  for _, name in ipairs(made.capabilities.read) do readable[name] = true end
  for name, body in pairs(data) do
    local fault
    if type(name) ~= "string" or type(body) ~= "string" then
      fault = { text = "нужен вид имя = [[SELECT …]]", line = 0 }
    else
      statements[name], fault = sql.check(body, made.prefix, readable)
      if statements[name] and statements[name].writes and not made.capabilities.writes then
        fault = { text = ("пишет в свои таблицы, а capabilities.db.write нет: добавьте write = { \"%s*\" }"):format(made.prefix), line = 0 }
      end
    end
    if fault then
      faults[#faults + 1] = { file = file, line = lines.of(data, name) + fault.line, text = ("%s: %s"):format(tostring(name), fault.text) }
    end
  end
  table.sort(faults, function(a, b) return a.line < b.line end)
  return statements, faults
end

return sql
