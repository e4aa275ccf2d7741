--- JSON of dry runs, and of cases that move to the rules in force.
local answers = require("domain.rules.answers")
local dry_runs = require("domain.rules.dry_runs")
local errors = require("kit.errors")
local fields = require("domain.rules.fields")
local json = require("core.json")
local live = require("kit.live")
local moves = require("domain.rules.moves")
local respond = require("kit.respond")
local samples = require("domain.rules.samples")
local shape = require("kit.shape")

local MANAGE = { "rule.manage" }
local PATH, RUN = "/api/v1/rules/{kind}/{name}/dry-runs", "/api/v1/rules/dry-runs/{id}"
local MOVES = "/api/v1/rules/{kind}/{name}/cases"
local null = answers.null

local function run_json(run)
  return { id = tostring(run.id), pack = run.pack, organization_id = run.organization_id, set_hash = run.set_hash, since = run.since, state = run.state,
    percent = run.percent, done = run.done, differ = run.differ, unknown = run.unknown, ms = run.ms, error = null(run.error), who = null(run.who) }
end

local function number_of(request)
  local id = math.tointeger(tonumber(request.params.id))
  if id then return id end
  return nil, errors.not_found("page", request.params.id)
end

local function list(request)
  local input, err = answers.input_of(request, fields.LAYER)
  local found
  if input then found, err = dry_runs.list(request.user, answers.id_of(request), input.organization_id) end
  if not found then return nil, err end
  local items = {}
  for index, run in ipairs(found) do items[index] = run_json(run) end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

-- A route of one run.
local function of_run(use)
  return function(request)
    local id, err = number_of(request)
    local run
    if id then run, err = use(request.user, id) end
    if not run then return nil, err end
    return respond.json(run_json(run))
  end
end

local function outcome_json(outcome)
  return { to = null(outcome.to), refused = null(outcome.refused), guard = null(outcome.guard), text = null(outcome.text) }
end

local function case_json(case)
  return { source = case.source, source_id = tostring(case.source_id), object_id = tostring(case.object_id), at = case.at, action = case.action,
    from_state = case.from_state, before = outcome_json(case.before), after = outcome_json(case.after), file = null(case.file), line = null(case.line),
    is_unsure = case.is_unsure, number = null(case.number), name = null(case.name), public_id = null(case.public_id) }
end

local function cases(request)
  local id, err = number_of(request)
  local input, found, next_cursor
  if id then input, err = answers.input_of(request, fields.CASES) end
  if not input then return nil, err end
  found, next_cursor = dry_runs.cases(request.user, id, input)
  if not found then return nil, next_cursor end
  local items = {}
  for index, case in ipairs(found) do items[index] = case_json(case) end
  return respond.json({ items = json.array(items), next_cursor = null(next_cursor) })
end

local function follow(request)
  local id, err = number_of(request)
  local run
  if id then run, err = dry_runs.get(request.user, id) end
  if not run then return nil, err end
  return live.open(request, { topics = { dry_runs.topic(id) }, begin = function(send) send("run", run_json(dry_runs.get(request.user, id))) end })
end

local function preview_moves(request)
  local found, err = moves.preview(request.user, answers.id_of(request))
  if not found then return nil, err end
  local groups = {}
  for index, group in ipairs(found.groups) do
    groups[index] = { set_hash = group.set_hash, state = group.state, label = group.label, cases = group.cases, verdict = group.verdict, why = null(group.why) }
  end
  return respond.json({ set_hash = found.set_hash, moves = found.moves, stays = found.stays, groups = json.array(groups) })
end

local function sample(request)
  local id, err = number_of(request)
  local found
  if id then found, err = samples.of(request.user, request.params.source == "refusal" and "refusal" or "event", id) end
  if not found then return nil, err end
  return respond.json({ pack = found.pack, text = found.text })
end

local text, maybe, integer, id = shape.text, shape.maybe, shape.integer, shape.id
local OUTCOME = shape.object({ to = maybe(text), refused = maybe(text), guard = maybe(text), text = maybe(text) })

return {
  schemas = {
    RuleMoves = shape.object({ set_hash = text, moves = integer, stays = integer, groups = { type = "array" } }),
    RuleSample = shape.object({ pack = text, text = text }),
    RuleMoved = shape.object({ moved = integer }),
    RuleDryRun = shape.object({ id = id, pack = text, organization_id = integer, set_hash = text, since = shape.moment,
      state = shape.enum({ "running", "done", "cancelled", "failed" }), percent = integer, done = integer, differ = integer, unknown = integer, ms = integer,
      error = maybe(text), who = maybe(text) }),
    RuleDryCase = shape.object({ source = shape.enum({ "event", "refusal" }), source_id = id, object_id = id, at = shape.moment, action = text,
      from_state = text, before = OUTCOME, after = OUTCOME, file = maybe(text), line = maybe(integer), is_unsure = shape.boolean, number = maybe(text),
      name = maybe(text), public_id = maybe(shape.uuid) }),
  },
  { "GET", MOVES, preview_moves, access = MANAGE, returns = "RuleMoves", summary = "Дела под прежними правилами: какие перейдут на действующие и какие нет" },
  { "POST", MOVES, answers.act(fields.MOVE, moves.run, function(moved) return moved end), access = MANAGE, proof = true, body = fields.MOVE,
    returns = "RuleMoved", status = 200, summary = "Перевести дела на действующие правила" },
  { "GET", "/api/v1/rules/decisions/{source}/{id}/test", sample, access = MANAGE, returns = "RuleSample", summary = "Решение как обезличенное испытание" },
  { "GET", PATH, list, access = MANAGE, query = fields.LAYER, returns = "RuleDryRunList", summary = "Пробные прогоны набора правил" },
  { "POST", PATH, answers.act(fields.DRY_RUN, dry_runs.start, run_json, 202), access = MANAGE, body = fields.DRY_RUN, returns = "RuleDryRun", status = 202,
    summary = "Прогнать решения прошлых месяцев по черновику, версии или присланным файлам" },
  { "GET", RUN, of_run(dry_runs.get), access = MANAGE, returns = "RuleDryRun", summary = "Как идёт пробный прогон" },
  { "GET", RUN .. "/cases", cases, access = MANAGE, query = fields.CASES, returns = "RuleDryCaseList", summary = "Дела, которые решились бы иначе" },
  { "GET", RUN .. "/events", follow, access = MANAGE, summary = "Ход пробного прогона (поток событий)" },
  { "POST", RUN .. "/cancel", of_run(dry_runs.cancel), access = MANAGE, returns = "RuleDryRun", status = 200, summary = "Остановить пробный прогон" },
}
