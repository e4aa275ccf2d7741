--- Layers of rule packs: what an upper one may change, and what a hash names.
local packs = require("kit.packs")
local Set = require("kit.pack.set")
local source = require("kit.pack.source")

local ID = "workflow/application"

local function set_with(files, layer)
  local layers = source.layers(ID)
  layers[#layers + 1] = { name = layer or "published", files = files }
  return Set.build(ID, layers)
end

local function with_workflow(text) return set_with({ ["workflows/application"] = text }) end

describe("a rule pack", function()
  it("is the product's alone where nobody changed anything", function()
    local set = packs.shipped(ID)
    assert.equal("draft", set.data.initial)
    assert.same({}, set.faults)
  end)
  it("has one hash for the same texts, another for others", function()
    local one, two = Set.build(ID, source.layers(ID)), Set.build(ID, source.layers(ID))
    assert.equal(one.hash, two.hash)
    assert.not_equal(one.hash, with_workflow('return { title = "Заявка" }').hash)
  end)
  it("comes back whole from its stored texts", function()
    local set = with_workflow('return { title = "Заявка" }')
    local again = Set.of_chunks(ID, set.chunks)
    assert.equal(set.hash, again.hash)
    assert.equal("Заявка", again.data.title)
  end)
  it("takes a state and the way to it from an upper layer", function()
    local set = with_workflow([[return {
      states = { awaiting = { "Ожидает ЦЗН", tone = "info", icon = "clock-pause" } },
      transitions = {
        { "await", from = { "approved" }, to = "awaiting", by = { "staff" }, label = "Ждать ЦЗН" },
        { "enroll", from = { "awaiting" } },
      },
    }]])
    assert.same({}, set.faults)
    assert.equal("published", set.origin["states.awaiting.label"])
    local machine = require("kit.workflow").of_set(set)
    assert.equal("Ожидает ЦЗН", machine.states.awaiting.label)
    assert.truthy(machine.index.awaiting.enroll)
    assert.is_nil(machine.index.approved.enroll)
    assert.same({ "enrolled_by_order" }, machine.index.awaiting.enroll.guards)
  end)
  it("keeps what the lower layer did not mark", function()
    local set = with_workflow('return { initial = "approved" }')
    assert.equal("initial", set.faults[1].path)
    assert.truthy(packs.trespass(set).text:find("overridable", 1, true))
  end)
  it("does not let a legal guard be rewritten", function()
    local set = set_with({ ["guards/application"] = "return { consent_is_given = function() return true end }" })
    assert.equal("guards.consent_is_given", set.faults[1].path)
  end)
  it("does not let a legal guard be left out", function()
    local set = with_workflow('return { transitions = { { "enroll", guards = {} } } }')
    assert.equal("transitions.enroll.guards", set.faults[1].path)
  end)
  it("asks the region's guard where that may be changed", function()
    local set = set_with({ ["guards/application"] = 'return { age_suits = function() return false, { code = "no", text = "Нет." } end }' })
    assert.same({}, set.faults)
    local results = set:call("guards/application", "age_suits", { facts = {} })
    assert.is_false(results[1])
    assert.equal("no", results[2].code)
  end)
  it("names file and line of a broken text", function()
    local set, err = with_workflow("return {\n  title = \n}")
    assert.is_nil(set)
    assert.equal("syntax", err.kind)
    assert.equal("workflows/application", err.part)
    assert.equal(3, err.line)
  end)
  it("sends a share of new cases to the canary, each always the same way", function()
    local count = 0
    for id = 1, 1000 do
      if packs.is_canary(id, 20) then count = count + 1 end
      assert.equal(packs.is_canary(id, 20), packs.is_canary(id, 20))
    end
    assert.is_true(count > 120 and count < 280)
    assert.is_false(packs.is_canary(5, 0))
  end)
end)
