--- What forms write into a layer's text, and what they leave alone.
local Sheet = require("kit.pack.sheet")

local HAND = [[
-- Область ждёт центр занятости.
local helper = function() return 1 end

return {
  title = "Заявка", -- короче
  states = {
    awaiting = { "Ожидает ЦЗН", tone = "info" }, -- новое
    odd = helper(),
  },
  transitions = {
    { "await", from = { "approved" }, to = "awaiting", by = { "staff" }, label = "Ждать " .. "ЦЗН" },
    { "enroll", from = { "awaiting" } } -- без запятой
  },
}
]]

local function value_of(text) return assert(load(text))() end

describe("a sheet", function()
  it("begins where there was nothing", function()
    local text = Sheet.open(""):put("states", "awaiting", { "Ожидает ЦЗН", tone = "info", icon = "clock-pause" })
    assert.equal('return {\n  states = {\n    awaiting = { "Ожидает ЦЗН", tone = "info", icon = "clock-pause" },\n  },\n}\n', text)
    text = Sheet.open(text):put("transitions", "await", { "await", label = "Ждать", from = { "approved" }, to = "awaiting", by = { "staff" } })
    assert.equal("await", value_of(text).transitions[1][1])
    assert.equal("Ожидает ЦЗН", value_of(text).states.awaiting[1])
  end)
  it("reads what a layer says", function()
    local sheet = Sheet.open(HAND)
    assert.same({ "Ожидает ЦЗН", tone = "info" }, (sheet:entry("states", "awaiting")))
    assert.equal("Ждать ЦЗН", sheet:entry("transitions", "await").label)
    assert.is_nil(sheet:entry("states", "other"))
  end)
  it("changes one entry and nothing else", function()
    local text = Sheet.open(HAND):put("states", "awaiting", { "Ждёт \"ЦЗН\"", tone = "warn" })
    assert.equal((HAND:gsub('{ "Ожидает ЦЗН", tone = "info" }', '{ "Ждёт \\"ЦЗН\\"", tone = "warn" }')), text)
  end)
  it("adds after an entry without a comma", function()
    local text = Sheet.open(HAND):put("transitions", "back", { "back", from = { "awaiting" }, to = "approved", by = { "staff" }, label = "Вернуть" })
    local made = value_of(text)
    assert.equal(3, #made.transitions)
    assert.truthy(text:find("-- без запятой", 1, true))
  end)
  it("takes an entry away, and its section with the last", function()
    local text = Sheet.open(HAND):drop("states", "awaiting")
    assert.is_nil(value_of(text).states.awaiting)
    text = Sheet.open('return {\n  states = {\n    a = { "А" },\n  },\n}\n'):drop("states", "a")
    assert.equal("return {\n}\n", text)
  end)
  it("refuses what code has made, with the line", function()
    local sheet = Sheet.open(HAND)
    local _, err = sheet:put("states", "odd", { "Странное" })
    assert.equal(8, err.line)
    _, err = Sheet.open("local base = require('x')\nbase.title = 'y'\nreturn base\n")
    assert.equal(3, err.line)
    _, err = Sheet.open("return { states = make() }"):put("states", "a", { "А" })
    assert.equal(1, err.line)
  end)
  it("refuses to lose a comment", function()
    local _, err = Sheet.open('return { states = {\n a = { "А", -- почему\n tone = "ok" } } }'):put("states", "a", { "Б" })
    assert.equal(2, err.line)
  end)
  it("writes into `local x = { … } return x`", function()
    local text = Sheet.open("local rules = {\n}\nfunction rules.f() return { a = 1 } end\nreturn rules\n"):put("states", "a", { "А" })
    assert.equal("А", value_of(text).states.a[1])
  end)
  it("names the second transition of an action", function()
    local sheet = Sheet.open('return { transitions = { { "a", from = { "x" }, to = "y" }, { "a", from = { "z" }, to = "y" } } }')
    assert.same({ "z" }, sheet:entry("transitions", "a_2").from)
  end)
  it("breaks long entries and reads them back", function()
    local entry = { "submit", from = { "draft" }, to = "submitted", by = { "learner" }, label = ("Очень длинное название "):rep(4),
      guards = { "age_suits", "no_active_application", "intake_is_open", "profile_is_complete" }, guard_text = ("слова "):rep(20), [2] = "x\n\1" }
    local text = Sheet.open(nil):put("transitions", "submit", entry)
    assert.same(entry, (Sheet.open(text):entry("transitions", "submit")))
    assert.same(entry, value_of(text).transitions[1])
    for line in text:gmatch("[^\n]+") do assert.is_true(utf8.len(line) < 170, line) end
  end)
end)
