local chart = require("kit.chart")
local fields = require("domain.cabinet.fields")
local given = require("support.given")
local policy = require("domain.cabinet.policy")

local function ids(user)
  local found = {}
  for _, item in ipairs(fields.MENU) do
    if policy.shows(user, item) then found[item.id] = item end
  end
  return found
end

describe("the menu of a cabinet", function()
  it("shows a page to whoever holds its permission", function()
    assert.truthy(ids(given.user("admin")).audit)
    assert.is_nil(ids(given.user("staff")).audit)
  end)

  it("gives a learner the own applications, a clerk the list", function()
    assert.equal("Мои заявки", ids(given.user("learner")).applications.label)
    assert.equal("Заявки", ids(given.user("staff")).applications.label)
  end)

  it("shows each page once", function()
    for _, role in ipairs({ "learner", "teacher", "partner", "customer", "staff", "coordinator", "admin" }) do
      local seen, user = {}, given.user(role, { organization_id = 1 })
      for _, item in ipairs(fields.MENU) do
        if policy.shows(user, item) then
          assert.is_nil(seen[item.href], role .. ": " .. item.href)
          seen[item.href] = true
        end
      end
    end
  end)

  it("names groups that exist", function()
    for _, item in ipairs(fields.MENU) do assert.is_not_nil(fields.GROUPS[item.group], item.label) end
  end)

  it("gives a role of the region's own nothing without a permission", function()
    assert.same({ home = true }, (function()
      local keys = {}
      for id in pairs(ids(given.user("куратор"))) do keys[id] = true end
      return keys
    end)())
  end)
end)

describe("a chart", function()
  local function say(n) return tostring(n) end

  it("has round lines and a top above the highest column", function()
    local made = chart.columns({ { label = "а", values = { 133 } } }, say)
    local labels = {}
    for i, line in ipairs(made.lines) do labels[i] = line.label end
    assert.same({ "0", "50", "100", "150" }, labels)
  end)

  it("draws nothing for zero and survives an empty year", function()
    local made = chart.columns({ { label = "а", values = { 0, 0 } } }, say)
    assert.equal("0.0", made.columns[1].height)
  end)
end)
