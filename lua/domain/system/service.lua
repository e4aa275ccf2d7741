--- What is going on, and what is wrong: in words, with what to do.
local audit = require("kit.audit")
local clock = require("core.clock")
local errors = require("kit.errors")
local job = require("kit.job")
local json = require("core.json")
local policy = require("domain.system.policy")
local published = require("kit.published")
local russian = require("kit.russian")
local setting = require("kit.setting")
local settings = require("core.settings")
local store = require("domain.system.store")
local system = require("core.system")
local transaction = require("kit.transaction")
local service = {}

local DISK_MIN = 2 * 1024 * 1024 * 1024
local LONG_QUERY_S, LONG_WAIT_S = 60, 600
local TLS_DAYS = 21

-- {worker → {name → value}} from the text of /metrics; labels but worker and lane are left out.
local function metrics_by_worker(text)
  local workers = {}
  for name, labels, value in (text or ""):gmatch("([%w_]+){([^}]*)} ([%d%.e+-]+)") do
    local who, lane = labels:match('worker="([^"]*)"'), labels:match('lane="([^"]*)"')
    if who then
      workers[who] = workers[who] or { lanes = {} }
      local place = workers[who]
      if lane then
        place.lanes[lane] = place.lanes[lane] or {}
        place = place.lanes[lane]
      end
      place[name] = (place[name] or 0) + tonumber(value)
    end
  end
  return workers
end

local function node()
  local text = system.ask("status")
  local status = text and json.decode(text)
  if not status then return nil end
  local metrics = metrics_by_worker(system.ask("metrics"))
  for _, child in ipairs(status.children) do
    local found = metrics[child.name] or { lanes = {} }
    child.requests, child.in_flight, child.connections, child.lanes =
      found.copp_requests_total, found.copp_requests_in_flight, found.copp_connections, found.lanes
  end
  return status
end

-- ---- what is wrong

local function add(problems, tone, title, text) problems[#problems + 1] = { tone = tone, title = title, text = text } end

local function node_problems(problems, status)
  if not status then
    return add(
      problems,
      "bad",
      "Главный процесс не отвечает.",
      "Проверьте журнал службы: journalctl -u copp."
    )
  end
  for _, child in ipairs(status.children) do
    if not child.ready then
      add(
        problems,
        "bad",
        ("Процесс %s не готов."):format(child.name),
        "Он перезапускается сам; если долго — причина в журнале службы."
      )
    end
  end
  if status.without_published then
    add(
      problems,
      "bad",
      "Платформа запущена без опубликованного.",
      "Оно не подошло к этой версии. Причина — в списке публикаций ниже; исправьте файл и опубликуйте снова."
    )
  end
  if status.disk and status.disk.free < DISK_MIN then
    add(
      problems,
      "bad",
      ("На диске осталось %s."):format(russian.size(status.disk.free)),
      "Освободите место или расширьте диск: без него остановится база."
    )
  end
  if status.tls_expires then
    local days = (status.tls_expires - clock.now()) // 86400
    if days < TLS_DAYS then
      add(
        problems,
        days < 3 and "bad" or "warn",
        ("Сертификат HTTPS действует ещё %s."):format(
          russian.plural(math.max(0, days // 1 | 0), "%s день", "%s дня", "%s дней")
        ),
        "Обновите файлы tls_cert и tls_key и перезапустите платформу."
      )
    end
  end
end

local function database_problems(problems, database)
  if database.longest_s > LONG_QUERY_S then
    add(
      problems,
      "warn",
      ("Запрос к базе выполняется %s."):format(
        russian.plural(database.longest_s, "%s секунду", "%s секунды", "%s секунд")
      ),
      "Если это не отчёт и не копия, найдите его в pg_stat_activity."
    )
  end
  if database.connections > database.max_connections * 0.9 then
    add(
      problems,
      "warn",
      "Соединения с базой почти кончились.",
      "Увеличьте max_connections или уменьшите число процессов (COPP_WORKERS)."
    )
  end
  if not database.is_audit_guarded then
    add(
      problems,
      "warn",
      "Журнал действий защищён только триггером.",
      "Платформа работает с базой от имени владельца таблиц, а он может отключить триггер. Заведите роль copp_app: «Свой PostgreSQL» в docs/operator.md."
    )
  end
end

local function queue_problems(problems, queues)
  if queues.jobs_dead > 0 then
    add(
      problems,
      "warn",
      ("Не выполнено заданий: %d."):format(queues.jobs_dead),
      "Посмотрите причину и повторите на странице «Фоновые задания»."
    )
  end
  if queues.oldest_s > LONG_WAIT_S then
    add(
      problems,
      "warn",
      "Задания ждут больше десяти минут.",
      "Проверьте, что процесс job-1 работает."
    )
  end
  if queues.mail_failed > 0 then
    add(
      problems,
      "warn",
      ("Не ушло писем: %d."):format(queues.mail_failed),
      "Причина — у письма на странице «Исходящая почта»."
    )
  end
  if not settings.smtp_url or settings.smtp_url == "" then
    add(
      problems,
      "warn",
      "Почтовый сервер не настроен.",
      "Письма ждут в «Исходящей почте». Задайте COPP_SMTP_URL и перезапустите."
    )
  end
end

local function backup_problems(problems, list)
  if setting.get("system.backup_dir") == "" then
    return add(
      problems,
      "warn",
      "Резервные копии по расписанию не настроены.",
      "Задайте каталог в настройках или запускайте ./copp backup сами."
    )
  end
  local last = list[1]
  if last and last.state == "failed" then
    add(problems, "bad", "Последняя резервная копия не удалась.", last.error or "")
  end
  if last and last.verify_error then
    add(problems, "bad", "Последняя резервная копия не проверилась.", last.verify_error)
  end
end

local function audit_problems(problems, check)
  if check and check.broken then
    add(
      problems,
      "bad",
      ("Журнал действий изменён: запись %d не сходится."):format(check.broken),
      "Сохраните резервную копию и журналы базы, сообщите ответственному за безопасность."
    )
  end
end

--- Everything that the page of the system shows.
---@return table? state {problems, node, database, queues, backups, check, changes}
---@return kit.Error? err
function service.state(user)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local state = {
    problems = {},
    node = node(),
    database = store.database(),
    queues = store.queues(),
    backups = store.backups(5),
    check = store.last_check(),
    changes = published.changes(nil, 10),
  }
  node_problems(state.problems, state.node)
  database_problems(state.problems, state.database)
  queue_problems(state.problems, state.queues)
  backup_problems(state.problems, state.backups)
  audit_problems(state.problems, state.check)
  table.sort(state.problems, function(a, b) return a.tone == "bad" and b.tone ~= "bad" end)
  return state
end

--- Loads rules and views anew.
---@return table? change
---@return kit.Error? err 422 with file, line and reason
function service.reload(user)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  return published.reload()
end

-- ---- jobs

---@return table[]? rows
---@return string|kit.Error|nil next_cursor or the error
function service.jobs(user, input)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  return store.JOBS:page({ filters = { state = input.state, kind = input.kind }, cursor = input.cursor, limit = input.limit })
end

-- An act on a job, with its audit.
local function act(user, id, action, run)
  local ok, err = policy.need_manage(user)
  if not ok then return nil, err end
  local found
  found, err = job.find(id or 0)
  if not found then return nil, err end
  return transaction.run(function()
    if not run(found.id) then
      return nil,
        errors.conflict(
          "wrong_state",
          "Задание уже в другом состоянии. Обновите страницу."
        )
    end
    audit.write(action, "job", found.id, { kind = { found.kind, found.kind } })
    return true
  end)
end

---@return true? ok
---@return kit.Error? err
function service.retry(user, id)
  return act(user, id, "job.retry", function(key) return store.retry_job(key) > 0 end)
end

---@return true? ok
---@return kit.Error? err
function service.cancel(user, id) return act(user, id, "job.cancel", job.cancel) end

return service
