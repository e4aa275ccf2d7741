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

describe("the daily digest", function()
  local db, mail, service = require("core.db"), require("kit.mail"), require("domain.notifications.service")
  local real, letters = mail.send, {}
  before_each(function()
    letters = {}
    mail.send = function(kind, to, data, options) letters[#letters + 1] = { kind = kind, to = to, data = data, options = options } end
  end)
  after_each(function() mail.send = real end)

  local function lines(count, extra)
    local list = {}
    for i = 1, count do
      list[i] = { id = i, title = "Строка " .. i, email = "vera@example.ru" }
      for name, value in pairs(extra or {}) do list[i][name] = value end
    end
    return list
  end

  local function send(list)
    db.answer("SELECT DISTINCT user_id FROM notification", { { user_id = 7 } })
    db.answer("WITH due AS", list)
    assert.is_true(service.send_digests())
  end

  it("is one letter with all that has gathered", function()
    send(lines(3))
    assert.equal(1, #letters)
    assert.equal("notification_digest", letters[1].kind)
    assert.equal("vera@example.ru", letters[1].to)
    assert.same({ 3, 3, 0 }, { #letters[1].data.lines, letters[1].data.count, letters[1].data.more })
  end)

  it("shows fifty lines and says how many more there are", function()
    send(lines(53))
    assert.same({ 50, 53, 3 }, { #letters[1].data.lines, letters[1].data.count, letters[1].data.more })
  end)

  it("waits until the quiet hours end", function()
    send(lines(1, { quiet_until = "2026-11-28 07:00:00+05" }))
    assert.equal("2026-11-28 07:00:00+05", letters[1].options.run_at)
  end)

  it("is not sent when everything was read meanwhile", function()
    send({})
    assert.equal(0, #letters)
  end)
end)

describe("quiet hours", function()
  local service = require("domain.notifications.service")

  it("have two ends", function()
    local ok, err = service.choose(given.user("learner"), { quiet_from = "22:00" }, {})
    assert.is_nil(ok)
    assert.same({ 422, "quiet_to" }, { err.status, err.field })
  end)

  it("do not begin when they end", function()
    local ok, err = service.choose(given.user("learner"), { quiet_from = "22:00", quiet_to = "22:00:00" }, {})
    assert.is_nil(ok)
    assert.same({ 422, "quiet_to" }, { err.status, err.field })
  end)
end)
