--- All or nothing. Nested runs join the outer one; serialisation faults and deadlocks are tried again.
---
---   return transaction.run(function()
---     local row, err = store.insert(…)
---     if not row then return nil, err end       -- rolls back
---     audit.write("group.create", "group", row.id, …)
---     return row                                -- commits
---   end)
---
--- fn may run more than once: keep other side effects (mail, files) out of it, or make them rows of the same transaction.
local context = require("kit.context")
local db = require("core.db")
local errors = require("kit.errors")
local transaction = {}

local MAX_RETRIES = 3

local function is_refusal(results)
  return not results[2] and results.n >= 3 and results[3] ~= nil
end

local function is_retry(err)
  return type(err) == "table" and err.code == "retry"
end

-- The connection may be gone: the core has rolled back by itself then.
local function roll_back(ctx)
  ctx.tx = nil
  db.rollback()
end

local function commit(ctx, tx)
  ctx.tx = nil
  if tx.failed then
    db.rollback()
    return nil, tx.failed
  end
  local ok, err = db.commit()
  if ok == nil or ok == false then return nil, err or { code = "unavailable", text = "commit failed" } end
  return true
end

-- One attempt. Returns "done", results | "retry", err.
local function attempt(ctx, fn, mode)
  local ok, err = db.begin(mode)
  if ok == nil and err then error(err, 0) end
  local tx = { hooks = nil }
  ctx.tx = tx
  local results = table.pack(pcall(function()
    if ctx.claim then ctx.claim.take(ctx) end
    return fn()
  end))
  if not results[1] then
    roll_back(ctx)
    if is_retry(results[2]) then return "retry", results[2] end
    error(results[2], 0)
  end
  if is_refusal(results) then
    roll_back(ctx)
    return "done", results
  end
  ok, err = commit(ctx, tx)
  if ok then
    if ctx.claim then ctx.claim.committed(ctx) end
    for _, hook in ipairs(tx.hooks or {}) do hook() end
    return "done", results
  end
  if is_retry(err) then return "retry", err end
  local known = errors.from(err)
  if known and known.status == 409 then return "done", { true, nil, known, n = 3 } end
  error(err, 0)
end

--- Runs fn in a transaction and returns its results. `nil, err` (or `false, err`) and raised errors roll back.
---@param fn fun(): ...
---@param mode string? isolation for BEGIN: nil (read committed), "repeatable read", "serializable"
---@return ... results of fn, or nil, kit.Error
function transaction.run(fn, mode)
  local ctx = context.get()
  if ctx.tx then return fn() end
  if ctx.user and ctx.user.preview then return nil, errors.in_preview() end
  local fault
  for _ = 0, MAX_RETRIES do
    local verdict, results = attempt(ctx, fn, mode)
    if verdict == "done" then return table.unpack(results, 2, results.n) end
    fault = results
  end
  error(fault, 0)
end

--- Runs fn inside a savepoint of the open transaction: a refused statement undoes only what fn did.
---@param fn fun(): ...
---@return ... results of fn
function transaction.attempt(fn)
  local ctx = context.get()
  if not ctx.tx then return transaction.run(fn) end
  ctx.tx.depth = (ctx.tx.depth or 0) + 1
  local name = "kit_" .. ctx.tx.depth
  db.exec("SAVEPOINT " .. name)
  local results = table.pack(pcall(fn))
  local failed = not results[1] or is_refusal(results) or ctx.tx.failed
  db.exec((failed and "ROLLBACK TO SAVEPOINT " or "RELEASE SAVEPOINT ") .. name)
  ctx.tx.depth = ctx.tx.depth - 1
  local refusal = ctx.tx.failed
  ctx.tx.failed = nil
  if not results[1] then error(results[2], 0) end
  if refusal and not is_refusal(results) then return nil, refusal end
  return table.unpack(results, 2, results.n)
end

--- Calls fn once after the commit of the open transaction (at once when there is none).
---@param fn fun()
function transaction.after_commit(fn)
  local tx = context.get().tx
  if not tx then return fn() end
  tx.hooks = tx.hooks or {}
  table.insert(tx.hooks, fn)
end

---@return boolean
function transaction.is_open()
  return context.get().tx ~= nil
end

return transaction
