--- «Почему?»: the record of a decision in words.
local because = require("kit.because")
local decision = require("kit.decision")
local json = require("core.json")
local packs = require("kit.packs")
local workflow = require("kit.workflow")

local function record(ok)
  local machine = workflow.machine("application")
  local made = decision.new(machine, "approve")
  decision.add(made, "age_suits", ok, { code = "age_below_minimum", text = "Рано." }, { chunk = "rules/guards/application.lua", line = 24, us = 3 })
  made.inputs = { facts = { min_age = 18, age_on_start = 17, starts_on_text = "1 марта" }, object = { organization_id = 7 } }
  local stored = json.decode(decision.encode(made))
  stored.inputs = json.decode(decision.inputs(made)) -- as kit.store puts them together
  return stored
end

describe("a decision in words", function()
  it("says what was asked, what it looked at, what it answered", function()
    local made = because.of(record(false), { shows_values = true })
    local line = made.lines[1]
    assert.equal("возраст подходит программе", line.asked)
    assert.equal("Рано.", line.text)
    local looked = {}
    for _, fact in ipairs(line.looked) do looked[fact.label] = fact.value end
    assert.equal("17", looked["возраст на начало занятий"])
    assert.is_nil(looked["возраст до"])
    assert.is_nil(looked["организация"])
    assert.equal(packs.shipped("workflow/application").hash:sub(1, 8), made.version)
    assert.is_true(made.is_product)
  end)
  it("keeps values and places from those who may not see them", function()
    local made = because.of(record(true), {})
    assert.is_nil(made.lines[1].looked)
    assert.is_nil(made.lines[1].place)
    assert.is_nil(made.href)
  end)
  it("leads those who read rules to the line", function()
    local place = because.of(record(true), { shows_places = true }).lines[1].place
    assert.equal("rules/guards/application.lua:24", place.text)
    assert.equal("/admin/rules/workflow/application/code?part=guards/application&line=24", place.href)
  end)
  it("says nothing of what has no record", function()
    assert.is_nil(because.of(nil))
    assert.is_nil(because.of("{}"))
  end)
end)
