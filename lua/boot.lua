--- Puts a generation together: reads rules, views, texts and modules through their layers, checks them, and returns what
--- the core calls. Anything wrong raises "file:line: reason", and the old generation keeps serving.
local app = require("kit.app")
local audit_timers = require("kit.upkeep")
local job = require("kit.job")
local judging = require("kit.judging")
local json = require("core.json")
local letter_book = require("kit.letter_book")
local locale = require("kit.locale")
local log = require("core.log")
local lookup = require("kit.lookup")
local mail = require("kit.mail")
local openapi = require("kit.openapi")
local outbox = require("kit.outbox")
local packs = require("kit.packs")
local page = require("kit.page")
local personal = require("kit.personal")
local plugin = require("kit.plugin")
local roles = require("kit.roles")
local secret = require("kit.secret")
local setting = require("kit.setting")
local source = require("kit.pack.source")
local tree = require("core.tree")
local view = require("kit.view")
local view_helpers = require("kit.view_helpers")
local workflow = require("kit.workflow")
local boot = {}

local function fail(file, line, reason)
  error(("%s:%d: %s"):format(file, line or 0, reason), 0)
end

-- ---- texts, rights, machines, views

local function load_texts()
  local bytes, file = lookup.read("lua/locale/ru.lua")
  if bytes and file ~= "lua/locale/ru.lua" then locale.overlay((lookup.module("locale.ru"))) end
end

-- Sets of all packs, so that a broken one is named here.
local function load_packs()
  packs.load()
  for _, id in ipairs(source.all()) do
    if id:find("^workflow/") then judging.announce(workflow.machine(id:match("/(.+)$"))) end
  end
end

local function sources_of(directory, suffix)
  local sources = {}
  for path, file in pairs(lookup.all(directory, suffix)) do
    sources[path:sub(#directory + 2, -#suffix - 1)] = { source = tree.read(file), file = file }
  end
  return sources
end

local function load_views()
  local ok, err = view.load(sources_of("views", ".html"))
  if not ok then fail(err.file, err.line, err.text) end
end

local function load_letters()
  local sources = sources_of("views/mail", ".txt")
  for id, given in pairs(sources) do given.shipped = lookup.shipped(letter_book.path(id)) end
  local ok, err = letter_book.load(lookup.module("rules.letters"), sources)
  if not ok then fail(err.file, err.line, err.text) end
end

local function load_assets()
  local bytes = tree.read("assets/manifest.json")
  local names = bytes and json.decode(bytes) or {}
  for _, layer in ipairs({ "region/assets", "published/assets" }) do
    for _, name in ipairs(tree.list(layer)) do
      local address = tree.asset(name)
      if address then names[name] = address:match("^/a/(.*)$") end
    end
  end
  view_helpers.__use_assets(names)
end

-- ---- modules of the domain

local function slots_of(name)
  local slots = {}
  for _, file in ipairs(tree.list("lua/domain/" .. name)) do
    local slot = file:match("^([%w_]+)%.lua$")
    if slot then slots[slot] = true end
  end
  return slots
end

local function add_timers(parts, list)
  for _, timer in ipairs(list or {}) do
    local fn = timer.fn or timer.run
    parts.timers[#parts.timers + 1] = {
      name = timer.name, every_s = timer.every_s,
      fn = function()
        local ok, err = job.as_system(fn)
        if ok == nil and err then return nil, err end
        return true
      end,
    }
  end
end

local function add_all(register, map)
  for name, fn in pairs(map or {}) do register(name, fn) end
end

-- A built file that a module wants to have read at load, by its logical name.
local function give_asset(name, take)
  local manifest = json.decode(tree.read("assets/manifest.json") or "{}")
  local bytes = manifest[name] and tree.read("assets/" .. manifest[name])
  if bytes then take(bytes) end
end

-- What a module's init.lua offers as data.
local function add_face(parts, face, name)
  if face.settings then setting.declare(name, face.settings) end
  if face.secrets then secret.declare(name, face.secrets) end
  add_all(give_asset, face.assets)
  add_timers(parts, face.timers)
  add_all(job.on, face.jobs)
  add_all(outbox.on, face.events)
  add_all(workflow.hook, face.hooks)
  for _, gate in ipairs(face.gates or {}) do app.gate(gate) end
  for _, extension in ipairs(face.page_data or {}) do page.extend(extension.fn, extension.layout) end
end

local function is_binding(value)
  return type(value) == "table" and type(value.machine) == "string" and type(value.lock) == "function"
end

-- Bindings stand in the service (or in binding.lua); their effects are checked against the machines.
local function add_bindings(parts, module)
  if is_binding(module) then table.insert(parts.bindings, module) end
  for _, value in pairs(module) do
    if is_binding(value) then table.insert(parts.bindings, value) end
  end
end

local function load_module(parts, name)
  local slots = slots_of(name)
  if not next(slots) then fail("lua/domain/modules.lua", 0, "no module domain/" .. name) end
  if slots.init then add_face(parts, require("domain." .. name), name) end
  for _, slot in ipairs({ "service", "binding" }) do
    if slots[slot] then add_bindings(parts, require("domain." .. name .. "." .. slot)) end
  end
  for _, slot in ipairs({ "pages", "api" }) do
    if slots[slot] then
      local routes = require("domain." .. name .. "." .. slot)
      table.insert(parts.lists, { source = ("lua/domain/%s/%s.lua"):format(name, slot), routes = routes })
      add_all(function(key, schema) parts.schemas[key] = schema end, routes.schemas)
    end
  end
end

local function check_workflows(parts)
  local effects = {}
  for _, binding in ipairs(parts.bindings) do effects[binding.machine] = binding.effects or {} end
  for _, id in ipairs(source.all()) do
    local name = id:match("^workflow/(.+)$")
    local faults = name and workflow.check(name, effects[name]) or {}
    if #faults > 0 then fail(source.path(source.parts(id)[1]), 0, table.concat(faults, "; ")) end
    local finding = require("domain.rules.statics").of_region(id)
    if finding then fail(finding.file or source.path(source.parts(id)[1]), finding.line or 0, finding.text) end
  end
end

-- A timer is a job of its name: it would run instead of the handler of that name, as the daily backup once did.
local function check_timers(parts)
  for _, timer in ipairs(parts.timers) do
    if job.has(timer.name) then fail("lua/boot.lua", 0, "a timer and a job are both named " .. timer.name) end
  end
end

-- Routes of developers: only with COPP_DEV=1 or in a benchmark.
local function is_developing(settings)
  return settings.dev or settings.bench or false
end

local function wake_outbox() return { delivered = outbox.dispatch() } end

local function collect(settings)
  local parts = { lists = {}, timers = {}, bindings = {}, schemas = {} }
  add_face(parts, { timers = audit_timers.timers, jobs = { [mail.JOB] = mail.deliver, [outbox.JOB] = wake_outbox } })
  add_face(parts, { settings = personal.settings }, "personal")
  table.insert(parts.lists, { source = "lua/kit/pages.lua", routes = require("kit.pages") })
  if is_developing(settings) then
    table.insert(parts.lists, { source = "lua/domain/dev/pages.lua", routes = require("domain.dev.pages") })
  end
  for _, name in ipairs(require("domain.modules")) do load_module(parts, name) end
  for _, one in ipairs(plugin.faces()) do add_face(parts, one.face, one.name) end
  for _, list in ipairs(plugin.route_lists()) do table.insert(parts.lists, list) end
  return parts
end

--- Loads everything and returns the application table of the core.
---@param settings table core.settings
---@return {request: function, job: function, timers: table[], routes: kit.Route[]}
function boot.load(settings)
  load_texts()
  plugin.load(require("domain.plugins").offer())
  roles.use(plugin.permissions((lookup.module("rules.permissions"))), (lookup.module("rules.roles")))
  load_packs()
  load_assets()
  load_views()
  load_letters()
  local parts = collect(settings)
  check_workflows(parts)
  check_timers(parts)
  local router, routes = app.router(parts.lists)
  if is_developing(settings) then require("domain.dev.pages").know(routes) end
  local description = openapi.encode(openapi.document(routes, { title = "API платформы ЦОПП", schemas = parts.schemas }))
  require("kit.pages").describe(description)
  roles.follow()
  packs.follow()
  log.debug("loaded", { routes = #routes })
  return { request = app.handler(router), job = job.run, timers = parts.timers, routes = routes, openapi = description }
end

--- Runs a command of the front end: `copp user add …`. Called after load.
---@param name string "user add", "demo" …
---@param args table<string, string>
---@return integer? exit_code
---@return table? err
function boot.command(name, args)
  local run = require("domain.commands")[name]
  if not run then return nil, { code = "unknown_command", text = "Команды " .. name .. " нет." } end
  return job.as_system(function() return run(args) end)
end

return boot
