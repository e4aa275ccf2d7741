--- Tests of a pack: data beside it (lua/rules/tests/<kind>/<name>.lua), run in the rule VM.
---
---   { "Без согласия заявку не подать",
---     given = { facts = { has_consent = false, … }, object = {…}, data = {…}, user = {…}, today = "2026-02-10" },
---     when = { "submit", from = "draft", by = "learner" },
---     expect = { refused = "consent_required", guard = "consent_is_given" } },      -- or { to = "submitted" }, or { refused = "no_transition" }
---
--- A layer's test of the same name replaces that of the layer below; `remove = true` takes it away.
local core = require("core.rules")
local judging = require("kit.judging")
local Set = require("kit.pack.set")
local source = require("kit.pack.source")
local uses = require("kit.pack.uses")
local workflow = require("kit.workflow")
local trials = {}

local TODAY, NOW = "2026-02-10", "2026-02-10T12:00:00"

local function file_of(layer, part)
  local place = { product = "lua/rules/", region = "region/lua/rules/", published = "published: ", organization = "organization: " }
  return (place[layer] or "") .. part .. ".lua"
end

local function line_of(text, name)
  local at = text:find(name, 1, true)
  if not at then return nil end
  local _, breaks = text:sub(1, at):gsub("\n", "")
  return breaks + 1
end

-- What a file of tests holds, as data; it may require what rules may.
local function read_file(id, set, layer, text, report)
  local part = source.tests(id)
  local chunks = table.move(set.chunks, 1, #set.chunks, 1, {})
  chunks[#chunks + 1] = { name = "trial.lua", text = text }
  local vm, err = core.load({ name = "", chunks = chunks, ms = 200, memory = 16 << 20 })
  local list
  if vm then
    list, err = vm:value("trial")
    vm:close()
  end
  if type(list) == "table" then return list end
  report.findings[#report.findings + 1] = { severity = "error", code = "broken_tests", layer = layer, part = part, file = file_of(layer, part),
    line = err and err.line or 1, text = "Файл испытаний: " .. (err and Set.explain(err).text or "нужен список испытаний.") }
  return {}
end

-- Tests of all layers, the lower first, each once by its name.
local function gather(id, set, layers, report)
  local order, by_name, part = {}, {}, source.tests(id)
  for _, layer in ipairs(layers) do
    local text = layer.files[part]
    for _, test in ipairs(text and read_file(id, set, layer.name, text, report) or {}) do
      local name = type(test) == "table" and (test.name or test[1]) or nil
      if name then
        if not by_name[name] then order[#order + 1] = name end
        by_name[name] = { name = name, test = test, file = file_of(layer.name, part), line = line_of(text, name) }
      end
    end
  end
  return order, by_name
end

local function merged(default, given)
  local made = {}
  for key, value in pairs(default) do made[key] = value end
  for key, value in pairs(given or {}) do made[key] = value end
  return made
end

--- The context that a test gives to guards.
---@param machine table
---@param transition table
---@param test table
---@return table
function trials.context(machine, transition, test)
  local given, when = test.given or {}, test.when
  local user = merged({ id = 1, person_id = 1, grant = { role = when.by or transition.by[1], sets = {} } }, given.user)
  if user.grant and not user.grant.sets then user.grant.sets = {} end
  return judging.context(machine, { object = given.object, facts = given.facts, data = given.data, user = user, reason = when.reason,
    action = transition.action, from = when.from, to = transition.to, today = given.today or TODAY, now = given.now or NOW, preview = given.preview or false })
end

--- Asks the guards of a transition in order.
---@param set kit.PackSet
---@param name string of the machine
---@param transition table
---@param ctx table
---@return {code: string, guard: string, text: string, chunk: string?, line: integer?}? refusal nil: nobody objects
function trials.judge(set, name, transition, ctx)
  for _, guard in ipairs(transition.guards or {}) do
    local results, said = set:call("guards/" .. name, guard, ctx)
    if not results then return { code = "rule_failed", guard = guard, text = said.text, chunk = said.file, line = said.line } end
    if not results[1] then
      local verdict = type(results[2]) == "table" and results[2] or {}
      return { code = verdict.code or guard, guard = guard, text = verdict.text or "", chunk = said.chunk, line = said.line }
    end
  end
  return nil
end

local function contains(list, wanted)
  for _, item in ipairs(list or {}) do
    if item == wanted then return true end
  end
  return false
end

-- What came of a test: {to = } or {refused =, guard =, text =}.
local function outcome(set, machine, test, report)
  local when = test.when
  local transition = (machine.index[when.from] or {})[when.action or when[1]]
  if not transition then return { refused = "no_transition", text = "такого перехода из этого состояния нет" } end
  report.tried[transition] = true
  if when.by and not contains(transition.by, when.by) then return { refused = "not_allowed", text = "этой роли действие недоступно" } end
  if transition.reason and not tostring(when.reason or ""):find("%S") then return { refused = "reason_required", text = "нужна причина" } end
  local refusal = trials.judge(set, machine.name, transition, trials.context(machine, transition, test))
  if not refusal then return { to = transition.to } end
  return { refused = refusal.code, guard = refusal.guard, text = refusal.text }
end

local function words_of(result)
  if result.to then return ("переход в «%s»"):format(result.to) end
  return ("отказ %s%s (%s)"):format(result.refused, result.guard and " условия " .. result.guard or "", result.text)
end

local FIELDS = { "to", "refused", "guard" }

local function difference(expect, result)
  for _, field in ipairs(FIELDS) do
    if expect[field] ~= nil and expect[field] ~= result[field] then
      return ("ждали %s = %s, а получили: %s"):format(field, tostring(expect[field]), words_of(result))
    end
  end
  if expect.text and not (result.text or ""):find(expect.text, 1, true) then
    return ("в отказе ждали слова «%s», а получили: %s"):format(expect.text, words_of(result))
  end
  if expect.to == nil and result.to and not expect.refused then return "в expect нужно to или refused" end
  return nil
end

local function run_one(set, machine, entry, report)
  local test = entry.test
  local is_whole = type(test.when) == "table" and type(test.expect) == "table" and type(test.when.from) == "string"
  local text = "нужны when = { действие, from = состояние } и expect"
  if is_whole then
    local ok, result = pcall(outcome, set, machine, test, report)
    text = ok and difference(test.expect, result) or not ok and tostring(result) or nil
  end
  report.tests[#report.tests + 1] = { name = entry.name, ok = text == nil, text = text, file = entry.file, line = entry.line }
end

-- ---- coverage

-- Lines of guards in one file that ran or could have.
local function coverage_of(chunk, lines)
  local covered = { lines = 0, hit = 0, missed = {} }
  for _, guard in ipairs(uses.of(chunk.text)) do
    for line = guard.line + 1, guard.last_line do
      if lines[line] then
        covered.lines = covered.lines + 1
        if lines[line] > 0 then covered.hit = covered.hit + 1 else covered.missed[#covered.missed + 1] = line end
      end
    end
  end
  return covered
end

--- Lines of guards that ran since set.vm:coverage(true), by file.
---@param set kit.PackSet
---@return table<string, {lines: integer, hit: integer, missed: integer[], layer: string, part: string}> by_file
function trials.coverage(set)
  local by_file, ran = {}, set.vm:lines()
  for _, chunk in ipairs(set.chunks) do
    local place = Set.place(chunk.name)
    if place.part:find("^guards/") and place.part ~= "guards/shared" and ran[chunk.name] then
      local covered = coverage_of(chunk, ran[chunk.name])
      covered.layer, covered.part = place.layer, place.part
      by_file[place.file] = covered
    end
  end
  return by_file
end

local function untried(machine, tried)
  local list = {}
  for _, transition in ipairs(machine.transitions) do
    if not tried[transition] then list[#list + 1] = transition.name or transition.action end
  end
  return list
end

--- Runs the tests of all layers against a set and notes in the report: tests, coverage of guards by line, transitions that no test tries.
---@param id string
---@param set kit.PackSet a set of its own
---@param layers kit.PackLayer[]
---@param report table
function trials.run(id, set, layers, report)
  local order, by_name = gather(id, set, layers, report)
  local ok, machine = pcall(workflow.of_set, set)
  if not ok then return end -- the statics have said why
  report.tried = {}
  set.vm:coverage(true)
  for _, name in ipairs(order) do
    if not by_name[name].test.remove then run_one(set, machine, by_name[name], report) end
  end
  report.coverage, report.untested = trials.coverage(set), untried(machine, report.tried)
  set.vm:coverage(false)
  report.tried = nil
end

return trials
