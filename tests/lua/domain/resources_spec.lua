--- Pure parts of resources: lines of bells and hours, rows of a table, guards.
local extras = require("domain.resources.store_extras")
local guards = require("rules.guards.resource")
local import = require("domain.resources.import")
local kinds = require("domain.resources.kinds")

describe("bells of a site", function()
  it("are read line by line, whatever dash they have", function()
    local rows = extras.bells.parse("1 смена 09:00–10:30\n1 смена 10:40-12:10\n\n2 смена 18.00 — 19.30")
    assert.same({ { shift = 1, starts = "09:00", ends = "10:30" }, { shift = 1, starts = "10:40", ends = "12:10" }, { shift = 2, starts = "18:00",
      ends = "19:30" } }, rows)
  end)
  it("name the line that is wrong", function()
    local rows, fault = extras.bells.parse("1 смена 09:00–10:30\n1 смена 10:00–11:00")
    assert.is_nil(rows)
    assert.equal("Строка 2: пара начинается раньше, чем кончилась предыдущая", fault)
  end)
  it("may be none", function() assert.same({}, extras.bells.parse("")) end)
end)

describe("hours of a teacher", function()
  it("are read by weekday", function()
    assert.same({ { weekday = 1, starts = "09:00", ends = "18:00" }, { weekday = 6, starts = "10:00", ends = "12:00" } },
      extras.available.parse("Пн 09:00–18:00\nсб 10:00–12:00"))
  end)
  it("refuse an end before the beginning", function() assert.is_nil((extras.available.parse("Пн 18:00–09:00"))) end)
end)

describe("a row of an imported table", function()
  it("leaves as it is what its cells leave empty", function()
    local given = import.given({ typed = { name = "Сварочная", workplaces = "", seats = "24" }, input = { name = "Сварочная", workplaces = 0,
      seats = 24, is_accessible = false } })
    assert.same({ name = "Сварочная", seats = 24 }, given)
  end)
end)

describe("the declarations of kinds", function()
  it("know the columns they show, export, match and filter by", function()
    for _, kind in pairs(kinds.BY_CODE) do
      for _, name in ipairs(kind.match or {}) do assert.truthy(kind.by_name[name], kind.code .. "." .. name) end
      for _, filter in ipairs(kind.filters or {}) do assert.truthy(filter.label or kind.by_name[filter.name], kind.code .. "." .. filter.name) end
      for _, name in ipairs(kind.facts) do assert.not_equal(name, kinds.label(kind, name), kind.code .. "." .. name) end
    end
  end)
end)

describe("taking out of work", function()
  it("asks again when the lessons are not those that were shown", function()
    local ok, verdict = guards.lessons_were_shown({ facts = { hits = 3 }, data = { lessons = "2" } })
    assert.same({ false, "lessons_hit", 3 }, { ok, verdict.code, verdict.extra.lessons })
    assert.is_true(guards.lessons_were_shown({ facts = { hits = 3 }, data = { lessons = "3" } }))
    assert.is_true(guards.lessons_were_shown({ facts = { hits = 0 } }))
  end)
end)
