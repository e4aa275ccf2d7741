--- The mock's wire: /dev/esia/… and /dev/oidc/…. All is 404 where the mock is off.
local crypto = require("core.crypto")
local errors = require("kit.errors")
local http = require("domain.signin.http")
local json = require("core.json")
local mock = require("domain.signin.mock")
local providers = require("domain.signin.providers")
local respond = require("kit.respond")
local secret = require("kit.secret")
local sign = require("core.sign")
local store = require("domain.signin.store")

local AUTHORIZE = "client_id client_secret redirect_uri scope response_type state timestamp"
local TOKEN = "client_id client_secret redirect_uri scope state timestamp code grant_type"

local function guarded(handler)
  return function(request)
    if not mock.is_on() then return nil, errors.not_found() end
    return handler(request)
  end
end

local function back_to(uri, params, names)
  return { status = 303, headers = { location = uri .. (uri:find("?", 1, true) and "&" or "?") .. http.form(params, names), ["cache-control"] = "no-store" } }
end

local function choose_page(request, kind, params)
  return respond.page(request, "signin/mock", { title = "Тестовый вход", persons = mock.PERSONS, kind = kind, ticket = crypto.seal("signin.mock.ticket",
    json.encode(params)) })
end

-- ---- ЕСИА

local function authorize(request)
  local provider, params = providers.all().esia, request.query
  if not provider.client_id then return nil, errors.not_found() end
  local fault = mock.fault(provider, params, provider.order_authorize, AUTHORIZE)
  if not fault then return choose_page(request, "esia", { redirect_uri = params.redirect_uri, state = params.state }) end
  fault.state = params.state
  if not (params.redirect_uri or ""):find("^https?://[^%s]+/login/callback/") then return respond.json(fault, 400) end
  return back_to(params.redirect_uri, fault, { "error", "error_description", "state" })
end

local function choose(request)
  local typed = request:form()
  local text = crypto.unseal("signin.mock.ticket", typed.ticket or "")
  local params = text and json.decode(text)
  if not params then return nil, errors.malformed("bad_ticket", "Начните вход заново.") end
  if typed.refuse then
    local fault = params.nonce and { error = "access_denied" } or { error = "access_denied", error_description = "ESIA-007004: refused" }
    fault.state = params.state
    return back_to(params.redirect_uri, fault, { "error", "error_description", "state" })
  end
  local person = mock.person(typed.oid)
  if not person then return nil, errors.invalid("oid", "unknown", "Нет такого человека.") end
  local code = mock.code(person.oid, { redirect_uri = params.redirect_uri, nonce = params.nonce, challenge = params.challenge })
  return back_to(params.redirect_uri, { code = code, state = params.state }, { "code", "state" })
end

local function token(request)
  local provider, params = providers.all().esia, request:form()
  local fault = mock.fault(provider, params, provider.order_token, TOKEN)
  if fault then return respond.json(fault, 400) end
  local about = mock.take_code(params.code)
  if not about or about.redirect_uri ~= params.redirect_uri then
    return respond.json({ error = "invalid_grant", error_description = "ESIA-007011: code expired or used" }, 400)
  end
  local claims = { iss = mock.ISSUER, client_id = provider.client_id, aud = provider.client_id, ["urn:esia:sbj_id"] = about.oid, scope = params.scope }
  local person = { iss = mock.ISSUER, aud = provider.client_id, sub = about.oid, ["urn:esia:sbj"] = { ["urn:esia:sbj:oid"] = about.oid } }
  return respond.json({ access_token = mock.token(claims), id_token = mock.token(person), state = params.state, token_type = "Bearer", expires_in = 3600 })
end

local function own_person(request)
  local claims = mock.bearer(request)
  if not claims or claims["urn:esia:sbj_id"] ~= request.params.oid then return nil, errors.unauthorized("bad_token", "Токен не подходит.") end
  return mock.person(request.params.oid)
end

local function person(request)
  local p, err = own_person(request)
  if not p then return nil, err end
  return respond.json({ firstName = p.first_name, lastName = p.last_name, middleName = p.middle_name, birthDate = p.birth_date, gender = p.gender,
    snils = p.snils, trusted = p.is_trusted, citizenship = "RUS" })
end

local function contacts(request)
  local p, err = own_person(request)
  if not p then return nil, err end
  local elements = {}
  if p.email then elements[1] = { type = "EML", vrfStu = "VERIFIED", value = p.email } end
  return respond.json({ size = #elements, elements = json.array(elements) })
end

local function roles(request)
  local p, err = own_person(request)
  if not p then return nil, err end
  local elements = {}
  local organization = p.is_chief and store.an_employer()
  if organization then
    elements[1] = { oid = "2000000001", prnOid = p.oid, fullName = organization.full_name, shortName = organization.short_name, ogrn = organization.ogrn,
      chief = true, admin = true }
  end
  return respond.json({ size = #elements, elements = json.array(elements) })
end

local function logout(request)
  return respond.redirect(respond.local_path((request.query.redirect_url or ""):match("^https?://[^/]+(/.*)$"), "/"))
end

-- An external signer, as КриптоПро behind HTTP would be.
local function signer(request)
  return { status = 200, headers = { ["content-type"] = "application/octet-stream", ["cache-control"] = "no-store" }, body = mock.signature(request:body()) }
end

-- ---- a plain provider

local function discovery()
  local base = http.own_origin() .. "/dev/oidc"
  return respond.json({ issuer = base, authorization_endpoint = base .. "/authorize", token_endpoint = base .. "/token", jwks_uri = base .. "/jwks",
    response_types_supported = json.array({ "code" }), id_token_signing_alg_values_supported = json.array({ "ES256" }),
    code_challenge_methods_supported = json.array({ "S256" }) })
end

local function jwks()
  local point = assert(sign.ec_point(providers.all().oidc.own_certificate or ""))
  return respond.json({ keys = json.array({ { kty = "EC", crv = "P-256", alg = "ES256", use = "sig", kid = "mock", x = crypto.base64url(point:sub(1, 32)),
    y = crypto.base64url(point:sub(33)) } }) })
end

local function oidc_authorize(request)
  local params = request.query
  local is_right = params.client_id == providers.all().oidc.client_id and params.response_type == "code" and params.code_challenge_method == "S256"
    and (params.code_challenge or "") ~= "" and (params.redirect_uri or ""):find("/login/callback/", 1, true)
  if not is_right then return respond.json({ error = "invalid_request" }, 400) end
  return choose_page(request, "oidc", { redirect_uri = params.redirect_uri, state = params.state, nonce = params.nonce, challenge = params.code_challenge })
end

local function challenge_of(verifier)
  local bytes = crypto.sha256(verifier or ""):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)
  return crypto.base64url(bytes)
end

local function oidc_token(request)
  local params, provider = request:form(), providers.all().oidc
  local about = mock.take_code(params.code)
  local is_right = about and about.redirect_uri == params.redirect_uri and challenge_of(params.code_verifier) == about.challenge
    and params.client_id == provider.client_id and params.client_secret == secret.get("signin.oidc.client_secret")
  if not is_right then return respond.json({ error = "invalid_grant" }, 400) end
  local p = mock.person(about.oid)
  return respond.json({ token_type = "Bearer", access_token = crypto.token(24), id_token = mock.token({
    iss = http.own_origin() .. "/dev/oidc", aud = provider.client_id, sub = "oidc-" .. p.oid, nonce = about.nonce, family_name = p.last_name,
    given_name = p.first_name, middle_name = p.middle_name, email = p.email and "oidc." .. p.email, email_verified = p.email ~= nil,
  }, "mock") })
end

-- Servers ask with tokens of the mock, which are none of ours; only people have sessions here.
local function route(method, path, handler, summary, is_for_people)
  return { method, path, guarded(handler), access = "public", session = is_for_people or false, before_otp = true, summary = "Тестовый вход: " .. summary }
end

return {
  route("GET", "/dev/esia/aas/oauth2/ac", authorize, "разрешение, прежний вид", true),
  route("GET", "/dev/esia/aas/oauth2/v2/ac", authorize, "разрешение", true),
  route("POST", "/dev/esia/choose", choose, "выбор человека", true),
  route("POST", "/dev/esia/aas/oauth2/te", token, "обмен кода, прежний вид"),
  route("POST", "/dev/esia/aas/oauth2/v3/te", token, "обмен кода"),
  route("GET", "/dev/esia/rs/prns/{oid}", person, "сведения о человеке"),
  route("GET", "/dev/esia/rs/prns/{oid}/ctts", contacts, "контакты"),
  route("GET", "/dev/esia/rs/prns/{oid}/roles", roles, "организации"),
  route("GET", "/dev/esia/idp/ext/Logout", logout, "выход", true),
  route("POST", "/dev/esia/signer", signer, "внешняя подпись"),
  route("GET", "/dev/oidc/.well-known/openid-configuration", discovery, "сведения о провайдере"),
  route("GET", "/dev/oidc/authorize", oidc_authorize, "разрешение OpenID Connect", true),
  route("POST", "/dev/oidc/token", oidc_token, "обмен кода OpenID Connect"),
  route("GET", "/dev/oidc/jwks", jwks, "ключи"),
}
