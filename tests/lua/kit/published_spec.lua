local context = require("kit.context")
local db = require("core.db")
local published = require("kit.published")

local FILE = { path = "views/mail/confirm.txt", content = "Тема: x\nтекст", version = 0 }

before_each(function()
  db.reset()
  context.enter({ id = "r1", user = { id = 7 } })
  db.answer("INSERT INTO published_change (summary", { { id = 5 } })
  db.answer("INSERT INTO published_change_file", { count = 1 })
  db.answer("INSERT INTO audit_event", { count = 1 })
end)
after_each(function() context.leave() end)

local function decided(row)
  row.id, row.is_served = 5, true
  db.answer("FROM published_change WHERE id", { row })
end

describe("publishing", function()
  it("asks by a row and waits for the verdict", function()
    decided({ state = "accepted" })
    local change = assert(published.put("Письмо", { FILE }))
    assert.equal(5, change.id)
    local call = db.last("INSERT INTO published_change_file")
    assert.equal("\\xd0a2", call[3]:sub(1, 6))
    assert.equal(1, db.count("INSERT INTO audit_event"))
  end)

  it("says file, line and reason when the reload refuses", function()
    decided({ state = "refused", file = "published/views/mail/confirm.txt", line = 3, reason = "<% without %>" })
    local _, err = published.put("Письмо", { FILE })
    assert.equal("not_published", err.code)
    assert.truthy(err.text:find("views/mail/confirm.txt, строка 3: <% without %>", 1, true))
    assert.equal(3, err.extra.line)
  end)

  it("refuses at once when somebody else was faster", function()
    db.answer("FROM published_file f", { { path = FILE.path, version = 4 } })
    local _, err = published.put("Письмо", { FILE })
    assert.equal("stale", err.code)
    assert.equal(0, db.count("INSERT INTO published_change "))
  end)

  it("does not wait inside a transaction", function()
    local transaction = require("kit.transaction")
    assert.has_error(function() transaction.run(function() published.put("x", {}) end) end)
  end)

  it("looks again until it is decided", function()
    local asked = 0
    db.answer("FROM published_change WHERE id", function()
      asked = asked + 1
      return { { id = 5, state = asked < 3 and "checking" or "accepted", is_served = true } }
    end)
    assert(published.put("Письмо", { FILE }))
    assert.equal(3, asked)
  end)
end)
