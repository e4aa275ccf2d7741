--- Work after the answer: rows of table `job`, inserted in the transaction of the request, run by the job worker.
---
---   local id = job.enqueue("applications.import", { file_id = file.id }, { key = "import:" .. file.id })
---
--- Handlers are data of a domain module's init.lua: `jobs = { ["applications.import"] = function(payload, job) … end }`.
--- They return a result (table, kept as JSON) or nil, err; raising means "try again later", err.final "never again".
--- A job runs at least once: it must bear a second run.
local context = require("kit.context")
local core_job = require("core.job")
local errors = require("kit.errors")
local json = require("core.json")
local log = require("core.log")
local session = require("kit.session")
local store = require("kit.store")
local job = {}

local handlers = {}

--- Registers a handler at load.
---@param kind string
---@param fn fun(payload: table, job: table): table?, table?
function job.on(kind, fn)
  if handlers[kind] then error("two handlers for jobs of kind " .. kind, 2) end
  handlers[kind] = fn
end

---@param kind string
---@return boolean
function job.has(kind) return handlers[kind] ~= nil end

--- Forgets all handlers (tests).
function job.reset()
  handlers = {}
end

--- Puts a job into the queue. With a key there is at most one waiting or running job of that key.
---@param kind string
---@param payload table?
---@param options {key: string?, run_at: string?, priority: integer?, max_attempts: integer?}?
---@return integer id of the new job, or of the one that has the key already
function job.enqueue(kind, payload, options)
  local given = options or {}
  local user = context.get().user
  local row = store.insert_job(kind, json.encode(json.object(payload or {})), given.key, given.priority, given.run_at,
    given.max_attempts, user and user.id)
  if not row then row = store.job_of_key(given.key) end
  return row and row.id
end

--- State of a job for people: {id, kind, state, progress, progress_total, progress_text, result, error, created_by …}.
---@param id integer
---@return table? job
---@return kit.Error? err
function job.find(id)
  local row = store.find_job(id)
  if not row then return nil, errors.not_found("job", id) end
  row.result = row.result and json.decode(row.result)
  return row
end

--- Asks a job to stop: a waiting one is gone at once, a running one when it looks.
---@param id integer
---@return boolean did anything change
function job.cancel(id)
  return store.cancel_job(id) > 0
end

--- Inside a job: how far it is.
---@param done integer
---@param total integer
---@param words string?
function job.progress(done, total, words)
  core_job.progress(done, total, words)
end

--- Inside a job: end soon, somebody cancelled it or the worker shuts down.
---@return boolean
function job.is_stopping()
  return core_job.is_stopping()
end

local function actor_of(payload)
  if payload.user_id then
    local user = session.impersonate(math.tointeger(tonumber(payload.user_id)), math.tointeger(tonumber(payload.grant_id)))
    if user then return user end
  end
  return context.SYSTEM
end

local function note_fault(fault)
  log.error("work after a job failed", { reason = type(fault) == "table" and (fault.text or fault.code) or tostring(fault) })
end

local function with_traceback(fault) return type(fault) == "table" and fault or debug.traceback(tostring(fault), 2) end

--- Runs a claimed job: what app.job calls. Payload fields user_id and grant_id make it act as that user.
---@param claimed {id: integer, kind: string, payload: string, attempt: integer}
---@return string? result JSON
---@return table? err {code, text, final}
function job.run(claimed)
  local handler = handlers[claimed.kind]
  if not handler then
    return nil, { code = "unknown_kind", text = "no handler for jobs of kind " .. claimed.kind, final = true }
  end
  local payload = json.decode(claimed.payload) or {}
  local ctx = { id = "job:" .. claimed.id }
  context.enter(ctx)
  ctx.user = actor_of(payload)
  local ok, result, err = xpcall(handler, with_traceback, payload, claimed)
  context.run_later(ctx, note_fault)
  context.leave()
  if not ok then error(result, 0) end
  if result == nil and err then return nil, err end
  return json.encode(type(result) == "table" and result or {})
end

--- Runs fn as the system, for timers: a context of its own.
---@param fn fun()
function job.as_system(fn)
  local ctx = { id = "timer", user = context.SYSTEM }
  context.enter(ctx)
  local ok, err = fn()
  context.run_later(ctx, note_fault)
  context.leave()
  return ok, err
end

return job
