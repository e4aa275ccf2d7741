--- A mock of ЕСИА and of a plain provider that speak the same wire, for the demo and for development: test persons, signatures
--- checked, codes that live 120 seconds and work once. Off on a real installation: only COPP_DEV=1 or a provider that
--- was set up as a mock (by the demo) opens it.
local clock = require("core.clock")
local crypto = require("core.crypto")
local esia = require("domain.signin.esia")
local json = require("core.json")
local jwt = require("domain.signin.jwt")
local presets = require("domain.signin.presets")
local providers = require("domain.signin.providers")
local secret = require("kit.secret")
local settings = require("core.settings")
local sign = require("core.sign")
local store = require("domain.signin.store")
local mock = {}

local CODE_S, SKEW_S = 120, 300
local ISSUER = "http://esia.mock/"
local CLIENT, KEY = "COPP_DEMO", "signin.mock.key"

--- Test persons. The first has the СНИЛС of the learner of the demo, the third claims it without proof; the second leads an
--- organisation of the demo.
mock.PERSONS = {
  { oid = "1000000001", first_name = "АННА", last_name = "СИДОРОВА", middle_name = "ПЕТРОВНА", gender = "F", snils = "160-000-000 57",
    email = "sidorova.esia@example.ru", is_trusted = true, about = "Подтверждённая запись, человек уже есть в списках центра" },
  { oid = "1000000002", first_name = "ПАВЕЛ", last_name = "КРУГЛОВ", middle_name = "ИВАНОВИЧ", birth_date = "05.11.1975", gender = "M",
    snils = "087-654-302 00", email = "kruglov.esia@example.ru", is_trusted = true, is_chief = true, about = "Руководитель организации" },
  { oid = "1000000003", first_name = "ОЛЕГ", last_name = "ПРОСТОВ", middle_name = "ОЛЕГОВИЧ", birth_date = "01.02.1999", gender = "M",
    snils = "160-000-000 57", is_trusted = false, about = "Упрощённая запись: данные не подтверждены" },
  { oid = "1000000004", first_name = "МАРИЯ", last_name = "НОВИКОВА-СЕДОВА", middle_name = "ИГОРЕВНА", birth_date = "14.07.1988", gender = "F",
    snils = "156-782-394 10", email = "novikova.esia@example.ru", is_trusted = true, about = "Подтверждённая запись, впервые у нас" },
}

function mock.person(oid)
  for _, person in ipairs(mock.PERSONS) do
    if person.oid == oid then return person end
  end
end

--- May the mock be asked at all?
function mock.is_on()
  if settings.dev then return true end
  for _, provider in ipairs(providers.all()) do
    if provider.is_mock and provider.is_on then return true end
  end
  return false
end

-- ---- what the demo sets up

--- Settings of both providers, with fresh keys.
function mock.settings()
  local certificate, key = sign.make_certificate("RS256", "copp demo")
  local own_certificate, own_key = sign.make_certificate("ES256", "esia mock")
  secret.put("signin.esia.key", key)
  secret.put(KEY, own_key)
  secret.put("signin.oidc.client_secret", crypto.token(24))
  local made = {}
  for name, value in pairs(presets.esia[3].settings) do made[name] = value end
  made.host, made.issuer, made.client_id, made.certificate = "", ISSUER, CLIENT, certificate
  made.issuer_certificate, made.own_certificate, made.verify_alg = own_certificate, own_certificate, "ES256"
  return {
    esia = made,
    oidc = { issuer = "", client_id = CLIENT, scopes = "openid profile email", own_certificate = own_certificate },
  }
end

-- ---- requests are judged as ЕСИА would

local function refuse(code, description) return { error = "invalid_request", error_description = ("ESIA-%s: %s"):format(code, description) } end

local function moment(timestamp)
  local y, mo, d, h, mi, s = tostring(timestamp or ""):match("^(%d%d%d%d)%.(%d%d)%.(%d%d) (%d%d):(%d%d):(%d%d) %+0000$")
  if not y then return nil end
  local days = require("kit.russian").day_number(("%s-%s-%s"):format(y, mo, d)) - require("kit.russian").day_number("1970-01-01")
  return days * 86400 + tonumber(h) * 3600 + tonumber(mi) * 60 + tonumber(s)
end

local function is_signed(provider, text, signature)
  local bytes = crypto.unbase64url(signature or "")
  if not bytes then return false end
  if provider.signer == "raw_reversed" then return sign.verify(provider.sign_alg, provider.certificate, text, bytes:reverse()) == true end
  if provider.signer == "http" then return crypto.equal(bytes, mock.signature(text)) end
  return sign.cms_verify(provider.certificate or "", bytes, text) == true
end

--- What the mock's own signer (the external one of the tests) makes of a text.
function mock.signature(text)
  local hex = crypto.hmac_sha256("signin mock signer", text)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

--- nil when the request of either step is right, otherwise what ЕСИА answers.
---@param provider table
---@param params table<string, string>
---@param order string
---@param needed string names of what must be there
function mock.fault(provider, params, order, needed)
  for name in needed:gmatch("%S+") do
    if not params[name] or params[name] == "" then return refuse("007014", "no " .. name) end
  end
  if params.client_id ~= provider.client_id then return refuse("008010", "unknown client") end
  local at = moment(params.timestamp)
  if not at then return refuse("007003", "timestamp") end
  if math.abs(at - clock.now()) > SKEW_S then return refuse("007015", "wrong request time") end
  if not params.state:find("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$") then return refuse("007003", "state") end
  if not params.redirect_uri:find("/login/callback/", 1, true) then return refuse("007023", "redirect_uri") end
  if not is_signed(provider, esia.signed_text(order, params), params.client_secret) then return refuse("007053", "client_secret") end
end

--- A code for a person: sealed, so that nothing has to be kept of it.
function mock.code(oid, about)
  about.oid, about.at = oid, math.floor(clock.now())
  return crypto.seal("signin.mock.code", json.encode(about)):gsub("^v1%.", "")
end

--- Takes a code back: once, within 120 seconds.
---@return table? about
function mock.take_code(code)
  local text = crypto.unseal("signin.mock.code", "v1." .. tostring(code or ""))
  local about = text and json.decode(text)
  if not about or clock.now() - about.at > CODE_S then return nil end
  return store.use_mock_code(crypto.sha256(code)) == 1 and about or nil
end

--- Signs a token as the mock.
function mock.token(claims, kid)
  local now = math.floor(clock.now())
  claims.iat, claims.nbf, claims.exp = now, now, now + 3600
  return jwt.make("ES256", assert(secret.get(KEY)), claims, kid)
end

--- Claims of an access token of ours; nil when it is not.
function mock.bearer(request)
  local token = (request:header("authorization") or ""):match("^Bearer (.+)$")
  local provider = providers.all().esia
  return token and jwt.verify(token, {
    issuer = ISSUER, algs = { "ES256" }, key = function() return provider.own_certificate end,
  }, clock.now()) or nil
end

mock.ISSUER = ISSUER

return mock
