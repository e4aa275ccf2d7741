--- A real decision as a test: what the guards were given, with nothing of people in it. Numbers of persons, organisations and accounts become
--- 1, 2, 3 …, equal where they were equal; dates move by whole weeks, all alike; texts that are no codes become «…». The test is tried
--- before it is given out: if the decision hung on what was taken away, there is none.
local checks = require("domain.rules.trials")
local clock = require("core.clock")
local crypto = require("core.crypto")
local dates = require("rules.dates")
local errors = require("kit.errors")
local json = require("core.json")
local packs = require("kit.packs")
local policy = require("domain.rules.policy")
local store = require("domain.rules.store_dry")
local workflow = require("kit.workflow")
local samples = {}

local MOST_WEEKS = 52
local IDENTITY = { id = true, created_by = true, number = true }

local function is_identity(name) return IDENTITY[name] or name:find("_id$") ~= nil or name:find("_ids$") ~= nil end

local function number_for(state, value)
  if not state.numbers[value] then
    state.count = state.count + 1
    state.numbers[value] = state.count
  end
  return state.numbers[value]
end

-- The date of a number of dates.day_number().
local function date_of(number)
  local z = number + 719468
  local era = z // 146097
  local of_era = z - era * 146097
  local year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year + year // 4 - year // 100)
  local month = (5 * of_year + 2) // 153
  local day = of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  return ("%04d-%02d-%02d"):format(year + era * 400 + (month <= 2 and 1 or 0), month, day)
end

local function shifted(state, date) return date_of(dates.day_number(date) - state.weeks * 7) end

local function text_for(state, value)
  local date, rest = value:match("^(%d%d%d%d%-%d%d%-%d%d)(.*)$")
  if date and (rest == "" or rest:find("^[T ]%d")) then return shifted(state, date) .. (rest ~= "" and "T12:00:00" or "") end
  if value == "" or value:find("^[a-z][a-z0-9_]*$") and #value <= 40 then return value end
  return "…"
end

local function anonymous(state, value, name)
  if type(value) == "table" then
    local made = {}
    for key, item in pairs(value) do made[key] = anonymous(state, item, type(key) == "string" and key or name) end
    return made
  end
  if is_identity(name) and (type(value) == "number" or type(value) == "string") then
    return type(value) == "number" and number_for(state, value) or "…"
  end
  if type(value) == "string" then return text_for(state, value) end
  return value
end

-- ---- as Lua

local function literal(value)
  if type(value) == "string" then return (("%q"):format(value):gsub("\\\n", "\\n")) end
  if type(value) ~= "table" then return tostring(value) end
  local parts, keys = {}, {}
  for index, item in ipairs(value) do parts[index] = literal(item) end
  for key in pairs(value) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do parts[#parts + 1] = ("%s = %s"):format(key, literal(value[key])) end
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

-- json null is nobody's business of a test
local function without_null(value)
  if value == json.null then return nil end
  if type(value) ~= "table" then return value end
  local made = {}
  for key, item in pairs(value) do made[key] = without_null(item) end
  return made
end

local function text_of(test)
  local parts = {}
  for _, root in ipairs({ "object", "facts", "data", "user", "today" }) do
    if test.given[root] ~= nil then parts[#parts + 1] = ("      %s = %s,"):format(root, (literal(test.given[root]))) end
  end
  local when, reason = test.when, test.when.reason and (', reason = %s'):format((literal(test.when.reason))) or ""
  return ("  { %s,\n    given = {\n%s\n    },\n    when = { %s, from = %s, by = %s%s },\n    expect = %s },\n"):format((literal(test.name)),
    table.concat(parts, "\n"), (literal(when[1])), (literal(when.from)), (literal(when.by)), reason, (literal(test.expect)))
end

local function expected_of(row, record)
  if row.to_state then return { to = row.to_state } end
  local last = record.guards[#record.guards] or {}
  return { refused = row.code, guard = last.rule }
end

-- Does the test say under these rules what was decided?
local function holds(set, test)
  local machine = workflow.of_set(set)
  local transition = (machine.index[test.when.from] or {})[test.when[1]]
  if not transition then return false end
  local refusal = checks.judge(set, machine.name, transition, checks.context(machine, transition, test))
  if test.expect.to then return refusal == nil and transition.to == test.expect.to end
  return refusal ~= nil and refusal.code == test.expect.refused
end

--- Makes a test of a recorded decision.
---@param user kit.User
---@param source "event"|"refusal"
---@param source_id integer of the case of a dry run, or of the history
---@return {pack: string, text: string, test: table}? sample text: to be put into the list of the file of tests
---@return kit.Error? err 403, 404, 409 nothing_recorded, not_reproducible
function samples.of(user, source, source_id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local row = store.decision(source, source_id)
  if not row then return nil, errors.not_found("page", source_id) end
  if not row.inputs then return nil, errors.conflict("nothing_recorded", "Для этого решения не записано, на что смотрели условия.") end
  local record, inputs = json.decode(row.decision), without_null(json.decode(row.inputs))
  local state = { numbers = {}, count = 0, weeks = crypto.random_int(MOST_WEEKS) }
  local given = { object = anonymous(state, inputs.object, "object"), facts = anonymous(state, inputs.facts, "facts"),
    data = anonymous(state, inputs.data, "data"), user = anonymous(state, inputs.user, "user"), today = shifted(state, inputs.today or clock.date()) }
  local test = { name = ("Случай из жизни: %s, %s"):format(row.action, row.to_state or row.code), given = given,
    when = { row.action, from = row.from_state, by = row.role, reason = inputs.reason and "…" or nil }, expect = expected_of(row, record) }
  local id = "workflow/" .. row.machine:match("^[^:]+")
  if not holds(packs.by_hash(record.version) or packs.get(id), test) then
    return nil, errors.conflict("not_reproducible", "Решение зависит от личных данных: обезличенного испытания из него не получится.")
  end
  return { pack = id, text = text_of(test), test = test }
end

return samples
