--- `copp plugin list|points|check|test|plan|enable|disable|uninstall`. New folders and archives are made by the binary itself.
local catalogue = require("domain.plugins.catalogue")
local console = require("core.console")
local context = require("kit.context")
local migrations = require("domain.plugins.migrations")
local plugin = require("kit.plugin")
local present = require("domain.plugins.present")
local service = require("domain.plugins.service")
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

function verbs.test(args)
  local found, err = find(args.id)
  if not found then return nil, err end
  local faults = plugin.check(found)
  if #faults > 0 then
    say_faults(faults)
    return 1
  end
  local results = plugin.test(found)
  local failed = 0
  for i, result in ipairs(results) do
    say("%s %d - %s", result.reason and "not ok" or "ok", i, result.name)
    if result.reason then
      failed = failed + 1
      say("# %s:%d: %s", result.file, result.line or 0, result.reason)
    end
  end
  say("1..%d", #results)
  return failed == 0 and 0 or 1
end

-- ---- with the database

local STATES = { enabled = "включён", disabled = "выключен", suspended = "приостановлен", waiting = "ждёт согласия", broken = "с ошибкой" }

function verbs.list()
  local list, err = service.list(context.SYSTEM)
  if not list then return nil, err end
  if #list == 0 then say("Плагинов нет. Создать: ./copp plugin new имя") end
  for _, one in ipairs(list) do say("%-20s %-10s %-14s %s", one.id, one.version or "?", STATES[one.state], one.title) end
  return 0
end

local function say_plan(found)
  say("Чего просит:")
  for _, ask in ipairs(present.asks(found)) do say("  - %s", ask.text) end
  local pending, err = migrations.plan(found)
  if not pending then return nil, err end
  say(#pending == 0 and "Изменений базы нет." or "Изменения базы:")
  for _, migration in ipairs(present.plan(pending)) do
    say("-- %s%s", migration.name, migration.irreversible and " (назад нельзя: " .. migration.irreversible .. ")" or "")
    for _, statement in ipairs(migration.statements) do say("%s;\n-- %s\n", statement.text, statement.locks) end
  end
  return true
end

function verbs.plan(args)
  local found, err = find(args.id)
  if not found then return nil, err end
  if #found.faults > 0 then
    say_faults(found.faults)
    return 1
  end
  local ok
  ok, err = say_plan(found)
  if not ok then return nil, err end
  return 0
end

function verbs.enable(args)
  local found, err = find(args.id)
  if not found then return nil, err end
  if args.yes ~= "true" and #found.faults == 0 then
    local ok
    ok, err = say_plan(found)
    if not ok then return nil, err end
    say("Чтобы согласиться и включить: ./copp plugin enable %s --yes", args.id)
    return 1
  end
  local ok
  ok, err = service.enable(context.SYSTEM, args.id, found.fingerprint)
  if not ok then return nil, err end
  say("Плагин «%s» включён", ok.manifest.title)
  return 0
end

function verbs.disable(args)
  local ok, err = service.disable(context.SYSTEM, args.id)
  if not ok then return nil, err end
  say("Плагин %s выключен, его данные сохранены", args.id)
  return 0
end

function verbs.uninstall(args)
  local tables, err = service.uninstall_plan(context.SYSTEM, args.id)
  if not tables then return nil, err end
  for _, one in ipairs(tables) do say("DROP TABLE %s  -- строк около %d", one.name, one.rows) end
  if args.yes ~= "true" then
    say("Данные сохранятся в файле (/admin/plugins/archives). Чтобы удалить: ./copp plugin uninstall %s --yes", args.id)
    return 1
  end
  local archive
  archive, err = service.uninstall(context.SYSTEM, args.id)
  if not archive then return nil, err end
  say("Удалено таблиц: %d, строк сохранено в файле: %d", archive.tables, archive.rows)
  return 0
end

--- Runs a verb.
---@return integer? exit_code
---@return table? err
function commands.run(args) return verbs[args.verb](args) end

return commands
