--- The list of applications for clerks: filters, counters, exports, actions on many at once.
local access = require("kit.access")
local applications = require("domain.applications")
local audit = require("kit.audit")
local clock = require("core.clock")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.inbox.fields")
local job = require("kit.job")
local list = require("kit.table")
local personal = require("kit.personal")
local policy = require("domain.inbox.policy")
local russian = require("kit.russian")
local session = require("kit.session")
local store = require("domain.inbox.store")
local text = require("core.text")
local workflow = require("kit.workflow")
local service = {}

local COUNT_LIMIT = 1000
local FAILURES_KEPT = 500
local PATH = "/cabinet/applications"
local EXPORT_JOB = "applications.export"
local BULK_JOB = "applications.bulk"

local function state_label(row) return workflow.state("application", row.state).label end

service.TABLE = list.new({
  keyset = store.LIST, schema = fields.LIST, path = PATH,
  columns = {
    { key = "submitted_at", label = "Поступила", sort = "newest", value = function(row) return russian.datetime(row.submitted_at, "numeric") end },
    { key = "number", label = "Номер" },
    { key = "person_name", label = "Заявитель", width = 34 },
    { key = "category", label = "Категория", width = 24 },
    { key = "program", label = "Программа", width = 50 },
    { key = "organization", label = "Организация", width = 30 },
    { key = "state", label = "Статус", value = state_label, width = 22 },
    { key = "sla_due_at", label = "Срок ответа", sort = "due",
      value = function(row) return row.sla_due_at and russian.datetime(row.sla_due_at, "numeric") or "" end },
    { key = "responsible", label = "Ответственный", width = 24 },
  },
})

local function escape_like(value)
  return (value:gsub("[\\%%_]", "\\%0"))
end

-- A word of the search is a number of an application, or part of a name or of a programme.
local function search(filters, typed)
  local word = typed and text.trim(typed) or ""
  filters.q = false
  if word == "" then return end
  local number = word:gsub("^№%s*", ""):match("^%d%d%d%d%-%d+$")
  if number then
    filters.number = number
    return
  end
  local like = escape_like(word)
  local ids = store.matches(like)
  if ids then filters.found = db.array(ids) else filters.q = like end
end

local function narrow(filters, query_all, user)
  local responsible = query_all.responsible and query_all.responsible[1]
  filters.responsible = false
  if responsible == "mine" then filters.mine = user.id end
  if responsible == "none" then filters.unassigned = true end
  local days = fields.PERIOD_DAYS[query_all.period and query_all.period[1] or ""]
  filters.period = false
  if days then filters.from = russian.add_days(clock.date(), -days) end
  local sort = query_all.sort and query_all.sort[1] or ""
  if sort:find("due") then filters.has_deadline = true end
  -- Who gets no names may not try them by the search either: numbers are found.
  local typed = query_all.q and query_all.q[1]
  if typed and personal.hides_names(user) and not typed:find("^[№%s%d%-]*$") then filters.q, filters.found = false, db.array({})
  else search(filters, typed) end
  return filters
end

-- Filters that come from who asks and from how the query is read.
local function scope_of(user, query_all)
  local kind, scope = policy.scope(user)
  if not kind then return nil, scope end
  if kind == "own" then return nil, errors.forbidden("Список заявок открыт сотрудникам центра и организаций-партнёров.") end
  local filters = {}
  for name, value in pairs(scope) do filters[name] = value end
  return narrow(filters, query_all, user)
end

local function hide_names(user, rows)
  for _, row in ipairs(rows) do row.person_name = personal.name(user, row.person_name) end
  return rows
end

--- Has this user a list of clerks, or only applications of his own?
---@return boolean
function service.is_clerk(user)
  return policy.scope(user) == "list"
end

--- A page of the list.
---@return table? found of kit.table
---@return kit.Error? err
function service.read(user, query_all)
  local scope, err = scope_of(user, query_all)
  if not scope then return nil, err end
  local found
  found, err = service.TABLE:read(query_all, scope)
  if found then hide_names(user, found.rows) end
  return found, err
end

--- A page without counting, for the API.
---@return table[]? rows
---@return string|kit.Error|nil next_cursor or the error
function service.page(user, query_all)
  local scope, err = scope_of(user, query_all)
  if not scope then return nil, err end
  local asked
  asked, err = service.TABLE:ask(query_all, scope)
  if not asked then return nil, err end
  local rows, cursor = store.LIST:page(asked)
  return rows and hide_names(user, rows), cursor
end

--- How many wait for what: submitted, overdue, docs_review, mine; counting stops at COUNT_LIMIT + 1.
function service.counts(user)
  local organization_id = user.grant and user.grant.role == "partner" and user.grant.organization_id or nil
  return store.counters(organization_id, user.id, COUNT_LIMIT + 1)
end

--- Numbers above the list.
function service.counters(user)
  local words = {}
  for name, n in pairs(service.counts(user)) do words[name] = list.count_words(math.min(n, COUNT_LIMIT), n > COUNT_LIMIT) end
  return words
end

--- Those whose deadline comes first.
---@return table[]
function service.urgent(user, limit)
  local rows = service.page(user, { sort = { "due" }, limit = { tostring(limit) } })
  return rows or {}
end

function service.organizations() return store.organizations() end

-- ---- exports

local function need_export(user, query_all)
  local ok, err = access.need(user, "application.export")
  if not ok then return nil, err end
  return scope_of(user, query_all)
end

-- Many names leave the platform only with a reason.
local function reason_for(query_all, scope)
  local asked, err = service.TABLE:ask(query_all, scope)
  if not asked then return nil, err end
  local limit, reason = personal.export_limit(), query_all.reason and query_all.reason[1]
  local count, is_capped = store.LIST:count(asked.filters, limit)
  local ok
  ok, err = personal.need_reason(is_capped and limit + 1 or count, reason)
  if not ok then return nil, err end
  return reason or ""
end

local function record_export(query_all, kind, reason)
  local words = {}
  for name, values in pairs(query_all) do
    if name ~= "reason" then words[#words + 1] = name .. "=" .. table.concat(values, ",") end
  end
  table.sort(words)
  audit.write("application.export", "application", nil, { kind = { nil, kind }, filter = { nil, table.concat(words, "&") } },
    reason ~= "" and reason or nil)
end

--- The list under these filters as CSV, streamed. Who took the data out is on record.
function service.csv(user, query_all)
  local scope, err = need_export(user, query_all)
  if not scope then return nil, err end
  local reason
  reason, err = reason_for(query_all, scope)
  if not reason then return nil, err end
  record_export(query_all, "csv", reason)
  return service.TABLE:csv("Заявки", query_all, scope)
end

--- The same as XLSX; a long one becomes a job.
function service.xlsx(user, query_all)
  local scope, err = need_export(user, query_all)
  if not scope then return nil, err end
  local reason
  reason, err = reason_for(query_all, scope)
  if not reason then return nil, err end
  record_export(query_all, "xlsx", reason)
  return service.TABLE:xlsx("Заявки", query_all, scope, EXPORT_JOB, user)
end

local function run_export(payload)
  local user = session.current()
  local scope, err = need_export(user, payload.query)
  if not scope then return nil, err end
  local asked
  asked, err = service.TABLE:ask(payload.query, scope)
  if not asked then return nil, err end
  asked.cursor = nil
  local stored = service.TABLE:write_xlsx(payload.title, asked)
  return { file_id = stored.public_id, name = stored.name }
end

-- ---- many at once

local function act_on(user, action, public_id, input)
  if action == "assign" then return applications.assign(user, public_id, input.responsible_id) end
  return applications.transition(user, public_id, action, {
    reason = input.reason, data = input.documents and { documents = input.documents } or nil,
  })
end

--- Does the action to each application in a transaction of its own; one refusal does not stop the others.
---@param rows {public_id: string, number: string, person_name: string}[]
---@param on_row fun(done: integer)?
---@return {action: string, done: integer, failed: integer, failures: table[]}
function service.run(user, action, rows, input, on_row)
  local result = { action = action, done = 0, failed = 0, failures = {} }
  for index, row in ipairs(rows) do
    local ok, err = act_on(user, action, row.public_id, input)
    if ok then
      result.done = result.done + 1
    else
      result.failed = result.failed + 1
      if #result.failures < FAILURES_KEPT then
        table.insert(result.failures, { id = row.public_id, number = row.number, name = row.person_name, code = err.code, text = err.text })
      end
    end
    if on_row and on_row(index) == false then break end
  end
  return result
end

--- The applications a bulk action is about: the ticked ones, or all under the filters.
---@param chosen {ids: string[]?, query_all: table?}
---@return table[]? rows at most `limit` + 1
---@return kit.Error? err
function service.chosen(user, chosen, limit)
  local scope, err = scope_of(user, chosen.query_all or {})
  if not scope then return nil, err end
  local filters = scope
  if chosen.ids then
    filters.ids = db.array(chosen.ids)
  else
    local asked
    asked, err = service.TABLE:ask(chosen.query_all, scope)
    if not asked then return nil, err end
    filters = asked.filters
  end
  local rows = {}
  local _, fault = store.LIST:each({ filters = filters }, function(row)
    rows[#rows + 1] = row
    return not limit or #rows <= limit
  end)
  if fault then return nil, fault end
  return rows
end

--- How many are under these filters: «1 000+».
function service.count(user, query_all)
  local scope, err = scope_of(user, query_all)
  if not scope then return nil, err end
  local asked
  asked, err = service.TABLE:ask(query_all, scope)
  if not asked then return nil, err end
  local n, is_capped = store.LIST:count(asked.filters, 100000)
  return list.count_words(n, is_capped), n
end

--- Queues the action for all under the filters.
---@return integer job id
function service.enqueue(user, action, query_all, input)
  return job.enqueue(BULK_JOB, { action = action, query = query_all, input = input, user_id = user.id, grant_id = user.grant.id },
    { priority = 80, max_attempts = 3 })
end

local function run_bulk(payload)
  local user = session.current()
  local rows, err = service.chosen(user, { query_all = payload.query })
  if not rows then return nil, err end
  return service.run(user, payload.action, rows, payload.input or {}, function(done)
    if done % 20 == 0 or done == #rows then job.progress(done, #rows, ("%d из %d"):format(done, #rows)) end
    return not job.is_stopping()
  end)
end

--- The user's own job of that kind.
---@return table? job
---@return kit.Error? err
function service.bulk_job(user, id)
  local found, err = job.find(id or 0)
  if not found then return nil, err end
  if found.kind ~= BULK_JOB or found.created_by ~= user.id then return nil, errors.not_found("job", id) end
  return found
end

service.jobs = { [EXPORT_JOB] = run_export, [BULK_JOB] = run_bulk }

return service
