--- Dry run: decisions of the past asked again under other rules. Jobs take spans of them, so that all cores have work: while one reads
--- from PostgreSQL another's rules run in the thread pool. What differs is kept with the line that decides otherwise.
local access = require("kit.access")
local audit = require("kit.audit")
local clock = require("core.clock")
local dry_store = require("domain.rules.store_dry")
local errors = require("kit.errors")
local job = require("kit.job")
local json = require("core.json")
local layers = require("domain.rules.layers")
local live = require("kit.live")
local log = require("core.log")
local packs = require("kit.packs")
local policy = require("domain.rules.policy")
local Set = require("kit.pack.set")
local source = require("kit.pack.source")
local store = require("domain.rules.store")
local transaction = require("kit.transaction")
local uses = require("kit.pack.uses")
local dry_runs = {}

dry_runs.JOB = "rules.dry_run"

local SPANS, BATCH, MOST_KEPT, MOST_RUNS = 4, 5000, 100000, 20
local PLAN = 0 -- number of the job that makes the spans: counting a million decisions is no work for a request

--- The topic on which an open page hears of a run.
function dry_runs.topic(id) return "rules.dry." .. id end

local function enqueue(run_id, number)
  job.enqueue(dry_runs.JOB, { run_id = run_id, number = number }, { key = ("rules.dry:%d:%d"):format(run_id, number), max_attempts = 2, priority = 50 })
end

local function need(user, id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  if not source.exists(id) or not id:find("^workflow/") then return nil, errors.not_found("page", id) end
  return true
end

local function files_of(id, organization_id, input)
  if input.files then return input.files end
  if input.hash then
    local version = store.version(input.hash)
    return version and version.pack == id and layers.files(version.files) or nil
  end
  local draft = store.draft(id, organization_id)
  return draft and layers.files(draft.files) or nil
end

-- The past in spans of about the same length.
local function add_spans(run_id, machine)
  local series, number = dry_store.series(machine), 0
  for _, name in ipairs({ "event", "refusal" }) do
    local bounds = dry_store.bounds(name, series)
    local width = bounds.first and (bounds.last - bounds.first) // SPANS + 1 or 0
    for first = bounds.first or 1, bounds.last or 0, width > 0 and width or 1 do
      number = number + 1
      dry_store.insert_span(run_id, number, name, first, math.min(first + width - 1, bounds.last))
    end
  end
  return number
end

--- Starts a dry run of a draft, of given files or of a version, over the decisions of the last months.
---@param user kit.User
---@param id string "workflow/application"
---@param input {organization_id: integer?, files: table?, hash: string?, months: integer?} 12 months unless given
---@return {id: integer, state: string, percent: integer}? run as dry_runs.get()
---@return kit.Error? err 403, 404, 409 no_draft, 422 rules_refused
function dry_runs.start(user, id, input)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  local organization_id = input.organization_id or 0
  local files = files_of(id, organization_id, input)
  if not files then return nil, errors.conflict("no_draft", "Нечего прогонять: нет ни черновика, ни такой версии.") end
  local set, fault = layers.build(id, organization_id, files)
  if not set then return nil, errors.new(422, "rules_refused", ("%s:%d: %s"):format(fault.file or id, fault.line or 0, fault.text)) end
  return transaction.run(function()
    packs.keep(set)
    set:close()
    local run_id = dry_store.insert_run(id, organization_id, set.hash, dry_runs.since(input.months or 12), user.id)
    if not input.is_here then enqueue(run_id, PLAN) end
    audit.write("rule.dry_run", "rule", nil, { pack = { nil, id }, set = { nil, set.hash } })
    return dry_store.run(run_id)
  end)
end

--- A moment so many months ago, as PostgreSQL reads it.
function dry_runs.since(months)
  local year, month, rest = clock.date():match("^(%d+)%-(%d+)(.*)$")
  local count = tonumber(year) * 12 + tonumber(month) - 1 - months
  local day = math.min(tonumber(rest:match("%d+")), 28)
  return ("%04d-%02d-%02d"):format(count // 12, count % 12 + 1, day)
end

-- ---- in the job

-- Fields that the draft reads and no record has: a verdict that needs them is unsure.
local function new_fields(set)
  local known, shipped = {}, packs.shipped(set.id).data.reads or {}
  for root, fields in pairs(set.data.reads or {}) do
    for field in pairs(fields) do
      if not (shipped[root] or {})[field] then known[root .. "." .. field] = true end
    end
  end
  local unsure = {}
  for _, chunk in ipairs(next(known) and set.chunks or {}) do
    for _, guard in ipairs(chunk.name:find("/guards/") and uses.of(chunk.text) or {}) do
      for path in pairs(guard.fields) do unsure[guard.name] = unsure[guard.name] or known[path] end
    end
  end
  return unsure
end

local function cases_of(rows)
  local cases = {}
  for index, row in ipairs(rows) do
    local at = index * 3 - 2
    cases[at], cases[at + 1], cases[at + 2] = row.role, row.expected, row.inputs
  end
  return cases
end

-- The line on which a guard refuses; asked once a guard and code, for most lists are of one kind.
local function place_of(state, guard, code, inputs)
  local key = guard .. "\1" .. code
  if state.places[key] == nil then
    local _, said = state.set:call("guards/" .. state.machine, guard, json.decode(inputs))
    local place = said and said.chunk and Set.place(said.chunk)
    state.places[key] = place and { file = place.file, line = said.line } or said and said.file and { file = said.file, line = said.line } or {}
  end
  return state.places[key]
end

local function before_of(row)
  if row.code then
    local guards = type(row.guards) == "string" and json.decode(row.guards) or row.guards or {}
    local last = guards[#guards] or {}
    return { refused = row.code, guard = last.rule, text = last.text }
  end
  return { to = row.to_state }
end

local function after_of(result)
  local to = result:match("^ok\1([%w_]+)$")
  if to then return { to = to }, "" end
  local guard, code, text = result:match("^(.-)\1(.-)\1(.*)$")
  if not guard then return { refused = "rule_failed", text = result }, "" end
  if code == "other_state" then return { to = text }, "" end
  return { refused = code, guard = guard ~= "" and guard or nil, text = text }, guard
end

local function case_of(state, row, result, inputs)
  local after, guard = after_of(result)
  local place = guard ~= "" and after.refused ~= "unknown" and place_of(state, guard, after.refused, inputs) or {}
  return { source_id = row.id, object_id = row.object_id, at = row.at, action = row.action, from_state = row.from_state, before = before_of(row), after = after,
    file = place.file, line = place.line, is_unsure = state.unsure[guard] or false }
end

local function keep(state, rows, results)
  local by_id, ids, cases = {}, {}, {}
  for index, result in pairs(results) do
    if #ids < MOST_KEPT - state.kept then
      by_id[rows[index].id] = { result = result, inputs = rows[index].inputs }
      ids[#ids + 1] = rows[index].id
    end
  end
  if #ids == 0 then return end
  for index, row in ipairs(dry_store.details(state.span.source, ids)) do
    cases[index] = case_of(state, row, by_id[row.id].result, by_id[row.id].inputs)
  end
  table.sort(cases, function(a, b) return a.source_id < b.source_id end)
  dry_store.insert_cases(state.run_id, state.span.source, json.encode(json.array(cases)))
  state.kept = state.kept + #cases
end

-- Not recorded is not different: counted apart, not listed.
local function take_unknown(results)
  local differ, unknown = 0, 0
  for index, result in pairs(results) do
    if result:find("\1unknown\1", 1, true) then
      results[index], unknown = nil, unknown + 1
    else
      differ = differ + 1
    end
  end
  return differ, unknown
end

local function replay_batch(state, rows)
  local results, err = state.set:replay(cases_of(rows))
  if not results then return nil, err end
  local differ, unknown = take_unknown(results)
  keep(state, rows, results)
  local now = dry_store.advance(state.run_id, state.number, rows[#rows].id, #rows, differ, unknown)
  live.notify(dry_runs.topic(state.run_id))
  return now == "running"
end

local function run_span(state)
  local span, after = state.span, state.span.first_id - 1
  while not job.is_stopping() do
    local rows = dry_store.batch(span.source, state.series, span.since, after, span.last_id, BATCH)
    if #rows > 0 then
      local goes_on, err = replay_batch(state, rows)
      if not goes_on then return err == nil, err end
      after = rows[#rows].id
    end
    if #rows < BATCH then
      transaction.run(function()
        dry_store.end_span(state.run_id, state.number)
        return true
      end)
      live.notify(dry_runs.topic(state.run_id))
      return true
    end
  end
  return nil, { code = "stopping", text = "the worker ends" }
end

local function open_span(payload)
  local span = dry_store.begin_span(payload.run_id, payload.number)
  if not span then return nil end
  local kept = packs.by_hash(span.set_hash)
  local set = Set.of_chunks(span.pack, kept.chunks)
  local machine = span.pack:match("/(.+)$")
  return { run_id = payload.run_id, number = payload.number, span = span, set = set, machine = machine, series = dry_store.series(machine),
    unsure = new_fields(set), places = {}, kept = 0 }
end

-- Makes the spans, once: a second attempt finds them.
local function plan(run_id)
  local run = dry_store.run(run_id)
  if run.state ~= "running" or run.spans > 0 then return {} end
  return transaction.run(function()
    local spans = add_spans(run_id, run.pack:match("/(.+)$"))
    for number = 1, spans do enqueue(run_id, number) end
    if spans == 0 then dry_store.finish(run_id, "done") end
    live.notify(dry_runs.topic(run_id))
    return {}
  end)
end

--- The job: one span of a run, or the making of its spans.
---@param payload {run_id: integer, number: integer}
function dry_runs.work(payload)
  if payload.number == PLAN then return plan(payload.run_id) end -- what it raises is tried again
  local state = open_span(payload)
  if not state then return {} end -- cancelled meanwhile
  local ok, done, err = pcall(run_span, state)
  state.set:close()
  if ok and done then return {} end
  if ok and err and err.code == "stopping" then return nil, err end
  local fault = not ok and done or err
  local text = type(fault) == "table" and (fault.text or fault.code) or tostring(fault)
  log.error("a dry run failed", { run = payload.run_id, reason = text })
  dry_store.finish(payload.run_id, "failed", text)
  return {}
end

--- Starts a run and does all of it at once: for the command line, where no job worker may be running.
---@return table? run
---@return kit.Error? err
function dry_runs.run_here(user, id, input)
  input.is_here = true
  local run, err = dry_runs.start(user, id, input)
  if not run then return nil, err end
  local spans = transaction.run(function() return add_spans(run.id, id:match("/(.+)$")) end)
  for number = 1, spans do dry_runs.work({ run_id = run.id, number = number }) end
  if spans == 0 then dry_store.finish(run.id, "done") end
  return dry_store.run(run.id)
end

-- ---- for people

--- How far a run is, and what it has found.
---@param user kit.User
---@return {id: integer, pack: string, organization_id: integer, set_hash: string, since: string, state: "running"|"done"|"cancelled"|"failed", percent: integer,
---   done: integer, differ: integer, unknown: integer, ms: integer, error: string?, who: string?}? run
---@return kit.Error? err 403, 404
function dry_runs.get(user, run_id)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local run = dry_store.run(run_id)
  if not run then return nil, errors.not_found("page", run_id) end
  return run
end

--- Runs of a pack, newest first.
function dry_runs.list(user, id, organization_id)
  local ok, err = need(user, id)
  if not ok then return nil, err end
  return dry_store.runs(id, organization_id or 0, MOST_RUNS)
end

--- Stops a run; what it has found stays.
---@return table? run
---@return kit.Error? err 403, 404, 409 not_running
function dry_runs.cancel(user, run_id)
  local run, err = dry_runs.get(user, run_id)
  if not run then return nil, err end
  return transaction.run(function()
    if dry_store.finish(run_id, "cancelled") == 0 then return nil, errors.conflict("not_running", "Прогон уже закончен.") end
    audit.write("rule.dry_run_cancel", "rule", nil, { pack = { run.pack, run.pack } })
    live.notify(dry_runs.topic(run_id))
    return dry_store.run(run_id)
  end)
end

-- Names only to those who see applicants anyway.
local function name_cases(user, pack, rows)
  if pack ~= "workflow/application" or #rows == 0 then return end
  local ids, by_id = {}, {}
  for index, row in ipairs(rows) do ids[index] = row.object_id end
  for _, application in ipairs(dry_store.applications(ids)) do by_id[application.id] = application end
  for _, row in ipairs(rows) do
    local application = by_id[row.object_id]
    if application then
      row.number, row.public_id = application.number, application.public_id
      row.name = access.can(user, "application.read_applicant", application) and application.name or nil
    end
  end
end

--- Cases whose outcome would be another.
---@param user kit.User
---@param run_id integer
---@param asked {cursor: string?, limit: integer?, unsure: boolean?}
---@return {source: string, source_id: integer, object_id: integer, at: string, action: string, from_state: string, before: table, after: table, file: string?,
---   line: integer?, is_unsure: boolean, number: string?, name: string?, public_id: string?}[]? cases before and after: {to} or {refused, guard, text}
---@return string|kit.Error|nil next_cursor_or_err
function dry_runs.cases(user, run_id, asked)
  local run, err = dry_runs.get(user, run_id)
  if not run then return nil, err end
  local rows, next_cursor = dry_store.CASES:page({ filters = { run = run_id, unsure = asked.unsure }, cursor = asked.cursor, limit = asked.limit })
  if not rows then return nil, next_cursor end
  for _, row in ipairs(rows) do row.before, row.after = json.decode(row.before), json.decode(row.after) end
  name_cases(user, run.pack, rows)
  return rows, next_cursor
end

return dry_runs
