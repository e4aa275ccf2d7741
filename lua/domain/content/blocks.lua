--- Blocks between a form, the table and a page. In a form each block has an id that never changes, so that moving one is
--- moving its fields: `order[]` names the blocks from top to bottom, `<block>.items[]` what it repeats, `<block>.<item>.<field>` a value.
local errors = require("kit.errors")
local fields = require("domain.content.fields")
local form = require("kit.form")
local html_clean = require("kit.html_clean")
local json = require("core.json")
local urls = require("kit.urls")
local blocks = {}

local MAX_PROGRAM_LISTS = 3 -- each asks the catalogue
local ID = "^[a-z]%w?%w?%w?%w?%w?%w?%w?$"

--- An id that no block or item of the page has.
---@param list table[]
---@return string
function blocks.new_id(list)
  local taken = {}
  for _, block in ipairs(list) do
    taken[block.id] = true
    for _, item in ipairs(block.items or {}) do taken[item.id] = true end
  end
  local n = 1
  while taken["b" .. n] do n = n + 1 end
  return "b" .. n
end

local function is_link(value)
  return (value:find("^/[^/\\]") or value == "/" or value:find("^#") or value:find("^https?://[^%s]+$") or value:find("^mailto:")
    or value:find("^tel:")) and urls.safe(value) ~= "#"
end

local function read_value(field, value, name, faults)
  local schema = {}
  for key, given in pairs(field) do schema[key] = given end
  local read, err = form.parse({ schema }, { [field.name] = value })
  if not read then
    faults[#faults + 1] = { field = name, code = err.fields[1].code, message = err.fields[1].message }
    return value
  end
  local clean = read[field.name]
  if clean and field.rich then return html_clean.clean(clean) end
  if clean and field.is_link and not is_link(clean) then
    faults[#faults + 1] = { field = name, code = "link", message = field.message }
  end
  return clean
end

local function read_fields(schema, typed, prefix, faults)
  local values = {}
  for _, field in ipairs(schema) do
    local name = prefix .. "." .. field.name
    local value = typed[name]
    values[field.name] = read_value(field, type(value) == "table" and value[1] or value, name, faults)
  end
  return values
end

local function read_items(kind, typed, id, faults)
  local items = {}
  for _, item_id in ipairs(typed[id .. ".items[]"] or {}) do
    if item_id:find(ID) and #items < kind.item.max then
      local item = read_fields(kind.item.fields, typed, id .. "." .. item_id, faults)
      item.id = item_id
      items[#items + 1] = item
    end
  end
  return items
end

--- Blocks as typed into the editor. What is merely missing is no fault: a draft may be unfinished.
---@param typed table<string, string[]> request:form_all()
---@return table[] list
---@return table[] faults {field, code, message}
function blocks.read(typed)
  local list, faults, seen = {}, {}, {}
  for _, id in ipairs(typed["order[]"] or {}) do
    local kind = fields.BLOCK[(typed[id .. ".type"] or {})[1]]
    if kind and id:find(ID) and not seen[id] and #list < fields.MAX_BLOCKS then
      seen[id] = true
      local block = read_fields(kind.fields, typed, id, faults)
      block.id, block.type = id, kind.type
      if kind.item then block.items = read_items(kind, typed, id, faults) end
      list[#list + 1] = block
    end
  end
  return list, faults
end

local function index_of(list, id)
  for index, entry in ipairs(list) do
    if entry.id == id then return index end
  end
end

local commands = {}

local function shift(list, id, by)
  local from = index_of(list, id)
  local to = from and from + by
  if to and list[to] then list[from], list[to] = list[to], list[from] end
end

function commands.add(list, kind_name)
  local kind = fields.BLOCK[kind_name]
  if not kind or #list >= fields.MAX_BLOCKS then return nil end
  local block = { id = blocks.new_id(list), type = kind_name }
  for _, field in ipairs(kind.fields) do block[field.name] = field.default end
  list[#list + 1] = block
  if kind.item then
    block.items = {}
    commands.item_add(list, block.id)
  end
  return block.id
end
function commands.up(list, id) shift(list, id, -1) return id end
function commands.down(list, id) shift(list, id, 1) return id end
function commands.remove(list, id)
  local index = index_of(list, id)
  if index then table.remove(list, index) end
end
function commands.item_add(list, id)
  local block = list[index_of(list, id)]
  local kind = block and fields.BLOCK[block.type]
  if not kind or not kind.item or #block.items >= kind.item.max then return id end
  block.items[#block.items + 1] = { id = blocks.new_id(list) }
  return id
end
local function in_items(change)
  return function(list, id, item_id)
    local block = list[index_of(list, id)]
    if block and block.items then change(block.items, item_id) end
    return id
  end
end
commands.item_up = in_items(function(items, id) shift(items, id, -1) end)
commands.item_down = in_items(function(items, id) shift(items, id, 1) end)
commands.item_remove = in_items(function(items, id) table.remove(items, index_of(items, id) or #items + 1) end)

--- Does what a button of the editor says: "add:text", "up:b3", "item_remove:b3:b7".
---@param list table[] changed in place
---@param command string
---@return string? id of the block to show
function blocks.apply(list, command)
  local name, first, second = command:match("^([%a_]+):([%w_]+):?(%w*)$")
  if name and commands[name] then return commands[name](list, first, second) end
  return nil
end

local function missing(schema, values, prefix, faults)
  for _, field in ipairs(schema) do
    local value = values[field.name]
    if field.must and (value == nil or value == "") then
      faults[#faults + 1] = { field = prefix .. "." .. field.name, code = "required", message = ("Заполните поле «%s»"):format(field.label) }
    end
  end
end

--- What a block lacks for being shown to visitors.
---@param list table[]
---@return kit.Error? err
function blocks.check(list)
  local faults, lists = {}, 0
  for _, block in ipairs(list) do
    local kind = fields.BLOCK[block.type]
    if block.type == "programs" then lists = lists + 1 end
    if block.type == "programs" and lists > MAX_PROGRAM_LISTS then
      faults[#faults + 1] = { field = block.id .. ".heading", code = "too_many", message = "На странице может быть не больше трёх списков программ" }
    end
    missing(kind.fields, block, block.id, faults)
    for _, item in ipairs(block.items or {}) do missing(kind.item.fields, item, block.id .. "." .. item.id, faults) end
    if kind.item and #(block.items or {}) == 0 then
      faults[#faults + 1] = { field = block.id .. ".items", code = "required",
        message = ("Добавьте хотя бы одну запись в блок «%s» или удалите его"):format(kind.label) }
    end
  end
  if #faults > 0 then return errors.invalid(faults) end
end

local function each_value(list, fn)
  for _, block in ipairs(list) do
    local kind = fields.BLOCK[block.type]
    if kind then
      for _, field in ipairs(kind.fields) do fn(field, block[field.name]) end
      for _, item in ipairs(block.items or {}) do
        for _, field in ipairs(kind.item.fields) do fn(field, item[field.name]) end
      end
    end
  end
end

--- Public ids of the files that blocks show.
---@return string[]
function blocks.files(list)
  local found = {}
  each_value(list, function(field, value)
    if field.file and value and value ~= "" then found[#found + 1] = value end
  end)
  return found
end

--- The words of all blocks, for search.
---@return string
function blocks.words(list)
  local words = {}
  each_value(list, function(field, value)
    if type(value) == "string" and value ~= "" and not field.file and not field.is_link and not field.choices then
      words[#words + 1] = field.rich and html_clean.text(value) or value
    end
  end)
  return table.concat(words, " ")
end

--- Between the column and Lua.
function blocks.decode(bytes) return bytes and json.decode(bytes) or {} end
function blocks.encode(list)
  local copy = json.array({})
  for index, block in ipairs(list) do
    copy[index] = block
    if block.items then block.items = json.array(block.items) end
  end
  return json.encode(copy)
end

return blocks
