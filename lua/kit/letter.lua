--- Templates of letters: views/mail/<kind>.txt. An administrator edits them in the browser, so they hold no code: names in
--- double braces, three sections, two filters, and nothing that computes. What a kind may name is declared in rules/letters,
--- and a name that is not declared is found when the letter is saved or loaded, with its line.
---
---   Заявка № {{ application.number }}                            first line: the subject
---   {{#if first_name}}Здравствуйте, {{ first_name }}!{{else}}Здравствуйте!{{/if}}
---   {{#each documents}}                                          names of the item, then those of the letter
---   — {{ title }}
---   {{/each}}
---   До {{ due_on | date: day }}. Ссылка действует {{ hours | plural: час, часа, часов }}.
---
--- A line that holds nothing but sections leaves no trace.
local russian = require("kit.russian")
local letter = {}

local DATE_STYLES = { day = true, long = true, full = true, short = true, numeric = true, month = true, weekday = true }

---@class kit.LetterName
---@field label string
---@field type "text"|"number"|"date"|"list"
---@field sample any
---@field item table<string, kit.LetterName>? of a list

---@class kit.LetterFault
---@field line integer
---@field text string

-- ---- reading

local Reader = {}
Reader.__index = Reader

function Reader:fault(text)
  self.faults[#self.faults + 1] = { line = self.line, text = text }
end

local function listed(names)
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, ", ")
end

-- Inside of a list the names of its item stand before those around.
function Reader:declared(name)
  for depth = #self.scopes, 1, -1 do
    local found = self.scopes[depth][name]
    if found then return found end
  end
  self:fault(("нет подстановки {{ %s }}. Есть: %s"):format(name, listed(self.scopes[#self.scopes])))
  return nil
end

local function split(text)
  local list = {}
  for part in (text .. ","):gmatch("%s*(.-)%s*,") do list[#list + 1] = part end
  return list
end

local FILTERS = {}

function FILTERS.date(reader, declared, arguments)
  if declared.type ~= "date" then return reader:fault("date: — только для дат") end
  local style = arguments[1] or "long"
  if #arguments > 1 or not DATE_STYLES[style] then return reader:fault(("нет вида даты «%s». Есть: %s"):format(arguments[1], listed(DATE_STYLES))) end
  return function(value) return russian.date(value, style) end
end

function FILTERS.plural(reader, declared, arguments)
  if declared.type ~= "number" then return reader:fault("plural: — только для чисел") end
  if #arguments ~= 3 or arguments[1] == "" or arguments[2] == "" or arguments[3] == "" then
    return reader:fault("после plural: нужны три слова через запятую, например: час, часа, часов")
  end
  return function(value)
    return russian.number(value) .. " " .. arguments[russian.plural_form(tonumber(value) or 0)]
  end
end

local PRINTS = {
  text = tostring,
  number = russian.number,
  date = function(value) return russian.date(value, "long") end,
}

-- {{ name }}, {{ name | filter: words }}
function Reader:value(inside)
  local name, rest = inside:match("^([%a_][%w_%.]*)%s*(.-)$")
  if not name then return self:fault(("не понимаю {{ %s }}: пишется имя подстановки латиницей"):format(inside)) end
  local declared = self:declared(name)
  if not declared then return end
  if declared.type == "list" then return self:fault(("{{ %s }} — список: пишется {{#each %s}} … {{/each}}"):format(name, name)) end
  local print = PRINTS[declared.type]
  if rest ~= "" then
    local filter, words = rest:match("^|%s*(%a+)%s*:?%s*(.-)$")
    if not filter or not FILTERS[filter] then return self:fault(("не понимаю «%s». Есть: | date: вид, | plural: час, часа, часов"):format(rest)) end
    print = FILTERS[filter](self, declared, words ~= "" and split(words) or {})
  end
  self:add({ kind = "value", name = name, print = print })
end

function Reader:add(node)
  local block = self.open[#self.open]
  table.insert(block.is_else and block.no or block.yes, node)
end

function Reader:begin(kind, name)
  local declared = self:declared(name)
  local node = { kind = kind, name = name, yes = {}, no = {} }
  if kind == "each" and declared and declared.type ~= "list" then self:fault(("{{#each %s}}: это не список"):format(name)) end
  self:add(node)
  self.open[#self.open + 1] = { kind = kind, line = self.line, yes = node.yes, no = node.no }
  self.scopes[#self.scopes + 1] = kind == "each" and declared and declared.item or self.scopes[#self.scopes]
end

function Reader:finish(kind)
  local block = self.open[#self.open]
  if block.kind ~= kind then return self:fault(("{{/%s}} без своего {{#%s …}}"):format(kind, kind)) end
  self.open[#self.open] = nil
  self.scopes[#self.scopes] = nil
end

function Reader:otherwise()
  local block = self.open[#self.open]
  if block.kind ~= "if" or block.is_else then return self:fault("{{else}} пишется один раз внутри {{#if …}}") end
  block.is_else = true
end

function Reader:tag(inside)
  local kind, name = inside:match("^#(%a+)%s+([%a_][%w_%.]*)$")
  if kind == "if" or kind == "each" then return self:begin(kind, name) end
  if inside == "/if" or inside == "/each" then return self:finish(inside:sub(2)) end
  if inside == "else" then return self:otherwise() end
  if inside:find("^[#/]") then return self:fault(("не понимаю {{%s}}. Есть: {{#if имя}}, {{else}}, {{/if}}, {{#each имя}}, {{/each}}"):format(inside)) end
  self:value(inside)
end

local function is_section(inside) return inside == "else" or inside:find("^[#/]") ~= nil end

-- {text | {inside}}
local function pieces_of(line)
  local pieces, at = {}, 1
  while true do
    local from, to, inside = line:find("{{%s*(.-)%s*}}", at)
    local before = line:sub(at, (from or 0) - 1)
    if before ~= "" then pieces[#pieces + 1] = before end
    if not from then return pieces end
    pieces[#pieces + 1] = { inside = inside }
    at = to + 1
  end
end

local function holds_only_sections(pieces)
  for _, piece in ipairs(pieces) do
    if type(piece) == "string" and piece:find("%S") or type(piece) == "table" and not is_section(piece.inside) then return false end
  end
  return #pieces > 0 and type(pieces[1]) == "table" or #pieces > 1
end

function Reader:text(text)
  if text:find("{{", 1, true) then self:fault("{{ не закрыто: нужно }} на той же строке") end
  if text:find("<%", 1, true) then self:fault("<% … %> в письмах не действует: пишется {{ имя }}") end
  self:add(text)
end

function Reader:read_line(line, is_last)
  local pieces = pieces_of(line)
  local is_bare = holds_only_sections(pieces)
  for _, piece in ipairs(pieces) do
    if type(piece) == "table" then
      self:tag(piece.inside)
    elseif not is_bare then
      self:text(piece)
    end
  end
  if not is_bare and not is_last then self:add("\n") end
end

local function read(source, names, first_line)
  local root = { kind = "root", yes = {}, no = {} }
  local reader = setmetatable({ faults = {}, open = { root }, scopes = { names }, line = first_line - 1 }, Reader)
  local lines = {}
  for line in (source:gsub("\r\n?", "\n") .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
  for index, line in ipairs(lines) do
    reader.line = reader.line + 1
    reader:read_line(line, index == #lines)
  end
  for depth = #reader.open, 2, -1 do
    local block = reader.open[depth]
    reader.line = block.line
    reader:fault(("{{#%s …}} не закрыто: нужно {{/%s}}"):format(block.kind, block.kind))
  end
  return root.yes, reader.faults
end

--- Cuts a file into its subject and its text.
---@param source string
---@return string subject, string text
function letter.parts(source)
  local subject, text = source:gsub("\r\n?", "\n"):match("^%s*([^\n]*)\n?%s*(.*)$")
  return (subject:gsub("^Subject:%s*", ""):gsub("^Тема:%s*", "")), text
end

--- Reads a subject or a text.
---@param source string
---@param names table<string, kit.LetterName>
---@param first_line integer? number of its first line, for faults
---@return table? tree for letter.fill
---@return kit.LetterFault[]? faults in order of lines
function letter.compile(source, names, first_line)
  local tree, faults = read(source, names, first_line or 1)
  if #faults == 0 then return tree end
  table.sort(faults, function(a, b) return a.line < b.line end)
  return nil, faults
end

-- ---- filling

local function find(scopes, name)
  for depth = #scopes, 1, -1 do
    local value = scopes[depth]
    for key in name:gmatch("[^.]+") do value = type(value) == "table" and value[key] or nil end
    if value ~= nil then return value end
  end
  return nil
end

local function is_filled(value)
  return value ~= nil and value ~= false and value ~= "" and value ~= 0 and not (type(value) == "table" and next(value) == nil)
end

local write

local function write_each(out, node, scopes)
  local list = find(scopes, node.name)
  for _, item in ipairs(type(list) == "table" and list or {}) do
    scopes[#scopes + 1] = item
    write(out, node.yes, scopes)
    scopes[#scopes] = nil
  end
end

function write(out, nodes, scopes)
  for _, node in ipairs(nodes) do
    if type(node) == "string" then
      out[#out + 1] = node
    elseif node.kind == "value" then
      local value = find(scopes, node.name)
      out[#out + 1] = value ~= nil and node.print(value) or ""
    elseif node.kind == "each" then
      write_each(out, node, scopes)
    else
      write(out, is_filled(find(scopes, node.name)) and node.yes or node.no, scopes)
    end
  end
end

--- The text with the values in it.
---@param tree table of letter.compile
---@param data table
---@return string
function letter.fill(tree, data)
  local out = {}
  write(out, tree, { data })
  return table.concat(out)
end

return letter
