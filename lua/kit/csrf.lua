--- Forged requests. Every unsafe request that rides on a cookie must carry a token that only our pages know; every
--- unsafe request from a browser must come from our own origin.
---
--- The token is "<salt>.<HMAC of the salt under the session's token>": different on every page, so that compression
--- does not leak it. Form field `_csrf`, header X-CSRF-Token. Bearer requests are exempt: no browser sends them by itself.
local crypto = require("core.crypto")
local errors = require("kit.errors")
local settings = require("core.settings")
local csrf = {}

local SAFE = { GET = true, HEAD = true, OPTIONS = true }

local function proof_of(request, salt)
  return crypto.hmac_sha256("csrf|" .. request.token, salt)
end

--- A token for this page; nil for guests.
---@param request kit.Request
---@return string?
function csrf.token(request)
  if not request.token or request.token_kind ~= "cookie" then return nil end
  local made = rawget(request, "csrf_token")
  if not made then
    local salt = request.nonce -- random already, and new on every page
    made = salt .. "." .. proof_of(request, salt)
    rawset(request, "csrf_token", made)
  end
  return made
end

local function is_token(request, given)
  local salt, proof = tostring(given or ""):match("^([%w%-_]+)%.(%x+)$")
  return salt ~= nil and crypto.equal(proof_of(request, salt), proof)
end

local function own_origin(request, origin)
  local public = settings.public_url or ""
  return origin == request:origin() or (public ~= "" and origin == public:gsub("/+$", ""))
end

-- Sec-Fetch-Site cannot be forged by pages and tells the truth even where Origin is "null".
local function is_foreign(request)
  local site = request:header("sec-fetch-site")
  if site then return site ~= "same-origin" and site ~= "none" end
  local origin = request:header("origin")
  return origin ~= nil and not own_origin(request, origin)
end

local function given_token(request)
  local header = request:header("x-csrf-token")
  if header then return header end
  local kind = request:header("content-type")
  if kind and (kind:find("^application/x%-www%-form%-urlencoded") or kind:find("^multipart/form%-data")) then
    return request:form()._csrf
  end
  return nil
end

--- Checks an unsafe request. Call after the session is loaded.
---@param request kit.Request
---@return true? ok
---@return kit.Error? err
function csrf.check(request)
  if SAFE[request.method] or request.token_kind == "bearer" then return true end
  if is_foreign(request) then
    return nil, errors.forbidden("Запрос пришёл с другого сайта и не выполнен.", "foreign_origin")
  end
  if request.token_kind ~= "cookie" or is_token(request, given_token(request)) then return true end
  return nil, errors.forbidden("Страница устарела. Обновите её и повторите.", "csrf")
end

return csrf
