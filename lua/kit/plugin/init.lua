--- Plugins in a generation: which lie here, which are enabled and hold, and what they add to the platform.
---
--- A plugin is a folder with plugin.lua (kit.plugin.manifest). Its code never runs in our state: kit.plugin.state gives it one of its
--- own, kit.plugin.host calls it and does what it asks for within what an administrator has granted.
local data_file = require("kit.plugin.data_file")
local deliveries = require("kit.plugin.deliveries")
local health = require("kit.plugin.health")
local host = require("kit.plugin.host")
local log = require("core.log")
local points = require("kit.plugin.points")
local registry = require("kit.plugin.registry")
local routes = require("kit.plugin.routes")
local running = require("kit.running")
local semver = require("kit.plugin.semver")
local slots = require("kit.plugin.slots")
local state = require("kit.plugin.state")
local trial = require("kit.plugin.trial")
local workflow = require("kit.workflow")
local plugin = {}

plugin.find = registry.find
plugin.ids = registry.ids
plugin.test = trial.run
plugin.is_off = health.is_off
plugin.resume = health.resume

local enabled, order, waiting = {}, {}, {}

--- Everything that is wrong with a plugin: manifest, statements, migrations, code.
---@param found kit.Plugin
---@return table[] faults {file, line, text}
function plugin.check(found)
  if #found.faults > 0 then return found.faults end
  local pack, faults = state.load(found)
  if pack then pack:close() end
  return faults
end

-- ---- loading

local function fail(fault) error(("%s:%d: %s"):format(fault.file, fault.line or 0, fault.text), 0) end

--- Why an enabled plugin does not run: it was changed in a way that an administrator has not agreed to yet.
local function reason_to_wait(found)
  if found.enabled.fingerprint ~= found.fingerprint then return "Просит другого, чем было разрешено, или принёс изменения базы: подтвердите." end
  for id, range in pairs(found.manifest.depends) do
    local other = registry.find(id)
    if not other or not other.enabled or not other.manifest then return ("Нужен плагин «%s», а он не включён."):format(id) end
    if not semver.range(range)(other.manifest.version) then return ("Нужен плагин «%s» %s."):format(id, range) end
  end
end

local function read_texts(found)
  local text = found.source.read("locale/ru.lua")
  if not text then return {} end
  local texts, err = data_file.read(text, found.dir .. "locale/ru.lua")
  return texts or fail(err)
end

local function take(found)
  local faults
  found.texts = read_texts(found)
  found.pack, faults = state.load(found)
  if not found.pack then fail(faults[1]) end
  enabled[found.id], order[#order + 1] = found, found
end

local function consider(id)
  local found = registry.find(id)
  if not found then
    waiting[id] = "Папки плагина больше нет."
    log.warn("enabled plugin is not here", { plugin = id })
    return
  end
  if not found.manifest or #found.faults > 0 then fail(found.faults[1]) end
  waiting[id] = reason_to_wait(found)
  if not waiting[id] then take(found) end
end

local function add_running(found)
  local known = registry.known()
  local function add(event, title, name, mode, place)
    running.add({ event = event, title = title, owner = found.id, owner_title = found.manifest.title, kind = "plugin", name = name,
      version = found.manifest.version, order = place, mode = mode })
  end
  for _, hook in ipairs(found.manifest.hooks) do add(hook.name, known.hooks[hook.name].title, hook.fn, hook.mode, hook.order) end
  for _, slot in ipairs(found.manifest.slots) do add(slot.name, known.slots[slot.name].title, slot.fn, "slot", slot.order) end
  for _, route in ipairs(found.manifest.routes) do add(route.method .. " " .. route.path, route.summary, route.fn, "route", 0) end
  for name, fn in pairs(found.manifest.jobs) do add("plugin." .. found.id .. "." .. name, "Задание", fn, "job", 0) end
  for _, timer in ipairs(found.manifest.timers) do add("plugin." .. found.id .. "." .. timer.name, "По времени", timer.fn, "timer", 0) end
end

local function reset()
  enabled, order, waiting = {}, {}, {}
  points.reset()
  slots.reset()
end

--- At load, before anything else of plugins: reads those that are enabled. Anything wrong with one of them raises "file:line: reason".
---@param offered table domain.plugins.offer()
function plugin.load(offered)
  registry.offer(offered)
  reset()
  for _, id in ipairs(registry.enabled_ids()) do consider(id) end
  for _, found in ipairs(order) do
    points.add(found)
    slots.add(found)
    add_running(found)
  end
  deliveries.use(enabled)
  if #order > 0 then workflow.before(points.before_transition) end
end

--- Why an enabled plugin does not run, nil when it does.
---@return string?
function plugin.waits(id) return waiting[id] end

---@return boolean is it at work in this generation?
function plugin.is_loaded(id) return enabled[id] ~= nil end

-- ---- what they add, for boot

--- The table of permissions with those of plugins.
---@param product table
---@return table
function plugin.permissions(product)
  if #order == 0 then return product end
  local all = {}
  for name, entry in pairs(product) do all[name] = entry end
  for _, found in ipairs(order) do
    for name, entry in pairs(found.manifest.permissions) do
      entry.group = ("Плагин «%s»"):format(found.manifest.title)
      all[name] = entry
    end
  end
  return all
end

local function work_of(found, point, fn)
  return function(payload)
    local value, err = host.call(found, { point = point, fn = fn, input = payload, may_fetch = true })
    if value == nil and err then return nil, { code = err.code, text = err.text or err.code, final = err.final == true } end
    return type(value) == "table" and value or {}
  end
end

local function face_of(found)
  local face = { settings = {}, secrets = found.manifest.secrets, jobs = {}, timers = {} }
  for i, field in ipairs(found.manifest.settings) do
    field.title = ("Плагин «%s»"):format(found.manifest.title)
    face.settings[i] = field
  end
  for name, fn in pairs(found.manifest.jobs) do
    local point = ("plugin.%s.%s"):format(found.id, name)
    face.jobs[point] = work_of(found, point, fn)
  end
  for i, timer in ipairs(found.manifest.timers) do
    local point = ("plugin.%s.%s"):format(found.id, timer.name)
    face.timers[i] = { name = point, every_s = timer.every_s, run = work_of(found, point, timer.fn) }
  end
  return face
end

--- Faces like those of modules: {name, face}.
---@return {name: string, face: table}[]
function plugin.faces()
  local faces = {}
  for i, found in ipairs(order) do faces[i] = { name = "plugin." .. found.id, face = face_of(found) } end
  if deliveries.is_needed() then
    faces[#faces + 1] = { name = "kit.plugin", face = { events = { ["*"] = deliveries.on_event }, timers = deliveries.timers,
      jobs = { [deliveries.JOB] = deliveries.run } } }
  end
  return faces
end

--- Lists of routes like those of modules.
---@return {source: string, routes: kit.Route[]}[]
function plugin.route_lists()
  local lists = {}
  for i, found in ipairs(order) do lists[i] = { source = found.dir .. "plugin.lua", routes = routes.of(found) } end
  return lists
end

return plugin
