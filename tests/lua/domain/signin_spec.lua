local clock = require("core.clock")
local crypto = require("core.crypto")
local db = require("core.db")
local esia = require("domain.signin.esia")
local json = require("core.json")
local jwt = require("domain.signin.jwt")
local mock = require("domain.signin.mock")
local presets = require("domain.signin.presets")
local signer = require("domain.signin.signer")

-- The fakes of the core know no base64: for these specs, hex with letters is as good.
local function encode(bytes) return "h" .. bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end) end
local function decode(text)
  if not text:find("^h%x*$") then return nil end
  return (text:sub(2):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end
local kept = {}
setup(function()
  kept.base64url, kept.unbase64url = crypto.base64url, crypto.unbase64url
  crypto.base64url, crypto.unbase64url = encode, decode
end)
teardown(function() crypto.base64url, crypto.unbase64url = kept.base64url, kept.unbase64url end)

describe("a token of another system", function()
  local NOW = 1000000
  local function token(claims, header)
    local all = { iss = "http://esia/", aud = "COPP", exp = NOW + 100, nbf = NOW, iat = NOW }
    for name, value in pairs(claims or {}) do all[name] = value end
    local input = encode(json.encode(header or { alg = "RS256" })) .. "." .. encode(json.encode(all))
    return input .. "." .. encode(require("core.sign").sign("RS256", "key", input))
  end
  local function verify(text, expected)
    local all = { issuer = "http://esia/", audience = "COPP", algs = { "RS256" }, key = function() return "key" end }
    for name, value in pairs(expected or {}) do all[name] = value end
    return jwt.verify(text, all, NOW)
  end
  local function why(text, expected)
    local claims, wrong = verify(text, expected)
    assert.is_nil(claims)
    return wrong
  end

  it("is believed when all of it is right", function()
    assert.equal("COPP", verify(token()).aud)
    assert.truthy(verify(token({ aud = { "other", "COPP" } })))
    assert.truthy(verify(token({ aud = "other", client_id = "COPP" })))
  end)
  it("is refused for another issuer, client or nonce", function()
    assert.equal("iss", why(token({ iss = "http://evil/" })))
    assert.equal("aud", why(token({ aud = "other" })))
    assert.equal("nonce", why(token({ nonce = "a" }), { nonce = "b" }))
    assert.equal("nonce", why(token(), { nonce = "b" }))
  end)
  it("has a minute of leeway and no more", function()
    assert.truthy(verify(token({ exp = NOW - 59 })))
    assert.equal("exp", why(token({ exp = NOW - 61 })))
    assert.truthy(verify(token({ nbf = NOW + 59 })))
    assert.equal("nbf", why(token({ nbf = NOW + 61 })))
    assert.equal("iat", why(token({ iat = NOW + 61 })))
    assert.equal("exp", why(token({ exp = "never" })))
  end)
  it("does not choose its algorithm", function()
    assert.equal("alg", why(token(nil, { alg = "none" })))
    assert.equal("alg", why(token(nil, { alg = "HS256" })))
    assert.equal("alg", why(token(nil, { alg = "ES256" })))
    assert.equal("alg", why(token(nil, { alg = "RS256", crit = { "exp" } })))
  end)
  it("is refused with a signature of somebody else, or none", function()
    assert.equal("signature", why(token(), { key = function() return "another" end }))
    assert.equal("key", why(token(), { key = function() end }))
    assert.equal("form", why("a.b"))
    assert.equal("form", why(nil))
    assert.equal("form", why(("x"):rep(70000)))
  end)
end)

describe("a request to ЕСИА", function()
  before_each(function() db.reset() end)

  it("tells the time as ЕСИА writes it", function()
    assert.equal("2025.12.29 17:47:23 +0000", esia.timestamp(1767030443))
  end)
  it("carries a random UUID of version 4", function()
    local one = esia.uuid()
    assert.truthy(one:find("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"))
  end)
  it("is signed over the fields in the order of the settings", function()
    local params = { client_id = "C", scope = "S", timestamp = "T", state = "X", redirect_uri = "R", code = "K" }
    assert.equal("STCX", esia.signed_text(presets.esia[3].settings.order_authorize, params))
    assert.equal("CSTXR", esia.signed_text(presets.esia[1].settings.order_authorize, params))
    assert.equal("CSTXRK", esia.signed_text(presets.esia[1].settings.order_token, params))
  end)
  it("is signed by PKCS#7, or raw with its bytes turned round", function()
    db.answer("FROM integration_secret", { { sealed = crypto.seal("signin.esia.key", "K"), set_at = "2026" } })
    local der = decode(signer.sign({ code = "esia", signer = "pkcs7", certificate = "C" }, "text"))
    assert.equal("CK", der:sub(1, 2))
    local raw = decode(signer.sign({ code = "esia", signer = "raw_reversed", sign_alg = "ES256" }, "text"))
    assert.equal("ES256K", raw:reverse():sub(1, 6))
  end)
  it("without a key fails with a sentence", function()
    local none, err = signer.sign({ code = "esia", signer = "pkcs7" }, "text")
    assert.is_nil(none)
    assert.equal("signer_failed", err.code)
  end)
  it("that was refused is told in Russian, with what to do", function()
    assert.truthy(esia.refusal("ESIA-007015: x").text:find("часы сервера центра", 1, true))
    assert.equal("esia_007055", esia.refusal("ESIA-007055: unconfirmed").code)
    assert.truthy(esia.refusal("<script>").text:find("Госуслуги отказали", 1, true))
    for code, words in pairs(presets.ERRORS) do assert.truthy(esia.refusal("ESIA-" .. code .. ": x").text:find(words, 1, true)) end
  end)
end)

describe("the mock", function()
  local provider = { client_id = "C", signer = "http" }
  local ORDER, NEEDED = "client_id scope timestamp state redirect_uri", "client_id client_secret redirect_uri scope state timestamp"
  local function request(changes)
    local params = { client_id = "C", scope = "openid", state = "4e1a2a70-0000-4000-8000-000000000000", redirect_uri = "http://x/login/callback/esia",
      timestamp = esia.timestamp(clock.now()) }
    for name, value in pairs(changes or {}) do params[name] = value end
    params.client_secret = params.client_secret or encode(mock.signature(esia.signed_text(ORDER, params)))
    return params
  end
  local function fault(changes)
    local found = mock.fault(provider, request(changes), ORDER, NEEDED)
    return found and found.error_description:match("ESIA%-(%d+)")
  end

  it("takes a right request", function() assert.is_nil(fault()) end)
  it("refuses a clock that is five minutes off", function()
    assert.equal("007015", fault({ timestamp = esia.timestamp(clock.now() - 301) }))
    assert.equal("007015", fault({ timestamp = esia.timestamp(clock.now() + 301) }))
    assert.is_nil(fault({ timestamp = esia.timestamp(clock.now() - 200) }))
  end)
  it("refuses a wrong signature, client, state and address of return", function()
    assert.equal("007053", fault({ client_secret = encode("forged") }))
    assert.equal("008010", fault({ client_id = "other" }))
    assert.equal("007003", fault({ state = "1" }))
    assert.equal("007023", fault({ redirect_uri = "http://evil/" }))
    assert.equal("007014", fault({ scope = "" }))
  end)
end)
