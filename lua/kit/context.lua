--- What runs now: the request or the job of the current coroutine. Audit, transactions and the outbox ask it, so that
--- services need not hand the request down. Fields used: user, ip, id (request id), tx (kit.transaction).
local context = {}

---@class kit.Context
---@field id string? request id, or "job:<id>"
---@field user kit.User?
---@field ip string?
---@field tx table? the open transaction
---@field claim table? idempotency key to be claimed by the first transaction
---@field later function[]? run at the end

--- The actor of timers, jobs and automation.
context.SYSTEM = { is_system = true, is_guest = false, grants = {}, grant = { role = "system", sets = {} } }

-- One entry per running coroutine; removed by leave(), weak for those that are killed.
local current = setmetatable({}, { __mode = "k" })
local running = coroutine.running

--- Enters a context until leave(). Contexts do not nest.
---@param value kit.Context
function context.enter(value)
  current[running()] = value
end

function context.leave()
  current[running()] = nil
end

--- The context of this coroutine. Outside of requests and jobs (load time, tests) an empty one is made.
---@return kit.Context
function context.get()
  local thread = running()
  local value = current[thread]
  if not value then
    value = {}
    current[thread] = value
  end
  return value
end

--- Calls fn once when the request or job is over, whatever became of its transaction: for what must be noted of a failure.
---@param fn fun()
function context.later(fn)
  local value = context.get()
  local list = rawget(value, "later") or {}
  value.later = list
  list[#list + 1] = fn
end

--- Runs fn in a context of its own and puts the former one back.
---@param value kit.Context
function context.with(value, fn, ...)
  local thread = running()
  local former = current[thread]
  current[thread] = value
  local results = table.pack(pcall(fn, ...))
  current[thread] = former
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- Runs what was put off; one that fails does not stop the others.
---@param value kit.Context
---@param on_fault fun(fault: any)
function context.run_later(value, on_fault)
  local list = value.later
  if not list then return end
  value.later = nil
  for _, fn in ipairs(list) do
    local ok, fault = pcall(context.with, { id = value.id, user = value.user, ip = value.ip }, fn)
    if not ok then on_fault(fault) end
  end
end

return context
