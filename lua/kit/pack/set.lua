--- A set: all layers of one rule pack as they act together, at work in the rule VM (core.rules). Its hash names exactly these
--- texts, so a case that remembers it is decided by the same rules for ever.
---
---   local set, err = set.build("workflow/application", layers)   -- err = {text, file, line, layer}
---   set.data.states.draft                                          -- the main part as data
---   local results, record = set:call("guards/application", "age_suits", ctx)
local crypto = require("core.crypto")
local rules = require("core.rules")
local source = require("kit.pack.source")
local tree = require("core.tree")
local Set = {}
Set.__index = Set

local LIMITS = { ms = 50, memory = 8 << 20 }
local PREFIX = { product = "rules", region = "region", published = "published", organization = "organization" }
local FOLDER = { rules = "lua/rules/", region = "region/lua/rules/", published = "published: ", organization = "organization: " }
local ORDER = { "product", "region", "published", "organization" }

---@class kit.PackSet
---@field id string
---@field hash string
---@field chunks {name: string, text: string}[] what the hash names
---@field data table the main part
---@field origin table<string, string> path of a value → the layer that changed it last
---@field faults {layer: string, path: string, is_new: boolean}[] what a layer changed without leave

local function quoted(text) return ("%q"):format(text) end

-- "rules/guards/application.lua" → prefix, part
local function split_chunk(name) return name:match("^(%w+)/(.+)%.lua$") end

local function module_of(prefix, part) return prefix .. "." .. part:gsub("/", ".") end

-- The text of the module `plan`: which module of which layer lies over which.
local function plan_of(id, chunks)
  local parts, held = source.parts(id), {}
  for _, chunk in ipairs(chunks) do
    local prefix, part = split_chunk(chunk.name)
    held[prefix] = held[prefix] or {}
    held[prefix][part] = true
  end
  local bases, layers = {}, {}
  for _, part in ipairs(parts) do
    if held.rules[part] then bases[#bases + 1] = quoted(module_of("rules", part)) end
  end
  for index = 2, #ORDER do
    local prefix, pairs_of = PREFIX[ORDER[index]], {}
    for _, part in ipairs(parts) do
      if held[prefix] and held[prefix][part] then
        pairs_of[#pairs_of + 1] = ("[%s]=%s"):format(quoted(module_of("rules", part)), quoted(module_of(prefix, part)))
      end
    end
    if #pairs_of > 0 then layers[#layers + 1] = ("{name=%s,modules={%s}}"):format(quoted(ORDER[index]), table.concat(pairs_of, ",")) end
  end
  return ("return {kind=%s,main=%s,guards=%s,base={%s},layers={%s}}"):format(quoted(id:match("^%w+")), quoted(module_of("rules", parts[1])),
    parts[2] and quoted(module_of("rules", parts[2])) or "nil", table.concat(bases, ","), table.concat(layers, ","))
end

--- The texts of a set, in a fixed order. The lowest layer that has a part is its base.
---@param layers kit.PackLayer[] lowest first
---@return {name: string, text: string}[]
local function chunks_of(id, layers)
  local chunks, has_base, is_rule = {}, {}, {}
  for _, part in ipairs(source.parts(id)) do is_rule[part] = true end
  local function add(prefix, part, text) chunks[#chunks + 1] = { name = ("%s/%s.lua"):format(prefix, part), text = text } end
  for part, text in pairs(source.shared()) do
    has_base[part] = true
    add("rules", part, text)
  end
  for _, layer in ipairs(layers) do
    for part, text in pairs(layer.files) do
      if is_rule[part] then
        add(has_base[part] and PREFIX[layer.name] or "rules", part, text)
        has_base[part] = true
      end
    end
  end
  table.sort(chunks, function(a, b) return a.name < b.name end)
  return chunks
end

---@param chunks {name: string, text: string}[]
---@return string
local function hash_of(chunks)
  local parts = {}
  for _, chunk in ipairs(chunks) do parts[#parts + 1] = ("%s %d\n%s"):format(chunk.name, #chunk.text, chunk.text) end
  return crypto.sha256(table.concat(parts, "\n"))
end

local KINDS = {
  syntax = "ошибка в записи", runtime = "ошибка при выполнении", time = "правило работает слишком долго", memory = "правилу не хватило памяти",
  output = "правило пишет слишком много", depth = "слишком глубокая вложенность", result = "правило вернуло то, чего возвращать нельзя",
  crash = "правило уронило процесс",
}

--- Which layer and part a chunk is, and the file that people know it by.
---@param chunk string "published/workflows/application.lua"
---@return {layer: string, part: string, file: string}?
function Set.place(chunk)
  local prefix, part = split_chunk(chunk)
  for name, known in pairs(PREFIX) do
    if known == prefix then return { layer = name, part = part, file = FOLDER[prefix] .. part .. ".lua" } end
  end
  return nil
end

--- Words and place of what the rule VM refused.
---@param err core.RulesError
---@return {text: string, file: string?, line: integer?, layer: string?, kind: string}
function Set.explain(err)
  local place = Set.place(err.chunk or "") or {}
  return { text = ("%s: %s"):format(KINDS[err.kind] or err.kind, err.text), kind = err.kind, line = err.line, layer = place.layer,
    part = place.part, file = place.file }
end

--- From stored texts.
---@param id string
---@param chunks {name: string, text: string}[]
---@param options {ms: integer?, memory: integer?}?
---@return kit.PackSet? set
---@return table? err of explain()
function Set.of_chunks(id, chunks, options)
  local limits = options or LIMITS
  local self = setmetatable({ id = id, chunks = chunks, hash = hash_of(chunks) }, Set)
  local all = { { name = "plan.lua", text = plan_of(id, chunks) }, { name = "effective.lua", text = tree.read("lua/kit/pack/inside.lua") } }
  table.move(chunks, 1, #chunks, #all + 1, all)
  local vm, err = rules.load({ name = id .. "@" .. self.hash:sub(1, 12), chunks = all, ms = limits.ms, memory = limits.memory })
  if not vm then return nil, Set.explain(err) end
  self.vm, self.main = vm, module_of("rules", source.parts(id)[1])
  local effective = vm:value("effective")
  self.origin, self.faults = effective.origin, effective.faults
  self.data, err = vm:value(self.main)
  if not self.data then return nil, Set.explain(err) end
  if type(self.data) ~= "table" then return nil, { text = "Файл должен вернуть таблицу.", kind = "result", part = source.parts(id)[1] } end
  return self
end

--- From layers.
---@param id string
---@param layers kit.PackLayer[] lowest first
---@param options {ms: integer?, memory: integer?}?
---@return kit.PackSet? set
---@return table? err of explain()
function Set.build(id, layers, options)
  return Set.of_chunks(id, chunks_of(id, layers), options)
end

--- What a part holds as data; functions are the text "function".
---@param part string "guards/application"
---@return any
function Set:value(part) return (self.vm:value(module_of("rules", part))) end

--- Calls a function of a part.
---@param part string
---@param name string
---@param input any
---@return table? results {n =, …}
---@return table record {chunk, line, us}, or the error of explain()
function Set:call(part, name, input)
  local results, record = self.vm:call(module_of("rules", part), name, input)
  if results then return results, record end
  return nil, Set.explain(record)
end

--- Asks recorded decisions again, in the thread pool; in a state made for this call. Yields.
---@param cases string[] role, expected code ("" when it went through) and inputs as JSON of each, flat
---@return table<integer, string>? results by case, of those whose outcome is another; kit/pack/replay.lua says how
---@return kit.Error? err
function Set:replay(cases)
  local chunks = { { name = "plan.lua", text = plan_of(self.id, self.chunks) }, { name = "effective.lua", text = tree.read("lua/kit/pack/inside.lua") },
    { name = "replay.lua", text = tree.read("lua/kit/pack/replay.lua") } }
  table.move(self.chunks, 1, #self.chunks, #chunks + 1, chunks)
  return rules.replay({ name = self.id .. "@" .. self.hash:sub(1, 12), chunks = chunks, module = "replay", path = "judge", cases = cases, ms = LIMITS.ms,
    memory = 32 << 20 })
end

--- Frees its state now: for a set that was made to look at it.
function Set:close() self.vm:close() end

--- The same for many inputs in one crossing.
function Set:map(part, name, list) return self.vm:map(module_of("rules", part), name, list) end

return Set
