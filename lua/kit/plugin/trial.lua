--- Tests of a plugin: tests/*.lua are lists of cases, pure data. What the plugin would ask of the platform the case answers, in order:
---
---   { name = "считает остаток", fn = "forecast.of_group", input = { group_id = 7 }, settings = { days = 14 },
---     answers = { { rows = { { qty = 3 } } }, { exec = 1 } }, expect = { short_on = "2026-12-04" } }
---
--- expect holds what the answer must contain; expect_error the code of a refusal; expect_html a text of the page; asks the names of
--- statements, jobs and addresses that were asked for.
local data_file = require("kit.plugin.data_file")
local markup = require("kit.plugin.markup")
local registry = require("kit.plugin.registry")
local shape_check = require("kit.plugin.shape_check")
local state = require("kit.plugin.state")
local trial = {}

local MAX_STEPS = 50

local function words_of(value)
  if type(value) ~= "table" then return type(value) == "string" and ("«%s»"):format(value) or tostring(value) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = tostring(key) .. " = " .. words_of(item) end
  table.sort(parts)
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function contains(actual, expected, path)
  if type(expected) ~= "table" then
    if actual == expected then return nil end
    return ("%s: ждали %s, получили %s"):format(path, words_of(expected), words_of(actual))
  end
  if type(actual) ~= "table" then return ("%s: ждали %s, получили %s"):format(path, words_of(expected), words_of(actual)) end
  for key, value in pairs(expected) do
    local difference = contains(actual[key], value, path .. "." .. tostring(key))
    if difference then return difference end
  end
  return nil
end

local function settings_of(plugin, case)
  local values = {}
  for _, field in ipairs(plugin.manifest.settings) do values[field.key] = field.default end
  for key, value in pairs(case.settings or {}) do values[key] = value end
  return values
end

local function rights_of(plugin, case)
  local rights = {}
  for name in pairs(plugin.manifest.permissions) do rights[name] = true end
  for _, name in ipairs(case.without or {}) do rights[name] = nil end
  return rights
end

local function name_of(ask) return ask.name or (ask.request and ask.request.url) or ask.op end

-- The answer that the case gives to what the plugin asked.
local function answer_of(case, i, ask)
  local given = (case.answers or {})[i]
  if ask.op == "log" and not given then return { value = true } end
  if not given then return nil, ("плагин спросил %s «%s», а ответа в испытании нет"):format(ask.op, tostring(name_of(ask))) end
  if given.error then return { error = given.error } end
  if ask.op == "fetch" then return { value = given.fetch } end
  if ask.op == "enqueue" then return { value = given.enqueue or 1 } end
  if ask.op == "emit" then return { value = true } end
  if given[ask.op] == nil then return nil, ("ответ %d: плагин спросил %s «%s»"):format(i, ask.op, tostring(name_of(ask))) end
  return { value = given[ask.op] ~= false and given[ask.op] or nil }
end

local function failure(err) return (err.chunk and ("%s:%d: "):format(err.chunk, err.line or 0) or "") .. state.words(err) end

-- Runs the function of a case: its last step and what it asked for, or nil and why not.
local function drive(plugin, pack, case)
  local ctx = { plugin = plugin.id, version = plugin.manifest.version, point = "test", today = case.today or "2026-12-01",
    now = case.now or "2026-12-01 09:00:00+05", settings = settings_of(plugin, case), rights = rights_of(plugin, case),
    user = case.user or { id = 1, role = "staff" }, texts = plugin.texts }
  local results, err = pack:call(state.INSIDE, "start", { id = 1, fn = case.fn, ctx = ctx, input = case.input, view = case.view })
  local asked, answered = {}, 0
  for _ = 1, MAX_STEPS do
    if not results then return nil, failure(err) end
    local made = results[1]
    if made.done then return made, asked end
    asked[#asked + 1] = tostring(name_of(made.ask))
    local answer, reason = answer_of(case, answered + 1, made.ask)
    if not answer then return nil, reason end
    if made.ask.op ~= "log" then answered = answered + 1 end
    results, err = pack:call(state.INSIDE, "go_on", { id = 1, answer = answer })
  end
  return nil, "слишком много обращений к платформе"
end

local function judge_html(plugin, case, value)
  local html, reason = markup.check(value and value.html or "", { id = plugin.id })
  if not html then return reason end
  if not html:find(case.expect_html, 1, true) then return ("на странице нет текста «%s»: %s"):format(case.expect_html, html) end
end

local function code_of(made)
  if made.value ~= nil or made.err == nil then return nil end
  return type(made.err) == "table" and made.err.code or tostring(made.err)
end

local function judge(plugin, case, made, asked)
  local code = code_of(made)
  if case.expect_error then return contains(code, case.expect_error, "код отказа") end
  if code then return ("отказ: %s"):format(words_of(made.err)) end
  local difference = case.asks and contains(asked, case.asks, "запросы") or case.expect_html and judge_html(plugin, case, made.value)
  if difference then return difference end
  return case.expect ~= nil and contains(made.value, case.expect, "ответ") or nil
end

-- What goes into a hook is checked against its schema, so that a test cannot live in a world of its own.
local function check_input(plugin, case)
  for _, hook in ipairs(plugin.manifest.hooks) do
    if hook.fn == case.fn and not case.any_input then
      local reason = shape_check.fault(case.input, registry.known().hooks[hook.name].input, "input")
      if reason then return ("%s (схема %s)"):format(reason, hook.name) end
    end
  end
end

local function run_case(plugin, pack, case)
  if type(case.name) ~= "string" or type(case.fn) ~= "string" then return "у испытания нужны name и fn" end
  local reason = check_input(plugin, case)
  if reason then return reason end
  local made, asked = drive(plugin, pack, case)
  if not made then return asked end
  return judge(plugin, case, made, asked)
end

local function run_file(plugin, pack, name, results)
  local file = ("%stests/%s"):format(plugin.dir, name)
  local cases, lines = data_file.read(plugin.source.read("tests/" .. name), file)
  if not cases then
    results[#results + 1] = { name = name, file = lines.file, line = lines.line, reason = lines.text }
    return
  end
  for i, case in ipairs(cases) do
    local reason = run_case(plugin, pack, case)
    results[#results + 1] = { name = tostring(case.name), file = file, line = lines.of(cases, i), reason = reason }
  end
end

--- Runs all tests. A result without `reason` passed.
---@param plugin kit.Plugin
---@return table[]? results {name, file, line, reason}
---@return table[] faults when it does not load
function trial.run(plugin)
  local pack, faults = state.load(plugin)
  if not pack then return nil, faults end
  local results = {}
  for _, name in ipairs(plugin.source.list("tests")) do
    if name:find("%.lua$") then run_file(plugin, pack, name, results) end
  end
  pack:close()
  return results, {}
end

return trial
