--- The journal of actions: who did what, and whether anybody has tampered with it.
local audit = require("kit.audit")
local db = require("core.db")
local fields = require("domain.audit.fields")
local job = require("kit.job")
local list = require("kit.table")
local log = require("core.log")
local policy = require("domain.audit.policy")
local present = require("domain.audit.present")
local roles = require("kit.roles")
local russian = require("kit.russian")
local session = require("kit.session")
local store = require("domain.audit.store")
local transaction = require("kit.transaction")
local service = {}

local PATH = "/admin/audit"
local NEAR = 20000 -- rows: so many are read backwards faster than an index is asked
local EXPORT_JOB = "audit.export"
local TITLE = "Журнал действий"

service.TABLE = list.new({
  keyset = store.LIST,
  schema = fields.LIST,
  path = PATH,
  columns = {
    { key = "at", label = "Когда", width = 20, value = function(row) return russian.datetime(row.at, "numeric") end },
    { key = "who", label = "Кто", width = 28, value = present.who },
    { key = "role", label = "Роль", width = 16, value = function(row) return row.role and roles.name(row.role) or "" end },
    { key = "action", label = "Действие", width = 28, value = function(row) return present.action(row) or row.action end },
    { key = "entity", label = "Объект", width = 24, value = present.object },
    { key = "entity_id", label = "Номер", width = 10 },
    { key = "changes", label = "Что изменилось", width = 60, value = present.changes },
    { key = "reason", label = "Основание", width = 40 },
    { key = "ip", label = "Адрес", width = 16 },
    { key = "request_id", label = "Запрос", width = 26 },
  },
})

local function ids_of(rows)
  local ids = {}
  for index, row in ipairs(rows) do
    ids[index] = row.id
  end
  return db.array(ids)
end

local function escape_like(word) return (word:gsub("[\\%%_]", "\\%0")) end

-- What was typed, as filters of the list.
local function ask(query_all)
  local asked, err = service.TABLE:ask(query_all)
  if not asked then return nil, err end
  local filters = asked.filters
  if filters.q then filters.users = ids_of(store.users(filters.q)) end
  filters.q = nil
  if filters.action and not filters.action:find(".", 1, true) then
    filters.actions, filters.action = filters.action, nil
  end
  if filters.text then filters.text = escape_like(filters.text) end
  return asked
end

local function page(filters, asked)
  return store.LIST:page({ filters = filters, cursor = asked.cursor, limit = asked.limit })
end

-- A word that stands in many rows fills a page at once; for a rare one the whole journal is asked by its index.
local function page_of_word(asked)
  local near, before = {}, asked.cursor and math.tointeger(tonumber(asked.cursor:match("~(%d+)$"))) or store.last_id()
  for name, value in pairs(asked.filters) do near[name] = value end
  near.text, near.text_near, near.near = nil, asked.filters.text, math.max(0, before - NEAR)
  local rows, next_cursor = page(near, asked)
  if not rows or next_cursor then return rows, next_cursor end
  return page(asked.filters, asked)
end

--- Events, newest first.
---@param query_all table filters of fields.LIST
---@return table? result {items, next_cursor, input}
---@return kit.Error? err
function service.list(user, query_all)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local asked
  asked, err = ask(query_all)
  if not asked then return nil, err end
  local rows, next_cursor
  if asked.filters.text then
    rows, next_cursor = page_of_word(asked)
  else
    rows, next_cursor = page(asked.filters, asked)
  end
  if not rows then return nil, next_cursor end
  return { items = rows, next_cursor = next_cursor, input = asked.input }
end

-- ---- export

local function without_reason(query_all)
  local rest, words = {}, {}
  for name, values in pairs(query_all) do
    if name ~= "cursor" then
      rest[name] = values
      words[#words + 1] = name .. "=" .. table.concat(values, ",")
    end
  end
  table.sort(words)
  return rest, table.concat(words, "&")
end

--- The journal under these filters as a file; a long XLSX becomes a job. That it was taken out, and why, is on record first.
---@param input {format: "csv"|"xlsx", reason: string}
---@return kit.Response? response
---@return kit.Error? err
function service.export(user, query_all, input)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local rest, words = without_reason(query_all)
  local asked
  asked, err = ask(rest)
  if not asked then return nil, err end
  audit.write("audit.export", "audit_event", nil, { kind = { nil, input.format }, filter = { nil, words } }, input.reason)
  if input.format == "csv" then return service.TABLE:csv_of(TITLE, asked) end
  return service.TABLE:xlsx_of(TITLE, asked, rest, EXPORT_JOB, user)
end

local function run_export(payload)
  local ok, err = policy.need_read(session.current())
  if not ok then return nil, err end
  local asked
  asked, err = ask(payload.query)
  if not asked then return nil, err end
  local stored = service.TABLE:write_xlsx(payload.title, asked)
  return { file_id = stored.public_id, name = stored.name }
end

--- Events of one object, newest first: for its own page. The caller has checked who may.
function service.of_object(entity, id) return store.of_object(entity, id, 100) end

service.JOB = "audit.verify"

--- Asks for a verification of the chain: a job, since millions of rows take minutes.
---@return integer? job_id
---@return kit.Error? err
function service.verify(user)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  return transaction.run(
    function()
      return job.enqueue(
        service.JOB,
        { asked_by = user.id, user_id = user.id, grant_id = user.grant and user.grant.id },
        { key = service.JOB, max_attempts = 2 }
      )
    end
  )
end

--- The last verification: {checked_at, checked, broken?}, nil before the first.
function service.last_check() return store.last_check() end

--- Recomputes the chain of hashes: job, and timer of each night.
---@param payload {asked_by: integer?}
---@return table result {broken?, sealed, waiting}
function service.check(payload)
  local result = store.verify()
  transaction.run(function()
    store.note_check(result.sealed, result.broken, math.tointeger(payload.asked_by))
    audit.write("audit.verify", "audit_event", nil, { broken = { nil, result.broken }, sealed = { nil, result.sealed } })
    return true
  end)
  if result.broken then log.error("audit chain is broken", { position = result.broken }) end
  return result
end

service.jobs = { [service.JOB] = service.check, [EXPORT_JOB] = run_export }

return service
