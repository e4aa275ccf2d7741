--- ЕСИА on the wire, both generations: they differ in paths, in the order of signed fields and in the kind of signature, all
--- of which are settings. A driver: authorize() and exchange(), as domain/signin/oidc.
local clock = require("core.clock")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local http = require("domain.signin.http")
local jwt = require("domain.signin.jwt")
local log = require("core.log")
local presets = require("domain.signin.presets")
local signer = require("domain.signin.signer")
local text = require("core.text")
local esia = {}

local QUERY = { "client_id", "client_secret", "redirect_uri", "scope", "response_type", "state", "timestamp", "access_type",
  "client_certificate_hash" }
local FORM = { "client_id", "code", "grant_type", "client_secret", "state", "redirect_uri", "scope", "timestamp", "token_type",
  "client_certificate_hash" }

--- «2025.12.29 17:47:23 +0000».
---@param now number
function esia.timestamp(now)
  return os.date("!%Y.%m.%d %H:%M:%S +0000", math.floor(now))
end

--- A random UUID, as ЕСИА wants `state`.
function esia.uuid()
  local hex = crypto.sha256(crypto.token(32)):sub(1, 32)
  return ("%s-%s-4%s-%s%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), ("89ab"):sub(tonumber(hex:sub(17, 17), 16) % 4 + 1,
    tonumber(hex:sub(17, 17), 16) % 4 + 1), hex:sub(18, 20), hex:sub(21, 32))
end

--- What is signed: values of the named fields, one after the other.
---@param order string names divided by spaces
function esia.signed_text(order, params)
  local parts = {}
  for name in order:gmatch("[%w_]+") do parts[#parts + 1] = params[name] or "" end
  return table.concat(parts)
end

local function origin(provider) return provider.is_mock and http.own_origin() .. "/dev/esia" or (provider.host or ""):gsub("/+$", "") end

local function signed(provider, order, params)
  params.timestamp = esia.timestamp(clock.now())
  params.client_id, params.scope = provider.client_id, provider.scopes
  params.client_certificate_hash = provider.certificate_hash
  local signature, err = signer.sign(provider, esia.signed_text(order, params))
  if not signature then return nil, err end
  params.client_secret = signature
  return params
end

--- Where the browser goes.
---@param provider table
---@param attempt {state: string, redirect_uri: string}
---@return string? url
---@return kit.Error? err
function esia.authorize(provider, attempt)
  local params, err = signed(provider, provider.order_authorize, {
    state = attempt.state, redirect_uri = attempt.redirect_uri, response_type = "code", access_type = provider.access_type or "online",
  })
  if not params then return nil, err end
  local host = provider.is_mock and "/dev/esia" or origin(provider)
  return host .. provider.authorize_path .. "?" .. http.form(params, QUERY)
end

--- The sentence for a refusal of ЕСИА.
---@param description string? "ESIA-007015: …"
function esia.refusal(description)
  local code = tostring(description or ""):match("ESIA%-(%d+)")
  log.warn("esia refused", { code = code })
  local words = code and presets.ERRORS[code]
  local advice = code and presets.ADVICE[code] or "Повторите позже или войдите по почте и паролю."
  if not words then return errors.new(502, "esia_refused", "Госуслуги отказали во входе. " .. advice) end
  return errors.new(502, "esia_" .. code, ("Войти через Госуслуги не вышло: %s. %s"):format(words, advice))
end

local WHY = {
  exp = "срок ответа истёк. Проверьте часы сервера центра", nbf = "часы сервера центра отстают", iat = "часы сервера центра отстают",
}

--- A token that does not hold.
function esia.bad_token(why)
  log.warn("signin token refused", { part = why })
  return errors.new(502, "bad_token", ("Ответ сервиса входа не принят: %s."):format(WHY[why] or "он не прошёл проверку"))
end

local function claims_of(provider, token, audience)
  local judge
  if provider.verify == "http" then judge = signer.outside_judge(provider) end
  local expected = {
    issuer = provider.issuer, audience = audience, algs = { provider.verify_alg or "RS256" },
    -- tls: the token came to us straight from the provider over a checked connection (OpenID Connect Core 3.1.3.7).
    key = function() return provider.verify == "tls" and true or provider.issuer_certificate end,
  }
  local claims, why = jwt.verify(token, expected, clock.now(), judge)
  if not claims then return nil, esia.bad_token(why) end
  return claims
end

local function subject_of(provider, tokens)
  local claims, err = claims_of(provider, tokens.access_token, provider.client_id)
  if not claims then return nil, err end
  local subject = claims["urn:esia:sbj_id"]
  if not subject and tokens.id_token then
    claims, err = claims_of(provider, tokens.id_token, provider.client_id)
    if not claims then return nil, err end
    local about = claims["urn:esia:sbj"]
    subject = type(about) == "table" and about["urn:esia:sbj:oid"] or claims["urn:esia:sbj_id"] or claims.sub
  end
  subject = subject and tostring(subject):match("^[%w%-]+$")
  if not subject then return nil, esia.bad_token("sub") end
  return subject
end

local function rest(provider, token, path)
  local answer, err = http.ask({
    url = origin(provider) .. (provider.profile_path or "/rs/prns/") .. path, is_own = provider.is_mock,
    headers = { Authorization = "Bearer " .. token, Accept = "application/json" },
  }, "esia rest")
  if not answer then return nil, err end
  if answer.status ~= 200 or not answer.json then
    return nil, errors.new(502, "esia_rest", "Госуслуги не передали сведения о вас. Повторите позже.")
  end
  return answer.json
end

-- An address that ЕСИА has verified.
local function verified_email(contacts)
  for _, item in ipairs(type(contacts) == "table" and contacts.elements or {}) do
    if item.type == "EML" and item.vrfStu == "VERIFIED" and type(item.value) == "string" then return item.value end
  end
end

local function chiefs(roles)
  local list = {}
  for _, item in ipairs(type(roles) == "table" and roles.elements or {}) do
    if item.chief == true and item.ogrn then list[#list + 1] = tostring(item.ogrn) end
  end
  return list
end

local function words(value)
  value = type(value) == "string" and text.trim(value) or ""
  return value ~= "" and value or nil
end

--- ЕСИА writes «ИВАНОВ» and 31.12.1980.
local function profile_of(subject, person, email, organizations)
  local day, month, year = tostring(person.birthDate or ""):match("^(%d%d)%.(%d%d)%.(%d%d%d%d)$")
  return {
    subject = subject, is_trusted = person.trusted == true, last_name = words(person.lastName), first_name = words(person.firstName),
    middle_name = words(person.middleName), birth_date = day and ("%s-%s-%s"):format(year, month, day) or nil,
    gender = ({ M = "male", F = "female" })[person.gender], snils = tostring(person.snils or ""):gsub("%D", ""), inn = words(person.inn),
    email = email, organizations = organizations,
  }
end

--- Code → who it is.
---@param provider table
---@param attempt {redirect_uri: string, code: string}
---@return table? profile
---@return kit.Error? err
function esia.exchange(provider, attempt)
  local params, err = signed(provider, provider.order_token, {
    state = esia.uuid(), redirect_uri = attempt.redirect_uri, code = attempt.code, grant_type = "authorization_code", token_type = "Bearer",
  })
  if not params then return nil, err end
  local answer
  answer, err = http.ask({
    url = origin(provider) .. provider.token_path, method = "POST", body = http.form(params, FORM), is_own = provider.is_mock,
    headers = { ["Content-Type"] = "application/x-www-form-urlencoded", Accept = "application/json" },
  }, "esia token")
  if not answer then return nil, err end
  local tokens = answer.json or {}
  if answer.status ~= 200 or not tokens.access_token then return nil, esia.refusal(tokens.error_description) end
  if tokens.state and tokens.state ~= params.state then return nil, esia.bad_token("state") end
  local subject
  subject, err = subject_of(provider, tokens)
  if not subject then return nil, err end
  local person
  person, err = rest(provider, tokens.access_token, subject)
  if not person then return nil, err end
  -- What may be missing: no permission for contacts or roles is no reason to turn anybody away.
  local contacts = rest(provider, tokens.access_token, subject .. "/ctts?embed=(elements)")
  local roles = rest(provider, tokens.access_token, subject .. "/roles?embed=(elements)")
  return profile_of(subject, person, verified_email(contacts), chiefs(roles))
end

--- Where to end the session at ЕСИА itself.
function esia.logout(provider, back)
  local host = provider.is_mock and "/dev/esia" or origin(provider)
  local params = http.form({ client_id = provider.client_id, redirect_url = back }, { "client_id", "redirect_url" })
  return host .. (provider.logout_path or "/idp/ext/Logout") .. "?" .. params
end

return esia
