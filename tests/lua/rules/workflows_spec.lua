--- The machines of lua/rules against what they were made from, as far as it can be said without the source.
local workflow = require("kit.workflow")

local SIZES = {
  application = { states = 14, transitions = 31 }, order = { states = 6, transitions = 7 }, group = { states = 8, transitions = 10 },
  enrollment = { states = 8, transitions = 12 }, organization = { states = 6, transitions = 7 }, lesson = { states = 6, transitions = 9 },
  resource = { states = 6, transitions = 9 }, booking = { states = 6, transitions = 6 },
  -- rules of modules that are not there yet
  bulk_application = { states = 10, transitions = 16 }, program_request = { states = 11, transitions = 16 },
  teacher_request = { states = 10, transitions = 14 }, custom_program_request = { states = 8, transitions = 11 },
  event = { states = 8, transitions = 13 }, event_registration = { states = 7, transitions = 9 },
  program = { states = 9, transitions = 14 }, expertise = { states = 9, transitions = 12 },
  expert_assignment = { states = 8, transitions = 14 },
  qualification_document = { states = 7, transitions = 10 }, material = { states = 7, transitions = 13 },
  survey = { states = 5, transitions = 7 }, portfolio = { states = 5, transitions = 17 },
  portfolio_access = { states = 5, transitions = 5 }, vacancy = { states = 9, transitions = 13 },
  vacancy_response = { states = 8, transitions = 15 }, demo_exam = { states = 7, transitions = 7 },
  user_account = { states = 5, transitions = 9 }, consent = { states = 4, transitions = 3 },
}

for name, size in pairs(SIZES) do
  describe("the machine " .. name, function()
    local machine = workflow.machine(name)
    it("has no faults", function() assert.same({}, workflow.check(name)) end)
    it("has all states", function()
      local count = 0
      for _ in pairs(machine.states) do count = count + 1 end
      assert.equal(size.states, count)
    end)
    it("has all transitions", function()
      local count = 0
      for _, transition in ipairs(machine.transitions) do count = count + #transition.from end
      assert.equal(size.transitions, count)
    end)
    it("keeps the words of each guard", function()
      for _, transition in ipairs(machine.transitions) do
        if transition.guards then assert.truthy(transition.guard_text, transition.action) end
      end
    end)
    it("says in words what each guard asks", function()
      for _, transition in ipairs(machine.transitions) do
        for _, guard in ipairs(transition.guards or {}) do assert.truthy(machine.conditions[guard], guard) end
      end
    end)
    it("has an icon for each state", function()
      for code, state in pairs(machine.states) do assert.truthy(state.icon, code) end
    end)
  end)
end

describe("guards", function()
  local shared = require("rules.guards.shared")
  local function ctx(role, organization_id, object)
    return { user = { grant = { role = role, organization_id = organization_id } }, object = object }
  end
  it("let a partner act in its own organisation", function()
    assert.is_true(shared.own_organization(ctx("partner", 7, { organization_id = 7 })))
  end)
  it("keep a partner out of another's", function()
    local ok, verdict = shared.own_organization(ctx("partner", 7, { organization_id = 8 }))
    assert.is_false(ok)
    assert.equal(403, verdict.status)
  end)
  it("do not bind the staff to an organisation", function()
    assert.is_true(shared.own_organization(ctx("staff", nil, { organization_id = 8 })))
  end)
  it("let nobody approve what he made himself, in whatever role", function()
    local guard = require("rules.guards.order").author_does_not_sign
    local mine = { user = { id = 5 }, object = { created_by = 5 } }
    local ok, verdict = guard(mine)
    assert.same({ false, "author_is_approver", 403 }, { ok, verdict.code, verdict.status })
    assert.is_true(guard({ user = { id = 6 }, object = { created_by = 5 } }))
    assert.is_true(guard({ user = { id = 5 }, object = {} }))
  end)
  it("of separation stand before a signature", function()
    for _, transition in ipairs(workflow.machine("order").transitions) do
      if transition.action == "sign" then assert.same({ "signatory_is_authorized", "author_does_not_sign" }, transition.guards) end
    end
  end)
  it("of an order want people", function()
    local guards = require("rules.guards.order")
    assert.is_false((guards.persons_are_listed({ facts = { persons = 0 } })))
    assert.is_true(guards.persons_are_listed({ facts = { persons = 3 } }))
  end)
  it("of an order let only the director of its organisation sign", function()
    local guards = require("rules.guards.order")
    local user = { grant = { role = "staff", sets = { director = true }, organization_id = 1 } }
    assert.is_true(guards.signatory_is_authorized({ user = user, object = { organization_id = 1 } }))
    assert.is_false((guards.signatory_is_authorized({ user = user, object = { organization_id = 2 } })))
  end)
  it("of an order hold its date to the day of effect", function()
    local guards = require("rules.guards.order")
    local facts = { effective_on = "2026-12-01" }
    assert.is_true(guards.date_precedes_effect({ data = { dated_on = "2026-12-01" }, facts = facts, today = "2026-11-23" }))
    assert.is_false((guards.date_precedes_effect({ data = { dated_on = "2026-12-02" }, facts = facts, today = "2026-11-23" })))
  end)
  it("of a lesson want every mark before the signature", function()
    local guards = require("rules.guards.lesson")
    local ok, verdict = guards.attendance_is_marked({ facts = { unmarked = 2 } })
    assert.is_false(ok)
    assert.truthy(verdict.text:find("2", 1, true))
  end)
  it("of a lesson close the page after thirty days", function()
    local guards = require("rules.guards.lesson")
    local function may(today) return (guards.may_still_be_opened({ facts = { signed_at = "2026-11-01 10:00:00+05" }, today = today })) end
    assert.is_true(may("2026-12-01"))
    assert.is_false(may("2026-12-02"))
  end)
  it("of a group want the timetable to cover the plan", function()
    local guards = require("rules.guards.group")
    assert.is_false((guards.timetable_covers_the_plan({ facts = { hours_unplanned = "6" } })))
  end)
end)
