local catalogue = require("domain.plugins.catalogue")
local manifest = require("kit.plugin.manifest")
local semver = require("kit.plugin.semver")

local KNOWN = { hooks = catalogue.hooks, slots = catalogue.slots, tables = catalogue.tables, roles = catalogue.roles, core = "0.1.0", api = "1.0.0" }

local function read(text, files)
  files = files or {}
  files["plugin.lua"] = text
  return manifest.read({ dir = "plugins/demo/", read = function(path) return files[path] end, list = function() return {} end }, KNOWN)
end

-- "4: text" of each fault.
local function faults_of(text, files)
  local made, faults = read(text, files)
  assert.is_nil(made)
  local lines = {}
  for i, fault in ipairs(faults) do lines[i] = fault.line .. ": " .. fault.text end
  return table.concat(lines, "\n")
end

local HEAD = 'return { id = "demo", version = "1.0.0", api = "^1.0", title = "Демо",\n'

local function has(words, text, files)
  local found = faults_of(text, files)
  assert.truthy(found:find(words, 1, true), found)
end

describe("a manifest", function()
  it("that holds is taken with its defaults", function()
    local made = assert(read(HEAD .. [[
      hooks = { ["lesson.before_save.v1"] = { fn = "rules.check", mode = "filter" } },
      settings = { days = { type = "integer", min = 1, max = 90, default = 14, title = "Дней" } },
      permissions = { ["demo.view"] = { title = "Смотреть", default = { "staff", "partner" } } },
    }]], { ["rules.lua"] = "return {}" }))
    assert.equal("skip", made.hooks[1].fail)
    assert.equal(20, made.limits.ms_per_call)
    assert.equal("organization", made.permissions["demo.view"].partner)
    assert.equal("days", made.settings[1].key)
  end)

  it("is never run", function()
    has("2: «string»: здесь могут стоять только тексты", "return {\n x = string.rep('a', 9) }")
    has("1: файл с данными начинается словом return", "while true do end")
    has("1: после таблицы ничего не должно быть", "return {} os.exit()")
    has("2: кавычка не закрыта", "return {\n a = 'b\n}")
  end)

  it("names every fault with its line", function()
    local found = faults_of(HEAD .. [[
      bogus = 1,
      capabilities = { db = { read = { "user_account" }, write = { "lesson" } }, http_out = { "a b" }, files = true },
      hooks = {
        ["no.such.v1"] = { fn = "a.b", mode = "event" },
        ["application.before_transition.v1"] = { fn = "rules.x", mode = "event", fail = "skip" },
      },
      limits = { ms_per_call = 100000 },
      routes = { { "GET", "/admin/users", "api.x", perm = "user.manage", summary = "x" } },
      timers = { { name = "night", every_s = 1, fn = "jobs.x" } },
      facts = {},
    }]])
    for _, words in ipairs({
      "2: неизвестное поле «bogus»", "3: «db.read»: таблицу «user_account» плагинам читать нельзя", "3: «db.write»: писать можно только в свои",
      "3: «http_out» = «a b»", "3: «files» пока не поддерживается", "5: точки «no.such.v1» нет", "6: «rules.x»: нет файла plugins/demo/rules.lua",
      "— это filter, а не «event»", "при сбое можно только отказать", "8: «ms_per_call» = 100000: допустимо от 1 до 1000",
      "9: путь «/admin/users» должен начинаться с /api/v1/x/demo или /cabinet/x/demo", "9: права «user.manage» нет в permissions",
      "10: «every_s» = 1", "для timers попросите capabilities.timer", "11: «facts» пока не поддерживается",
    }) do
      assert.truthy(found:find(words, 1, true), words .. "\n---\n" .. found)
    end
  end)

  it("says which version it wants and which is here", function()
    has("плагину нужна версия API плагинов ^2.0, а здесь 1.0.0", 'return { id = "demo", version = "1.0.0", title = "x", api = "^2.0" }')
    has("а папка называется «demo»", 'return { id = "other", version = "1.0.0", title = "x", api = "^1.0" }')
  end)

  it("refuses what would run in our state", function()
    has("образец слишком сложен", HEAD .. [[
      routes = { { "POST", "/api/v1/x/demo", "a.b", perm = "user", summary = "x",
        body = { { name = "q", type = "text", pattern = "^(.-).-.-.-.-b$" } } } } }]], { ["a.lua"] = "" })
  end)
end)

describe("a range of versions", function()
  it("is read as everybody reads it", function()
    local function fits(range, version) return assert(semver.range(range))(version) end
    assert.is_true(fits("^1.2", "1.9.0"))
    assert.is_false(fits("^1.2", "2.0.0"))
    assert.is_false(fits("^0.1", "0.2.0"))
    assert.is_true(fits(">=0.1 <2", "1.99.5"))
    assert.is_false(fits("~1.2.3", "1.3.0"))
    assert.is_nil(semver.range("latest"))
    assert.is_nil(semver.range(""))
  end)
end)
