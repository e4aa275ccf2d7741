local context = require("kit.context")
local db = require("core.db")
local given = require("support.given")
local json = require("core.json")
local workflow = require("kit.workflow")

local MACHINE = "spec_machine"

local function define(changes)
  local machine = {
    initial = "draft",
    own = { "learner" },
    reads = { facts = { complete = "профиль заполнен" } },
    states = {
      draft = "Черновик", submitted = { "Подана", tone = "info", icon = "inbox" }, rejected = { "Отклонена", final = true },
      approved = { "Одобрена", final = true },
    },
    transitions = {
      { "submit", from = { "draft" }, to = "submitted", by = { "learner" }, label = "Подать", guards = { "is_complete" } },
      { "reject", from = { "submitted" }, to = "rejected", by = { "staff" }, label = "Отклонить", reason = true },
      { "approve", from = { "submitted" }, to = "approved", by = { "staff", "system" }, label = "Одобрить", effects = { "tell" } },
      { "touch", from = { "draft" }, to = "draft", by = { "learner" }, label = "Изменить" },
    },
  }
  for key, value in pairs(changes or {}) do machine[key] = value end
  return given.machine(MACHINE, machine, {
    is_complete = function(ctx)
      if ctx.facts.complete then return true end
      return false, { code = "incomplete", text = "Заполните профиль.", field = "profile" }
    end,
  }, "v1")
end

local object, binding, told

before_each(function()
  define()
  db.reset()
  workflow.reset_hooks()
  context.enter({ id = "r1", user = given.user("staff"), ip = "192.0.2.7" })
  db.answer("INSERT INTO workflow_event", { { id = 900 } })
  told = {}
  object = { id = 7, state = "draft", version = 3, person_id = 17 }
  binding = {
    machine = MACHINE, entity = "application",
    lock = function(id) return id == 7 and object or nil end,
    facts = function() return { complete = true, last_name = "Иванова" } end,
    save = function(row, to, input)
      row.state, row.saved_by = to, input.user_id
      return 1
    end,
    effects = { tell = function(row) told[#told + 1] = row.state end },
  }
end)
after_each(function() context.leave() end)

local function learner(person_id) return given.user("learner", { person_id = person_id or 17, id = 42 }) end
local function fire(action, user, input) return workflow.fire(binding, 7, action, user, input) end

describe("firing an action", function()
  it("moves the object", function()
    assert.equal("submitted", fire("submit", learner()).state)
  end)
  it("says who did it to save()", function()
    assert.equal(42, fire("submit", learner()).saved_by)
  end)
  it("commits once", function()
    fire("submit", learner())
    assert.equal(1, db.committed)
  end)
  it("answers 404 for what is not there", function()
    local _, err = workflow.fire(binding, 8, "submit", learner())
    assert.equal(404, err.status)
  end)
  it("refuses a stale version", function()
    local _, err = fire("submit", learner(), { version = 2 })
    assert.equal("version_conflict", err.code)
    assert.equal(3, err.extra.version)
  end)
  it("takes the right version", function() assert.truthy(fire("submit", learner(), { version = 3 })) end)
  it("refuses in a wrong state", function()
    local _, err = fire("approve", given.user("staff"))
    assert.equal("wrong_state", err.code)
    assert.equal(409, err.status)
  end)
  it("tells a stranger that he may not before it tells the state", function()
    local _, err = fire("approve", learner(99))
    assert.equal(403, err.status)
    assert.is_nil(err.extra)
  end)
  it("names the state in words", function()
    local _, err = fire("approve", given.user("staff"))
    assert.truthy(err.text:find("Черновик", 1, true))
  end)
  it("refuses an unknown action", function()
    local _, err = fire("fly", learner())
    assert.equal(422, err.status)
  end)
  it("refuses a role that may not", function()
    local _, err = fire("submit", given.user("staff"))
    assert.equal(403, err.status)
  end)
  it("refuses a learner with another's object", function()
    local _, err = fire("submit", learner(99))
    assert.equal(403, err.status)
  end)
  it("takes a capacity that the binding grants", function()
    binding.capacities = function() return { learner = true } end
    assert.truthy(fire("submit", given.user("staff")))
  end)
  it("takes away a capacity that the binding denies", function()
    binding.capacities = function() return { learner = false } end
    local _, err = fire("submit", learner())
    assert.equal(403, err.status)
  end)
  it("refuses when a guard refuses", function()
    binding.facts = function() return {} end
    local _, err = fire("submit", learner())
    assert.equal("incomplete", err.code)
    assert.equal(422, err.status)
  end)
  it("names the rule and the field", function()
    binding.facts = function() return {} end
    local _, err = fire("submit", learner())
    assert.equal("is_complete", err.rule)
    assert.equal("profile", err.field)
  end)
  it("rolls back what a guard refused", function()
    binding.facts = function() return {} end
    fire("submit", learner())
    assert.equal(1, db.rolled_back)
    assert.equal(0, db.committed)
  end)
  it("asks for a reason", function()
    object.state = "submitted"
    local _, err = fire("reject", given.user("staff"), { reason = "  " })
    assert.equal("reason_required", err.code)
  end)
  it("takes the reason", function()
    object.state = "submitted"
    assert.truthy(fire("reject", given.user("staff"), { reason = "Нет документов" }))
  end)
  it("runs effects", function()
    object.state = "submitted"
    fire("approve", given.user("staff"))
    assert.same({ "approved" }, told)
  end)
  it("undoes all when an effect fails", function()
    object.state = "submitted"
    binding.effects.tell = function() return nil, require("kit.errors").conflict("busy", "Занято") end
    local _, err = fire("approve", given.user("staff"))
    assert.equal("busy", err.code)
    assert.equal(1, db.rolled_back)
  end)
  it("lets hooks of other modules take part", function()
    object.state = "submitted"
    workflow.hook(MACHINE .. ".approve", function(_, ctx) told[#told + 1] = "hook " .. ctx.to end)
    fire("approve", given.user("staff"))
    assert.same({ "approved", "hook approved" }, told)
  end)
  it("undoes all when a hook refuses", function()
    object.state = "submitted"
    workflow.hook(MACHINE .. ".approve", function() return nil, require("kit.errors").conflict("no", "Нет") end)
    assert.is_nil((fire("approve", given.user("staff"))))
    assert.equal(0, db.committed)
  end)
  it("passes on what save() refuses", function()
    binding.save = function() return nil, { code = "conflict", status = 409 } end
    local _, err = fire("submit", learner())
    assert.equal("conflict", err.code)
  end)
  it("lets the system act", function()
    object.state = "submitted"
    assert.truthy(fire("approve", workflow.SYSTEM))
  end)
  it("writes the event with its decision", function()
    fire("submit", learner(), { reason = "прошу" })
    local call = db.last("INSERT INTO workflow_event")
    assert.same({ MACHINE, 7, "submit", "draft", "submitted", 42, "learner", "прошу" }, { table.unpack(call, 1, 8) })
    local record = json.decode(call[9])
    assert.equal("v1", record.version)
    assert.equal("is_complete", record.guards[1].rule)
    assert.is_true(record.guards[1].ok)
  end)
  it("keeps in the record what the machine reads, and nothing else of people's data", function()
    fire("submit", learner(), { data = { passport = "4510 123456" } })
    local inputs = json.decode(db.last("INSERT INTO workflow_event")[10])
    assert.same({ complete = true }, inputs.facts)
    assert.same({}, inputs.object)
    assert.same({}, inputs.data)
  end)
  it("writes the audit in the same transaction", function()
    fire("submit", learner())
    local call = db.last("INSERT INTO audit_event")
    assert.equal("application.submit", call[3])
    assert.equal('{"state":["draft","submitted"]}', call[6])
  end)
  it("emits an event named by the new state", function()
    fire("submit", learner())
    assert.equal(MACHINE .. ".submitted", db.last("INSERT INTO outbox_event")[1])
  end)
  it("emits an event named by the action when the state stays", function()
    fire("touch", learner())
    assert.equal(MACHINE .. ".touch", db.last("INSERT INTO outbox_event")[1])
  end)
  it("joins the transaction of its caller", function()
    require("kit.transaction").run(function() return fire("submit", learner()) end)
    assert.equal(1, db.begun)
  end)
end)

describe("buttons", function()
  it("are those of the state and role", function()
    local actions = workflow.actions(binding, object, learner())
    assert.same({ "submit", "touch" }, { actions[1].action, actions[2].action })
  end)
  it("say why one is refused", function()
    local actions = workflow.actions(binding, object, learner(), {})
    assert.is_false(actions[1].allowed)
    assert.equal("Заполните профиль.", actions[1].why)
  end)
  it("say that a reason is needed", function()
    object.state = "submitted"
    assert.is_true(workflow.actions(binding, object, given.user("staff"))[1].reason_required)
  end)
  it("are none for strangers", function() assert.same({}, workflow.actions(binding, object, given.user("customer"))) end)
  it("work by the name of the machine alone", function() assert.equal(2, #workflow.actions(MACHINE, object, learner())) end)
end)

describe("a machine", function()
  it("shows its states", function()
    local state = workflow.state(MACHINE, "submitted")
    assert.same({ "Подана", "info", "inbox", false }, { state.label, state.tone, state.icon, state.final })
  end)
  it("shows an unknown state by its code", function() assert.equal("strange", workflow.state(MACHINE, "strange").label) end)
  it("may not name unknown guards", function()
    define({ transitions = { { "a", from = { "draft" }, to = "submitted", by = {}, label = "A", guards = { "nothing" } } } })
    assert.truthy(table.concat(workflow.check(MACHINE), "; "):find("no guard named nothing", 1, true))
  end)
  it("may not name unknown effects", function()
    assert.truthy(table.concat(workflow.check(MACHINE, {}), "; "):find("no effect named tell", 1, true))
  end)
  it("may not have states out of reach", function()
    define({ transitions = { { "a", from = { "draft" }, to = "approved", by = {}, label = "A" } } })
    assert.truthy(table.concat(workflow.check(MACHINE), "; "):find("rejected cannot be reached", 1, true))
  end)
  it("may not have dead ends", function()
    define({ transitions = { { "a", from = { "draft" }, to = "submitted", by = {}, label = "A" } } })
    assert.truthy(table.concat(workflow.check(MACHINE), "; "):find("submitted has no way out", 1, true))
  end)
  it("may not have two transitions of one action from a state", function()
    assert.has_error(function()
      define({ transitions = { { "a", from = { "draft" }, to = "submitted", by = {} }, { "a", from = { "draft" }, to = "approved", by = {} } } })
    end)
  end)
end)
