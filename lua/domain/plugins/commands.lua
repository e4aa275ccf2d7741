--- `copp plugin list|points|check|test|plan|enable|disable|uninstall`. New folders and archives are made by the binary itself.
local catalogue = require("domain.plugins.catalogue")
local console = require("core.console")
local plugin = require("kit.plugin")
local commands = {}

local function say(text, ...) console.write((select("#", ...) > 0 and text:format(...) or text) .. "\n") end

local function find(id)
  local found = plugin.find(id)
  if found then return found end
  return nil, { text = ("Плагина «%s» нет: ожидалась папка plugins/%s с файлом plugin.lua"):format(id, id) }
end

local function say_faults(faults)
  for _, fault in ipairs(faults) do say("%s:%d: %s", fault.file, fault.line or 0, fault.text) end
end

local verbs = {}

function verbs.points()
  local names = {}
  for name in pairs(catalogue.hooks) do names[#names + 1] = name end
  table.sort(names)
  say("Точки (hooks):")
  for _, name in ipairs(names) do
    local hook = catalogue.hooks[name]
    say("  %-36s %-7s %s", name, hook.kind, hook.title)
  end
  say("Места на страницах (slots):")
  for name, slot in pairs(catalogue.slots) do say("  %-36s %s", name, slot.title) end
  return 0
end

function verbs.check(args)
  local found, err = find(args.id)
  if not found then return nil, err end
  local faults = plugin.check(found)
  say_faults(faults)
  if #faults > 0 then
    say("Ошибок: %d", #faults)
    return 1
  end
  say("%s %s: ошибок нет", found.id, found.manifest.version)
  return 0
end
verbs.pack = verbs.check

--- Runs a verb.
---@return integer? exit_code
---@return table? err
function commands.run(args) return verbs[args.verb](args) end

return commands
