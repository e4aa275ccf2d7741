--- What is found in rules before they are published.
local checking = require("domain.rules.checking")
local differ = require("domain.rules.differ")
local outline = require("kit.pack.outline")
local source = require("kit.pack.source")
local uses = require("kit.pack.uses")

local ID = "workflow/application"

local function report_of(files, id) return checking.run(id or ID, 0, files) end
local function workflow_report(text) return report_of({ ["workflows/application"] = text }) end

local function codes(report)
  local list = {}
  for _, finding in ipairs(report.findings) do list[#list + 1] = finding.code end
  table.sort(list)
  return list
end

local function finding(report, code)
  for _, one in ipairs(report.findings) do
    if one.code == code then return one end
  end
  return nil
end

describe("the product's own packs", function()
  for _, id in ipairs(source.all()) do
    it("have nothing to find in " .. id, function()
      local report = report_of({}, id)
      assert.same({}, report.findings)
      for _, test in ipairs(report.tests) do assert.is_true(test.ok, test.name .. ": " .. tostring(test.text)) end
    end)
  end
end)

describe("an edit of a workflow", function()
  it("that adds a state on the way is fine", function()
    local report = workflow_report([[return {
      states = { awaiting = { "Ожидает ЦЗН", tone = "info", icon = "clock-pause" } },
      transitions = {
        { "await", from = { "approved" }, to = "awaiting", by = { "staff" }, label = "Ждать ЦЗН" },
        { "enroll", from = { "approved", "awaiting" } },
      },
    }]])
    assert.same({}, codes(report))
  end)
  it("is told where a state has no way out, and where none leads into it", function()
    local report = workflow_report('return {\n  states = {\n    stuck = { "Тупик" },\n    lost = { "Потеряно", final = true },\n  },\n'
      .. '  transitions = { { "stick", from = { "submitted" }, to = "stuck", by = { "staff" }, label = "В тупик" } },\n}')
    assert.same({ "dead_end", "unreachable" }, codes(report))
    local dead = finding(report, "dead_end")
    assert.same({ 3, "published", "workflows/application", "states.stuck" }, { dead.line, dead.layer, dead.part, dead.path })
    assert.equal(4, finding(report, "unreachable").line)
  end)
  it("may not lead into a state that the law guards without its guard", function()
    local report = workflow_report('return { transitions = {\n  { "quick", from = { "approved" }, to = "enrolled", by = { "staff" }, label = "Сразу" } } }')
    local law = finding(report, "law")
    assert.truthy(law.text:find("enrolled_by_order", 1, true))
    assert.same({ "error", 2 }, { law.severity, law.line })
  end)
  it("may not lead around consents on the way", function()
    local report = workflow_report('return { transitions = { { "skip", from = { "draft" }, to = "in_review", by = { "learner" }, label = "Мимо" } } }')
    assert.truthy(finding(report, "law_path").text:find("consent_is_given", 1, true))
  end)
  it("may not turn an allowed transition towards a guarded state", function()
    assert.truthy(finding(workflow_report('return { transitions = { { "take", to = "enrolled" } } }'), "law"))
  end)
  it("does not touch what a machine names as law, though its guards are open", function()
    local report = report_of({ ["guards/order"] = "return { author_does_not_sign = function() return true end }",
      ["workflows/order"] = 'return { transitions = { { "sign", guards = { "signatory_is_authorized" } } } }' }, "workflow/order")
    assert.same({ "law", "not_overridable", "not_overridable" }, codes(report))
  end)
  it("needs somebody who may", function()
    local report = workflow_report('return { transitions = { { "take", by = { "janitor" } } } }')
    assert.same({ "nobody_may", "unknown_role" }, codes(report))
  end)
  it("names what it does not know: states, guards, effects, fields", function()
    local report = workflow_report([[return { transitions = { { "odd", from = { "submitted" }, to = "nowhere", by = { "staff" }, label = "Странно",
      guards = { "no_such" }, effects = { "burn" }, colour = "red" } } }]])
    assert.same({ "unknown_effect", "unknown_field", "unknown_guard", "unknown_state" }, codes(report))
  end)
  it("is told of one action twice from a state", function()
    local report = workflow_report('return { transitions = { { "take", name = "again", from = { "submitted" }, to = "approved", by = { "staff" }, '
      .. 'label = "Ещё" } } }')
    assert.truthy(finding(report, "twice"))
  end)
  it("keeps to its files", function()
    assert.same({ "unknown_part" }, codes(report_of({ ["workflows/order"] = "return {}" })))
  end)
end)

describe("a guard", function()
  it("that looks at what nobody gives is named with its line", function()
    local report = report_of({ ["guards/application"] = "local guards = {}\n\nfunction guards.age_suits(ctx)\n  local f = ctx.facts\n"
      .. "  return f.shoe_size == 42\nend\n\nreturn guards" })
    local unknown = finding(report, "unknown_field")
    assert.same({ 5, "published" }, { unknown.line, unknown.layer })
    assert.truthy(unknown.text:find("facts.shoe_size", 1, true))
  end)
  it("may read what the layer adds to reads, with a warning", function()
    local report = report_of({ ["workflows/application"] = 'return { reads = { facts = { shoe_size = "размер" } } }',
      ["guards/application"] = "return { age_suits = function(ctx) return ctx.facts.shoe_size ~= 13 end }" })
    assert.same({ "new_field" }, codes(report))
    assert.equal(0, report.errors)
  end)
  it("that never agrees with another of its transition is told", function()
    local report = report_of({
      ["workflows/application"] = 'return { transitions = { { "expire", guards = { "documents_are_overdue", "started", "not_started" } } } }',
      ["guards/application"] = 'return { started = function(ctx) return ctx.facts.group_has_started == true end,\n'
        .. '  not_started = function(ctx) return not ctx.facts.group_has_started end }' })
    assert.same({ "never_agree" }, codes(report))
  end)
end)

describe("tests of a pack", function()
  local TEST = [[return { { "Сорок лет мало", given = { facts = { age_on_start = 40, min_age = 41, starts_on_text = "1 марта" } },
    when = { "approve", from = "in_review", by = "staff" }, expect = { %s } } }]]
  local function run(expect, more)
    local files = more or {}
    files["tests/workflow/application"] = TEST:format(expect)
    local report = report_of(files)
    for _, test in ipairs(report.tests) do
      if test.name == "Сорок лет мало" then return test, report end
    end
  end
  it("pass with what they expect", function() assert.is_true(run('refused = "age_below_minimum", text = "41"').ok) end)
  it("fail with words, file and line", function()
    local test, report = run('to = "approved"')
    assert.is_false(test.ok)
    assert.truthy(test.text:find("age_below_minimum", 1, true))
    assert.same({ "published: tests/workflow/application.lua", 1, 1, false }, { test.file, test.line, report.failed, report.ok })
  end)
  it("of the product fail where the region decides otherwise, until the region replaces them", function()
    local guard = { ["guards/application"] = "return { no_free_places = function() return true end }" }
    assert.equal(1, report_of(guard).failed)
    guard["tests/workflow/application"] = 'return { { "При свободных местах лист ожидания не нужен", when = { "wait", from = "in_review", by = "staff" }, '
      .. 'expect = { to = "waitlisted" } } }'
    assert.equal(0, report_of(guard).failed)
  end)
  it("that do not compile are an error", function()
    local report = report_of({ ["tests/workflow/application"] = "return {\n  { \n" })
    assert.equal("broken_tests", report.findings[1].code)
  end)
  it("of the product try every transition", function()
    for _, id in ipairs(source.all()) do assert.same({}, report_of({}, id).untested, id) end
  end)
end)

describe("an outline", function()
  it("knows the line of each name", function()
    local lines = outline.of('-- x = {\nlocal t = {\n  states = {\n    a = "А",\n    b = { "Б", final = true },\n  },\n  transitions = {\n'
      .. '    { "go", from = { "a" }, to = "b" },\n    { "go", from = { "b" }, to = "a" },\n  },\n}\nfunction t.f() return { c = 1 } end\nreturn t')
    assert.same({ 4, 5, 8, 9, 12 }, { lines["states.a"], lines["states.b.1"], lines["transitions.go.to"], lines["transitions.go_2"], lines.f })
  end)
end)

describe("what a guard uses", function()
  it("is read from all forms in which guards are written", function()
    local list = uses.of([[
      local shared = require("rules.guards.shared")
      local guards = { own = shared.own_organization }
      guards.a = shared.needs("has_it", "code", "Текст")
      function guards.b(ctx)
        local f, object = ctx.facts, ctx.object
        if f.x and object.y == "z" then return true end
        for _, item in ipairs(ctx.data.list) do if item.field then return false end end
        return false
      end
      return guards]])
    assert.same({ "a", "b" }, { list[1].name, list[2].name })
    assert.truthy(list[1].fields["facts.has_it"])
    assert.truthy(list[2].fields["facts.x"] and list[2].fields["object.y"] and list[2].fields["data.list"])
    assert.is_nil(list[2].fields["item.field"])
  end)
end)

describe("a difference", function()
  local function marks(before, after)
    local list = {}
    for _, line in ipairs(differ.lines(before, after)) do list[#list + 1] = line.mark .. line.text end
    return table.concat(list, "|")
  end
  it("keeps what is alike", function()
    assert.equal(" a|-b|+x| c", marks("a\nb\nc\n", "a\nx\nc\n"))
    assert.equal("+a|+b", marks("", "a\nb"))
    assert.equal(" a| b", marks("a\nb", "a\nb"))
    assert.equal(" a|+b| c", marks("a\nc", "a\nb\nc"))
  end)
  it("shows changes with some lines around them", function()
    local text = {}
    for i = 1, 40 do text[i] = "line " .. i end
    local before = table.concat(text, "\n")
    text[5], text[35] = "changed", "changed, too"
    local hunks = differ.hunks(before, table.concat(text, "\n"), 2)
    assert.same({ 2, 6, 3 }, { #hunks, #hunks[1], hunks[1][1].before })
  end)
end)

describe("the region's directory", function()
  local statics = require("domain.rules.statics")

  local function finding_of(text)
    local layers = source.layers
    source.layers = function(id)
      local list = layers(id)
      list[#list + 1] = { name = "region", files = { ["workflows/application"] = text } }
      return list
    end
    local ok, found = pcall(statics.of_region, "workflow/application")
    source.layers = layers
    if not ok then error(found, 0) end
    return found
  end

  it("is refused at load for a way around the law, with its line", function()
    local found = finding_of("return { transitions = {\n  { 'quietly', from = { 'approved' }, to = 'enrolled', by = { 'staff' }, label = 'Тихо' },\n} }")
    assert.same({ "law", "region/lua/rules/workflows/application.lua", 2 }, { found.code, found.file, found.line })
  end)
  it("may add a state with ways in and out", function()
    assert.is_nil(finding_of([[return { states = { awaiting = { "Ожидает", tone = "info" } }, transitions = {
      { "await", from = { "in_review" }, to = "awaiting", by = { "staff" }, label = "Ждать" },
      { "resume", from = { "awaiting" }, to = "in_review", by = { "staff" }, label = "Продолжить" } } }]]))
  end)
end)
