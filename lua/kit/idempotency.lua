--- Writes of the API that are sent twice happen once: header Idempotency-Key.
---
---   key new                → the first transaction of the request claims it as its first statement, so that a crash can
---                            neither duplicate the write nor lose the claim; the answer is stored after the commit
---   key known, same body   → the stored answer, with Idempotency-Replayed: true
---   key known, no answer   → 409 in_progress: still running, or the process died between commit and answer
---   key known, other body  → 422 idempotency_mismatch
---   two at once            → the second waits for the first one's commit at the unique key, then as above
---
--- A write that failed left no claim: it may be sent again under the same key. Guests and routes with
--- `idempotent = false` are not covered (answers with tokens must not be stored).
local crypto = require("core.crypto")
local errors = require("kit.errors")
local respond = require("kit.respond")
local store = require("kit.store")
local idempotency = {}

local SAFE = { GET = true, HEAD = true, OPTIONS = true }
local RACE = "idempotency_race"
local MAX_KEY = 200
local MAX_STORED = 256 * 1024

local function key_of(request)
  if SAFE[request.method] or not request.is_api or request.user.is_guest or request.route.idempotent == false then
    return nil
  end
  return request:header("idempotency-key")
end

-- Files are not hashed: their answer is tied to the path and the length.
local function body_hash(request)
  local bytes
  if request:media_type() == "multipart/form-data" then
    bytes = "multipart " .. (request:header("content-length") or "")
  else
    bytes = request:body()
  end
  return crypto.sha256(bytes)
end

local function answer_of(row, claim)
  if row.method ~= claim.method or row.path ~= claim.path or row.body_hash ~= claim.body_hash then
    return nil, errors.new(422, "idempotency_mismatch", "Этот Idempotency-Key уже использован для другого запроса.")
  end
  if not row.status then
    return nil, errors.conflict("in_progress", "Запрос с этим Idempotency-Key уже выполняется или был прерван. Проверьте его результат.")
  end
  return respond.raw_json(row.body or "", row.status, { ["idempotency-replayed"] = "true" })
end

-- First statement of the first transaction.
local function take(ctx)
  local claim = ctx.claim
  local count = store.claim_key(claim.user_id, claim.key, claim.method, claim.path, claim.body_hash)
  if count == 0 then error({ code = RACE }, 0) end
end

local function committed(ctx)
  ctx.claimed = ctx.claim
  ctx.claim = nil
end

--- Before the handler: an answer to send at once, or an error, or nothing (go on).
---@param request kit.Request
---@return kit.Response? answer
---@return kit.Error? err
function idempotency.begin(request)
  local key = key_of(request)
  if not key then return nil end
  if #key > MAX_KEY or not key:find("^[%g ]+$") then
    return nil, errors.malformed("bad_idempotency_key", "Idempotency-Key: до 200 печатных знаков ASCII.")
  end
  local claim = {
    user_id = request.user.id, key = key, method = request.method, path = request.path, body_hash = body_hash(request),
    take = take, committed = committed,
  }
  local row = store.find_key(claim.user_id, key)
  if row then return answer_of(row, claim) end
  request.claim = claim
  return nil
end

--- Did the handler end because another request holds the key?
---@param fault any what was raised
---@return boolean
function idempotency.is_race(fault)
  return type(fault) == "table" and fault.code == RACE
end

--- The answer of the request that won.
---@param request kit.Request
---@return kit.Response? answer
---@return kit.Error? err
function idempotency.loser(request)
  local claim = request.claim
  request.claim = nil
  local row = store.find_key(claim.user_id, claim.key)
  if not row then return nil, errors.unavailable() end
  return answer_of(row, claim)
end

--- After the handler: keeps its answer.
---@param request kit.Request
---@param response kit.Response
function idempotency.finish(request, response)
  local claim = request.claimed
  if not claim or response.status >= 500 then return end
  local body = response.body
  if body == nil or (type(body) == "string" and #body <= MAX_STORED) then
    store.finish_key(claim.user_id, claim.key, response.status, body)
  end
end

return idempotency
