--- The Lua state of a plugin in this worker: sandboxed, with a ceiling of memory and a limit of time for each run (core.rules). One
--- that hit a limit is thrown away; the next call gets a fresh one.
local registry = require("kit.plugin.registry")
local rules = require("core.rules")
local template = require("kit.template")
local tree = require("core.tree")
local state = {}

local INSIDE = "lua/kit/plugin/inside.lua"
local INSIDE_CHUNK = "platform/inside.lua"
state.INSIDE = "platform.inside"

-- Names that a template may use without saying local.
local HELPERS = { "ipairs", "pairs", "tostring", "tonumber", "type", "math", "date", "number", "plural", "chip", "__link", "attr" }
local HEAD = ("return function(h) local %s = h.%s return function(...) "):format(table.concat(HELPERS, ", "), table.concat(HELPERS, ", h."))

local function fault_of(err, plugin)
  local file = err.chunk and err.chunk ~= INSIDE_CHUNK and (plugin.dir .. err.chunk:gsub("%.html%.lua$", ".html")) or plugin.dir .. "plugin.lua"
  return { file = file, line = err.line or 0, text = state.words(err) }
end

-- A template becomes a module that takes the helpers and returns the function that renders; the lines stay.
local function add_views(chunks, views, plugin, faults)
  for path, bytes in pairs(views) do
    local made, err = template.compile(bytes, plugin.dir .. path)
    if not made then
      faults[#faults + 1] = { file = err.file, line = err.line or 0, text = err.text }
    elseif made.layout then
      faults[#faults + 1] = { file = plugin.dir .. path, line = 1, text = "шаблон плагина — часть страницы, без layout" }
    else
      chunks[#chunks + 1] = { name = path .. ".lua", text = HEAD .. made.source .. " end end" }
    end
  end
end

local function chunks_of(plugin)
  local modules, views = registry.files(plugin)
  if not modules then return nil, { { file = plugin.dir, line = 0, text = views } } end
  local chunks, faults = { { name = INSIDE_CHUNK, text = (tree.read(INSIDE)) } }, {}
  for path, bytes in pairs(modules) do chunks[#chunks + 1] = { name = path, text = bytes } end
  add_views(chunks, views, plugin, faults)
  if #faults > 0 then return nil, faults end
  table.sort(chunks, function(a, b) return a.name < b.name end)
  return chunks
end

local WORDS = {
  time = "превышено время: %d мс на вызов", memory = "превышена память: %d КБ", output = "слишком большой ответ: больше %d КБ",
  depth = "слишком глубокая вложенность", result = "ответ нельзя передать: %s", crash = "сбой состояния Lua",
}

--- What a failure of core.rules says to people.
---@param err core.RulesError
---@param limits table? of the manifest
---@return string
function state.words(err, limits)
  local words = WORDS[err.kind]
  if not words then return err.text end
  if err.kind == "result" then return words:format(err.text) end
  local limit = limits and ({ time = limits.ms_per_call, memory = limits.kb, output = limits.out_kb })[err.kind]
  return limit and words:format(limit) or words:gsub(":.*$", "")
end

--- Makes the state of a plugin and checks that the functions of its manifest are there.
---@param plugin kit.Plugin
---@return core.RulesPack? pack
---@return table[] faults
function state.load(plugin)
  local chunks, faults = chunks_of(plugin)
  if not chunks then return nil, faults end
  local limits = plugin.manifest.limits
  local pack, err = rules.load({
    name = "plugin/" .. plugin.id, chunks = chunks, ms = limits.ms_per_call, memory = limits.kb * 1024, output = limits.out_kb * 1024, depth = 32,
  })
  if not pack then return nil, { fault_of(err, plugin) } end
  local names, missing = {}, {}
  for name in pairs(plugin.manifest.functions) do names[#names + 1] = name end
  local results, failure = pack:call(state.INSIDE, "missing", { names = names })
  if not results then return nil, { fault_of(failure, plugin) } end
  for i, name in ipairs(results[1]) do
    local place = plugin.manifest.functions[name]
    missing[i] = { file = place.file, line = place.line, text = ("нет функции «%s»"):format(name) }
  end
  if #missing > 0 then return nil, missing end
  return pack, {}
end

return state
