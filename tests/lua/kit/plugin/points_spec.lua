--- Hooks of a made-up plugin, from the folder to the verdict.
local catalogue = require("domain.plugins.catalogue")
local context = require("kit.context")
local db = require("core.db")
local deliveries = require("kit.plugin.deliveries")
local plugin = require("kit.plugin")
local points = require("kit.plugin.points")
local registry = require("kit.plugin.registry")
local running = require("kit.running")
local tree = require("core.tree")

local real_list, real_read = tree.list, tree.read
local FILES

local function names_of(dir)
  local names, seen = {}, {}
  for path in pairs(FILES) do
    local rest = path:sub(1, #dir) == dir and path:sub(#dir + 1) or nil
    local name = rest and (rest:match("^([^/]+/)") or rest)
    if name and name ~= "" and not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

local OFFER = { hooks = catalogue.hooks, slots = catalogue.slots, tables = catalogue.tables, roles = catalogue.roles,
  object_fields = catalogue.OBJECT, core = "0.1.0" }

local function enable(rules, more, files)
  FILES = { ["plugins/demo/rules.lua"] = rules, ["plugins/demo/plugin.lua"] = ([[return { id = "demo", version = "1.0.0", api = "^1.0", title = "Демо",
    %s }]]):format(more or [[hooks = { ["lesson.before_save.v1"] = { fn = "rules.check", mode = "filter" },
      ["application.before_transition.v1"] = { fn = "rules.check", mode = "filter" } }]]) }
  for path, text in pairs(files or {}) do FILES["plugins/demo/" .. path] = text end
  registry.offer(OFFER)
  local found = registry.find("demo")
  assert.same({}, found.faults)
  FILES["published/lua/plugins/demo.lua"] = registry.enabling(found, "2026-11-27")
  plugin.load(OFFER)
  return found
end

before_each(function()
  tree.list = function(dir) return names_of(dir:sub(-1) == "/" and dir or dir .. "/") end
  tree.read = function(path)
    if path == "lua/kit/plugin/inside.lua" then return real_read(path) end
    return FILES[path]
  end
  db.reset()
  db.answer("FROM plugin_state WHERE suspended_at", {})
  context.enter({ id = "r1", user = context.SYSTEM })
end)

after_each(function()
  context.leave()
  FILES = {}
  plugin.load(OFFER)
  running.reset()
  tree.list, tree.read = real_list, real_read
end)

local function filter(name, input) return points.filter(name, input or { held_on = "2026-12-01", starts = "09:00", minutes = 90 }, { case = "lesson:7" }) end

describe("a filter", function()
  it("lets pass, changes what it may, and refuses with words", function()
    enable([[return { check = function(ctx, lesson)
      if lesson.minutes > 200 then return { deny = true, code = "too_long", msg = "Слишком долго." } end
      if lesson.minutes > 100 then return { patch = { topic = "Тема: " .. lesson.minutes } } end
      return { ok = true }
    end }]])
    assert.same({}, filter("lesson.before_save.v1"))
    assert.equal("Тема: 150", filter("lesson.before_save.v1", { minutes = 150 }).topic)
    local patch, err = filter("lesson.before_save.v1", { minutes = 300 })
    assert.is_nil(patch)
    assert.equal(422, err.status)
    assert.equal("too_long", err.code)
    assert.equal("Слишком долго.", err.text)
    assert.equal("Демо", err.extra.plugin)
  end)

  it("that throws is passed over where that is harmless, and stops the act where seats are at stake", function()
    enable([[return { check = function() error("нет") end }]])
    assert.same({}, filter("lesson.before_save.v1"))
    local _, err = filter("application.before_transition.v1", { entity = "application" })
    assert.equal("plugin_failed", err.code)
    assert.equal(503, err.status)
  end)

  it("may not forge a patch", function()
    enable([[return { check = function() return { patch = { starts = "03:00" } } end }]])
    assert.same({}, filter("lesson.before_save.v1"))
    enable([[return { check = function() return { patch = { topic = { "a" } } } end }]])
    assert.same({}, filter("lesson.before_save.v1"))
    local noted = 0
    db.answer("INSERT INTO plugin_fault", function() noted = noted + 1 return { count = 1 } end)
    db.answer("count(*) FILTER", { { n = 1, limits = 0 } })
    context.run_later(context.get(), function(fault) error(fault) end)
    assert.equal(2, noted)
  end)

  it("may ask for its statements only", function()
    enable([[return { check = function(ctx)
      local row, err = ctx.db.row("secret")
      return { deny = true, msg = err.code .. ": " .. err.text }
    end }]])
    local _, err = filter("lesson.before_save.v1")
    assert.equal("denied: предложения «secret» нет в sql.lua", err.text)
  end)

  it("gets the rows of its statement inside of the caller's transaction", function()
    enable([[return { check = function(ctx, lesson)
      local rows = ctx.db.rows("busy", lesson.minutes)
      return { deny = true, code = "busy", msg = "строк: " .. #rows }
    end }]], [[capabilities = { db = { read = { "lesson" } } }, hooks = { ["lesson.before_save.v1"] = { fn = "rules.check", mode = "filter" } }]],
      { ["sql.lua"] = "return { busy = [[SELECT id FROM lesson WHERE minutes = $1]] }" })
    db.answer("SELECT id FROM lesson", { { id = 1 }, { id = 2 } })
    local _, err = filter("lesson.before_save.v1")
    assert.equal("строк: 2", err.text)
  end)
end)

describe("an enabled plugin", function()
  it("waits when it asks for something else than was granted", function()
    enable("return { check = function() end }")
    FILES["plugins/demo/plugin.lua"] = FILES["plugins/demo/plugin.lua"]:gsub('title = "Демо",', 'title = "Демо", capabilities = { http_out = { "evil.example" } },')
    plugin.load(OFFER)
    assert.is_false(plugin.is_loaded("demo"))
    assert.truthy(plugin.waits("demo"):find("Просит другого", 1, true))
    assert.is_false(points.has("lesson.before_save.v1"))
  end)

  it("with a fault refuses the generation with file, line and reason", function()
    enable("return { check = function() end }")
    FILES["plugins/demo/rules.lua"] = "return {\n  check = function( end\n}"
    local ok, reason = pcall(plugin.load, OFFER)
    assert.is_false(ok)
    assert.truthy(tostring(reason):find("plugins/demo/rules.lua:2: ", 1, true), tostring(reason))
  end)

  it("whose function is missing says so at the manifest", function()
    FILES = { ["plugins/demo/rules.lua"] = "return {}", ["plugins/demo/plugin.lua"] = [[return { id = "demo", version = "1.0.0", api = "^1.0", title = "x",
      hooks = { ["lesson.before_save.v1"] = { fn = "rules.check", mode = "filter" } } }]] }
    registry.offer(OFFER)
    local faults = plugin.check(registry.find("demo"))
    assert.equal("нет функции «rules.check»", faults[1].text)
    assert.equal(2, faults[1].line)
  end)
end)

describe("an event", function()
  it("becomes a delivery for each plugin that listens, with a key that stays", function()
    enable("return { on = function() end }", [[hooks = { ["application.after_transition.v1"] = { fn = "rules.on", mode = "event" } }]])
    db.answer("INSERT INTO plugin_delivery", { count = 1 })
    db.answer("INSERT INTO job", { { id = 1 } })
    assert(deliveries.on_event({ entity = "application", id = 5, action = "approve", from = "in_review", to = "approved" }, { id = 9, topic = "application.approved" }))
    local call = db.last("INSERT INTO plugin_delivery")
    assert.equal("application:5", call[3])
    assert.equal("9", call[4])
  end)
end)
