--- Dry runs: decisions of the past asked again under the draft or a version, with their progress and what would differ.
local dry_runs = require("domain.rules.dry_runs")
local errors = require("kit.errors")
local fields = require("domain.rules.form_fields")
local form = require("kit.form")
local frame = require("domain.rules.frame")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.rules.service")
local urls = require("kit.urls")
local workflow = require("kit.workflow")
local CASES = require("domain.rules.fields").CASES

local PATH = frame.BASE .. "/{kind}/{name}"
local STATES = { running = { "Идёт", "info" }, done = { "Закончен", "ok" }, cancelled = { "Остановлен", "neu" }, failed = { "Не удался", "bad" } }
local MONTHS = { { value = 1, label = "за месяц" }, { value = 3, label = "за три месяца" }, { value = 6, label = "за полгода" }, { value = 12, label = "за год" },
  { value = 24, label = "за два года" } }

local function open(request)
  local id, organization_id = frame.id_of(request)
  return service.get(request.user, id, organization_id)
end

local function found_words(run)
  if run.state == "running" then return ("%d %%"):format(run.percent) end
  if run.differ == 0 and run.unknown > 0 then return ("Отличий нет, не проверить: %s"):format(russian.number(run.unknown)) end
  if run.differ == 0 then return "Ничего не изменится" end
  return russian.plural(run.differ, "%s решение иначе", "%s решения иначе", "%s решений иначе")
end

local function run_rows(card, runs)
  local rows = {}
  for index, run in ipairs(runs) do
    local words, href = STATES[run.state], frame.link(card, "/runs/" .. run.id)
    rows[index] = { href = href, cells = { { text = "№ " .. run.id, href = href, sub = run.who }, { text = words[1], tone = words[2] },
      russian.number(run.done),
      { text = found_words(run), tone = run.state == "done" and run.differ > 0 and "warn" or nil }, "с " .. russian.date(run.since, "long") } }
  end
  return rows
end

-- What can be run: the draft and each version.
local function candidates(request, card)
  local options = card.draft and { { value = "", label = "Черновик" } } or {}
  for _, version in ipairs(service.versions(request.user, card.id, card.organization_id) or {}) do
    options[#options + 1] = { value = version.hash, label = ("%s — %s"):format(frame.short(version.hash), version.comment:sub(1, 60)) }
  end
  return options
end

local function list_page(request, fault)
  local card, err = open(request)
  if not card then return nil, err end
  local runs
  runs, err = dry_runs.list(request.user, card.id, card.organization_id)
  if not runs then return nil, err end
  return frame.page(request, card, "runs", "rules/runs", { rows = run_rows(card, runs), candidates = candidates(request, card), months = MONTHS, fault = fault },
    fault and fault.status)
end

local function start(request)
  local input, err = form.parse(fields.RUN, request:form())
  local id, organization_id = frame.id_of(request)
  local run
  if input then
    run, err = dry_runs.start(request.user, id, { organization_id = organization_id or 0, hash = input.hash ~= "" and input.hash or nil, months = input.months })
  end
  if run then return respond.redirect(frame.link({ id = id, organization_id = organization_id or 0 }, "/runs/" .. run.id)) end
  if err.status == 422 or err.status == 409 then return list_page(request, err) end
  return nil, err
end

-- ---- one run

local function outcome_words(machine, outcome)
  if outcome.to then return { text = "→ " .. workflow.state(machine, outcome.to).label, tone = nil } end
  if outcome.refused == "no_transition" then return { text = "Такого действия нет" } end
  if outcome.refused == "not_allowed" then return { text = "Этой роли нельзя" } end
  return { text = "Отказ", sub = outcome.text ~= "" and outcome.text or outcome.refused }
end

local function case_rows(card, cases)
  local rows = {}
  for index, case in ipairs(cases) do
    local href = case.public_id and "/cabinet/applications/" .. case.public_id or nil
    rows[index] = { cells = {
      { text = case.number and "№ " .. case.number or "дело " .. case.object_id, sub = case.name, href = href },
      { text = workflow.label(card.name, case.action) or case.action, sub = russian.datetime(case.at) },
      outcome_words(card.name, case.before), outcome_words(card.name, case.after),
      { text = case.file and ("%s:%d"):format(case.file:match("[^/]+/[^/]+$") or case.file, case.line or 0) or "—",
        sub = case.is_unsure and "не всё записано" or nil },
    } }
  end
  return rows
end

local function run_of(request, card)
  local run, err = dry_runs.get(request.user, math.tointeger(tonumber(request.params.id)) or 0)
  if not run then return nil, err end
  if run.pack ~= card.id then return nil, errors.not_found("page", run.id) end
  return run
end

local function show(request)
  local card, err = open(request)
  if not card then return nil, err end
  local run
  run, err = run_of(request, card)
  if not run then return nil, err end
  local input
  input, err = form.parse(CASES, request.query)
  if not input then return nil, err end
  local cases, next_cursor = dry_runs.cases(request.user, run.id, input)
  if not cases then return nil, next_cursor end
  local here = frame.link(card, "/runs/" .. run.id)
  return frame.page(request, card, "runs", "rules/run", { run = run, crumb = "Прогон № " .. run.id, title = "Прогон № " .. run.id, words = STATES[run.state],
    rows = case_rows(card, cases), next_page = next_cursor and urls.with(here, { cursor = next_cursor }) or nil, scripts = { "rules.js" },
    events = "/api/v1/rules/dry-runs/" .. run.id .. "/events", done = russian.number(run.done), differ = russian.number(run.differ),
    unknown = russian.number(run.unknown), since = russian.date(run.since, "long"), seconds = ("%.1f"):format((run.ms or 0) / 1000):gsub("%.", ",") })
end

local function cancel(request)
  local card, err = open(request)
  if not card then return nil, err end
  local run
  run, err = run_of(request, card)
  if not run then return nil, err end
  local done
  done, err = dry_runs.cancel(request.user, run.id)
  local here = frame.link(card, "/runs/" .. run.id)
  if done then return respond.redirect(here, { notice = "Прогон остановлен, найденное осталось" }) end
  if err.status == 409 then return respond.redirect(here, { notice = err.text, tone = "info" }) end
  return nil, err
end

local MANAGE = { "rule.manage" }

return {
  { "GET", PATH .. "/runs", function(request) return list_page(request) end, access = MANAGE, summary = "Прогоны правил по прошлым делам" },
  { "POST", PATH .. "/runs", start, access = MANAGE, body = fields.RUN, summary = "Прогнать правила по прошлым делам" },
  { "GET", PATH .. "/runs/{id}", show, access = MANAGE, query = CASES, summary = "Прогон правил: что решилось бы иначе" },
  { "POST", PATH .. "/runs/{id}/cancel", cancel, access = MANAGE, summary = "Остановить прогон правил" },
}
