--- A plain provider of OpenID Connect: discovery, PKCE, nonce, keys of the provider. A driver, as domain/signin/esia.
local clock = require("core.clock")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local esia = require("domain.signin.esia")
local http = require("domain.signin.http")
local jwt = require("domain.signin.jwt")
local secret = require("kit.secret")
local sign = require("core.sign")
local oidc = {}

local KEEP_S = 3600
local QUERY = { "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method" }
local FORM = { "grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier" }

local known = {} -- url → { json, until_s }: what providers publish, kept for an hour in each worker

local function issuer_of(provider)
  return provider.is_mock and http.own_origin() .. "/dev/oidc" or (provider.issuer or ""):gsub("/+$", "")
end

local function published(provider, url, is_fresh)
  local kept, now = known[url], clock.now()
  if kept and kept.until_s > now and not is_fresh then return kept.json end
  local answer, err = http.ask({ url = url, is_own = provider.is_mock, headers = { Accept = "application/json" } }, "oidc discovery")
  if not answer then return nil, err end
  if answer.status ~= 200 or not answer.json then
    return nil, errors.new(503, "provider_unavailable", "Сервис входа не рассказал о себе: проверьте адрес издателя.")
  end
  known[url] = { json = answer.json, until_s = now + KEEP_S }
  return answer.json
end

--- What the provider says of itself; refused when it names another issuer (RFC 8414, 3.3).
function oidc.discover(provider)
  local issuer = issuer_of(provider)
  local found, err = published(provider, issuer .. "/.well-known/openid-configuration")
  if not found then return nil, err end
  if (found.issuer or ""):gsub("/+$", "") ~= issuer or not found.authorization_endpoint or not found.token_endpoint or not found.jwks_uri then
    return nil, errors.new(503, "provider_unavailable", "Сервис входа назвал другой адрес издателя или не все свои адреса.")
  end
  return found
end

local function challenge(verifier)
  local bytes = crypto.sha256(verifier):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)
  return crypto.base64url(bytes)
end

--- Where the browser goes. attempt.proof = { nonce, verifier } was made with the attempt.
function oidc.authorize(provider, attempt)
  local found, err = oidc.discover(provider)
  if not found then return nil, err end
  local url = provider.is_mock and "/dev/oidc/authorize" or found.authorization_endpoint
  return url .. (url:find("?", 1, true) and "&" or "?") .. http.form({
    client_id = provider.client_id, redirect_uri = attempt.redirect_uri, response_type = "code", scope = provider.scopes, state = attempt.state,
    nonce = attempt.proof.nonce, code_challenge = challenge(attempt.proof.verifier), code_challenge_method = "S256",
  }, QUERY)
end

local function pem_of(jwk, alg)
  local function bytes(name) return crypto.unbase64url(jwk[name] or "") or "" end
  if jwk.kty == "RSA" and alg == "RS256" then return sign.rsa_pem(bytes("n"), bytes("e")) end
  if jwk.kty == "EC" and jwk.crv == "P-256" and alg == "ES256" then return sign.ec_pem(bytes("x"), bytes("y")) end
end

local function find_key(keys, header, alg)
  for _, jwk in ipairs(type(keys) == "table" and keys.keys or {}) do
    if jwk.use ~= "enc" and (header.kid == nil or jwk.kid == header.kid) then
      local pem = pem_of(jwk, alg)
      if pem then return pem end
    end
  end
end

-- A provider changes its keys when it likes: an unknown one is looked for anew, once.
local function key_finder(provider, url)
  return function(header, alg)
    return find_key(published(provider, url), header, alg) or find_key(published(provider, url, true), header, alg)
  end
end

local function text_of(value) return type(value) == "string" and value ~= "" and value or nil end

local function profile_of(claims)
  local first, last = text_of(claims.given_name), text_of(claims.family_name)
  if not last then last = text_of(claims.name) end
  return {
    subject = tostring(claims.sub), is_trusted = false, last_name = last, first_name = first, middle_name = text_of(claims.middle_name),
    email = claims.email_verified == true and text_of(claims.email) or nil, organizations = {},
  }
end

local function tokens_of(provider, found, attempt)
  local password, err = secret.get("signin." .. provider.code .. ".client_secret")
  if err then return nil, err end
  local answer
  answer, err = http.ask({
    url = provider.is_mock and http.own_origin() .. "/dev/oidc/token" or found.token_endpoint, method = "POST", is_own = provider.is_mock,
    headers = { ["Content-Type"] = "application/x-www-form-urlencoded", Accept = "application/json" },
    body = http.form({
      grant_type = "authorization_code", code = attempt.code, redirect_uri = attempt.redirect_uri, client_id = provider.client_id,
      client_secret = password, code_verifier = attempt.proof.verifier,
    }, FORM),
  }, "oidc token")
  if not answer then return nil, err end
  if answer.status ~= 200 or not answer.json or not answer.json.id_token then
    return nil, errors.new(502, "provider_refused", "Сервис входа отказал: код устарел или уже использован. Начните вход ещё раз.")
  end
  return answer.json
end

--- Code → who it is.
function oidc.exchange(provider, attempt)
  local found, err = oidc.discover(provider)
  if not found then return nil, err end
  local tokens
  tokens, err = tokens_of(provider, found, attempt)
  if not tokens then return nil, err end
  local claims, why = jwt.verify(tokens.id_token, {
    issuer = found.issuer, audience = provider.client_id, nonce = attempt.proof.nonce, algs = { "RS256", "ES256" },
    key = key_finder(provider, provider.is_mock and http.own_origin() .. "/dev/oidc/jwks" or found.jwks_uri),
  }, clock.now())
  if not claims then return nil, esia.bad_token(why) end
  if not claims.sub or claims.sub == "" then return nil, esia.bad_token("sub") end
  return profile_of(claims)
end

--- A refusal that came back to the page of return.
function oidc.refusal(code)
  if code == "access_denied" then return errors.new(502, "provider_refused", "Вы отказались от входа. Если передумали, начните ещё раз.") end
  return errors.new(502, "provider_refused", "Сервис входа отказал. Повторите позже или войдите по почте и паролю.")
end

return oidc
