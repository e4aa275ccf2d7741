--- Pages of the state of the platform and of background jobs.
local backups = require("domain.system.backups")
local fields = require("domain.system.fields")
local form = require("kit.form")
local policy = require("domain.system.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.system.service")

local BASE, JOBS = "/admin/system", "/admin/jobs"

-- Kinds of connections to the database.
local LANES = { fast = "чтение", tx = "запись", slow = "отчёты" }

local function label_of(list, value)
  for _, option in ipairs(list) do
    if option.value == value then return option.label end
  end
  return value
end

local function number(value) return value and russian.number(math.tointeger(value) or math.floor(value)) or "—" end

local function worker_rows(node)
  local rows = {}
  for i, child in ipairs(node and node.children or {}) do
    local lanes = {}
    for _, name in ipairs({ "fast", "tx", "slow" }) do
      local lane = child.lanes[name]
      if lane then lanes[#lanes + 1] = ("%s %d/%d"):format(LANES[name], lane.copp_db_in_flight or 0, lane.copp_db_queued or 0) end
    end
    rows[i] = {
      cells = {
        { text = child.name, sub = "pid " .. child.pid },
        { text = child.ready and "Работает" or "Запускается", tone = child.ready and "ok" or "bad" },
        russian.size(child.memory_kb * 1024),
        number(child.requests),
        number(child.connections),
        table.concat(lanes, ", "),
        number(child.age_s // 60),
      },
    }
  end
  return rows
end

local STATES = { done = { "Готова", "ok" }, failed = { "Не удалась", "bad" }, running = { "Идёт", "info" } }
local CHANGES = {
  accepted = { "Действует", "ok" },
  refused = { "Отклонено", "bad" },
  waiting = { "Ждёт", "info" },
  checking = { "Проверяется", "info" },
}

local function backup_rows(list)
  local rows = {}
  for i, run in ipairs(list) do
    local words = STATES[run.state]
    rows[i] = {
      cells = {
        russian.datetime(run.started_at),
        { text = run.path, sub = run.error or run.verify_error },
        run.size_bytes and russian.size(run.size_bytes) or "—",
        { text = words[1], tone = words[2] },
        run.verified_at and "проверена " .. russian.datetime(run.verified_at) or "не проверена",
      },
    }
  end
  return rows
end

local function change_rows(list)
  local rows = {}
  for i, change in ipairs(list) do
    local words = CHANGES[change.state]
    local where = change.file and ("%s, строка %s"):format(change.file:gsub("^published/", ""), tostring(change.line or 0))
      or nil
    rows[i] = {
      cells = {
        russian.datetime(change.created_at),
        { text = change.summary, sub = change.who },
        { text = words[1], tone = words[2] },
        { text = change.reason or table.concat(change.paths or {}, ", "), sub = where },
      },
    }
  end
  return rows
end

local function show(request)
  local state, err = service.state(request.user)
  if not state then return nil, err end
  local node = state.node
  return respond.page(request, "system/show", {
    title = "Состояние",
    nav = "system",
    problems = state.problems,
    node = node,
    database = state.database,
    queues = state.queues,
    check = state.check,
    workers = worker_rows(node),
    backups = backup_rows(state.backups),
    changes = change_rows(state.changes),
    can_manage = policy.can_manage(request.user),
  })
end

local function reload(request)
  local change, err = service.reload(request.user)
  if change then return respond.redirect(BASE, { notice = "Правила и страницы перезагружены" }) end
  if err.status == 403 then return nil, err end
  return respond.redirect(BASE, { tone = "bad", notice = err.text })
end

local function backup(request)
  local id, err = backups.ask(request.user)
  if id then return respond.redirect(BASE, { notice = "Резервная копия делается", tone = "info" }) end
  if err.status == 403 then return nil, err end
  return respond.redirect(BASE, { tone = "bad", notice = err.text })
end

-- ---- jobs

local function job_row(found)
  local progress = found.state == "running"
      and found.progress_total > 0
      and (" %d из %d"):format(found.progress, found.progress_total)
    or ""
  return {
    id = found.id,
    state = found.state,
    cells = {
      { text = tostring(found.id), sub = russian.datetime(found.created_at) },
      { text = fields.KINDS[found.kind] or found.kind, sub = found.kind },
      { text = label_of(fields.STATES, found.state) .. progress, tone = fields.TONES[found.state] },
      ("%d из %d"):format(found.attempts, found.max_attempts),
      { text = found.error or "", sub = found.who },
    },
  }
end

local function jobs(request)
  local input, err = form.parse(fields.JOBS, request.query_all)
  if not input then return nil, err end
  local found, next_cursor = service.jobs(request.user, input)
  if not found then return nil, next_cursor end
  local rows = {}
  for i, one in ipairs(found) do
    rows[i] = job_row(one)
  end
  return respond.page(
    request,
    "system/jobs",
    {
      title = "Фоновые задания",
      nav = "system",
      rows = rows,
      next_cursor = next_cursor,
      input = input,
      query = request.query_all,
      states = fields.STATES,
      can_manage = policy.can_manage(request.user),
    }
  )
end

local function act(run, notice)
  return function(request)
    local ok, err = run(request.user, math.tointeger(tonumber(request.params.id)))
    if ok then return respond.redirect(JOBS, { notice = notice }) end
    if err.status ~= 409 then return nil, err end
    return respond.redirect(JOBS, { notice = err.text, tone = "bad" })
  end
end

local READ, MANAGE = { "system.read" }, { "system.manage" }

return {
  { "GET", BASE, show, access = READ, summary = "Состояние платформы" },
  { "POST", BASE .. "/reload", reload, access = MANAGE, summary = "Перезагрузить правила" },
  { "POST", BASE .. "/backup", backup, access = MANAGE, summary = "Сделать резервную копию" },
  { "GET", JOBS, jobs, access = READ, query = fields.JOBS, summary = "Фоновые задания" },
  {
    "POST",
    JOBS .. "/{id}/retry",
    act(service.retry, "Задание поставлено в очередь"),
    access = MANAGE,
    summary = "Повторить задание",
  },
  {
    "POST",
    JOBS .. "/{id}/cancel",
    act(service.cancel, "Задание отменено"),
    access = MANAGE,
    summary = "Отменить задание",
  },
}
