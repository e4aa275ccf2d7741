--- All letters of the platform: what rules/letters declares beside the templates in force. Filled at load.
local letter = require("kit.letter")
local letter_book = {}

local PATH = "views/mail/%s.txt"
local COMMON = { "base_url", "region.name", "region.full", "region.phone", "region.email", "region.address" }

---@class kit.LetterKind
---@field id string
---@field group string
---@field label string
---@field about string
---@field names table<string, kit.LetterName>
---@field order string[] its names: own ones first
---@field source string file in force in this generation
---@field shipped string the file beneath what was published

---@class kit.LetterTemplate
---@field subject table
---@field text table

local kinds, order, templates = {}, {}, {}

local function named(given)
  local name = { label = given[1], type = given[2], sample = given[3] }
  if given.item then
    name.item = {}
    for key, item in pairs(given.item) do name.item[key] = named(item) end
  end
  return name
end

local function kind_of(entry, dictionary)
  local kind = { id = entry.id, group = entry.group, label = entry.label, about = entry.about, names = {}, order = {} }
  for _, list in ipairs({ entry.names, COMMON }) do
    for _, name in ipairs(list) do
      if not dictionary[name] then error(("lua/rules/letters.lua:0: letter %s names %s, which is not among the names"):format(entry.id, name), 0) end
      kind.names[name] = named(dictionary[name])
      table.insert(kind.order, name)
    end
  end
  return kind
end

local function declare(declared)
  kinds, order, templates = {}, {}, {}
  for _, entry in ipairs(declared.letters) do
    kinds[entry.id] = kind_of(entry, declared.names)
    order[#order + 1] = kinds[entry.id]
  end
end

--- Reads all templates; the first fault stops the load.
---@param declared table rules.letters
---@param sources table<string, {source: string, file: string, shipped: string?}> by id; shipped: what publishing has laid over
---@return true? ok
---@return table? err {file, line, text}
function letter_book.load(declared, sources)
  declare(declared)
  for id, given in pairs(sources) do
    if not kinds[id] then return nil, { file = given.file, line = 1, text = "такого письма нет в rules/letters" } end
    local made, faults = letter_book.compile(id, letter.parts(given.source))
    if not made then
      local first = faults[1]
      return nil, { file = given.file, line = first.field == "text" and first.line + 1 or 1, text = first.text }
    end
    templates[id] = made
    kinds[id].source, kinds[id].shipped = given.source, given.shipped or given.source
  end
  for _, kind in ipairs(order) do
    if not templates[kind.id] then return nil, { file = "lua/rules/letters.lua", line = 0, text = "no template " .. letter_book.path(kind.id) } end
  end
  return true
end

--- Where the template of a letter lies in each layer.
---@param id string
---@return string
function letter_book.path(id) return PATH:format(id) end

--- All kinds in the order of rules/letters.
---@return kit.LetterKind[]
function letter_book.all() return order end

---@param id string
---@return kit.LetterKind?
function letter_book.kind(id) return kinds[id] end

--- The template in force.
---@param id string
---@return kit.LetterTemplate
function letter_book.template(id) return templates[id] or error("no letter " .. tostring(id), 0) end

--- Reads a template that somebody has typed.
---@param id string
---@param subject string
---@param text string
---@return kit.LetterTemplate? template
---@return {field: "subject"|"text", line: integer, text: string}[]? faults
function letter_book.compile(id, subject, text)
  local names, faults, made = kinds[id].names, {}, {}
  for _, field in ipairs({ "subject", "text" }) do
    local tree, wrong = letter.compile(field == "subject" and subject or text, names)
    made[field] = tree
    for _, fault in ipairs(wrong or {}) do faults[#faults + 1] = { field = field, line = fault.line, text = fault.text } end
  end
  if #faults > 0 then return nil, faults end
  return made
end

local function put(data, name, value)
  local at = data
  for part, dot in name:gmatch("([^.]+)(%.?)") do
    if dot == "" then
      at[part] = value
    else
      at[part] = at[part] or {}
      at = at[part]
    end
  end
end

--- Data to show a letter with.
---@param id string
---@return table
function letter_book.sample(id)
  local data = {}
  for name, declared in pairs(kinds[id].names) do put(data, name, declared.sample) end
  return data
end

return letter_book
