local fields = require("domain.notifications.fields")
local given = require("support.given")
local policy = require("domain.notifications.policy")
local tell = require("domain.notifications.tell")

describe("rules of notifications", function()
  it("name kinds that exist", function()
    for _, rule in ipairs(fields.RULES) do assert.is_table(fields.kind(rule.kind)) end
  end)

  it("lead to pages of this site", function()
    for _, rule in ipairs(fields.RULES) do assert.truthy(not rule.link or rule.link:find("^/%w"), rule.event) end
  end)

  it("name topics once for the subscription", function()
    local seen = {}
    for _, topic in ipairs(fields.topics()) do
      assert.is_nil(seen[topic])
      seen[topic] = true
    end
  end)
end)

describe("the words of a notification", function()
  it("hold the facts", function()
    assert.equal("Заявка № 2026-00001 подана", tell.fill("Заявка № {number} подана", { number = "2026-00001" }))
  end)

  it("take what somebody wrote literally", function()
    assert.equal("100 %1 {x}", tell.fill("{reason}", { reason = "100 %1 {x}" }))
  end)

  it("leave out what is not known", function() assert.equal("Сварщик.", tell.fill("{program}. {reason}", { program = "Сварщик" })) end)
end)

describe("the ways of a kind", function()
  local kind = { id = "application", mail = "digest" }

  it("are those of the rule until somebody chooses", function() assert.same({ true, "digest" }, { tell.ways(kind) }) end)
  it("are what was chosen", function() assert.same({ false, "off" }, { tell.ways(kind, false, "off") }) end)
  it("cannot be closed for an obligatory kind", function()
    assert.same({ true, "now" }, { tell.ways({ obligatory = true }, false, "off") })
  end)
end)

describe("kinds", function()
  it("are offered to those whom they reach", function()
    assert.is_true(policy.concerns(given.user("learner"), fields.kind("application")))
    assert.is_false(policy.concerns(given.user("learner"), fields.kind("order")))
    assert.is_true(policy.concerns(given.user("staff"), fields.kind("review")))
  end)
end)
