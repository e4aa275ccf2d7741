--- Tokens of other systems (RFC 7519): signature and claims. Nothing of a token is believed before verify() has said yes.
local crypto = require("core.crypto")
local json = require("core.json")
local sign = require("core.sign")
local jwt = {}

local LEEWAY_S = 60
-- What tokens call the algorithms of core.sign.
local NAMES = { RS256 = "RS256", ES256 = "ES256", GOST256 = "GOST256", GOST3410_2012_256 = "GOST256" }

local function part(text)
  local bytes = crypto.unbase64url(text)
  local value = bytes and json.decode(bytes)
  return type(value) == "table" and value or nil
end

--- Takes a token apart, believing nothing.
---@param token any
---@return {header: table, claims: table, input: string, signature: string}? token
function jwt.read(token)
  if type(token) ~= "string" or #token > 65536 then return nil end
  local head, body, tail = token:match("^([%w%-_]+)%.([%w%-_]+)%.([%w%-_]+)$")
  if not head then return nil end
  local header, claims, signature = part(head), part(body), crypto.unbase64url(tail)
  if not header or not claims or not signature then return nil end
  return { header = header, claims = claims, input = head .. "." .. body, signature = signature }
end

local function contains(value, wanted)
  if type(value) ~= "table" then return value == wanted end
  for _, item in ipairs(value) do
    if item == wanted then return true end
  end
  return false
end

-- nil, or which claim is wrong.
local function wrong_claim(claims, expected, now)
  if claims.iss ~= expected.issuer then return "iss" end
  if expected.audience and not (contains(claims.aud, expected.audience) or claims.client_id == expected.audience) then return "aud" end
  if type(claims.exp) ~= "number" or claims.exp < now - LEEWAY_S then return "exp" end
  if claims.nbf ~= nil and (type(claims.nbf) ~= "number" or claims.nbf > now + LEEWAY_S) then return "nbf" end
  if claims.iat ~= nil and (type(claims.iat) ~= "number" or claims.iat > now + LEEWAY_S) then return "iat" end
  if expected.nonce and claims.nonce ~= expected.nonce then return "nonce" end
end

--- Signature and claims.
---@param token any
---@param expected {issuer: string, audience: string?, nonce: string?, algs: string[], key: fun(header: table, alg: string): (string|true)?}
---  key() gives the public key of a header, or true when somebody else has vouched for the signature
---@param now number
---@param verify (fun(parsed: table): boolean?)? an outside judge of the signature instead of a key
---@return table? claims
---@return string? why which part is wrong: "form", "alg", "key", "signature", "iss", "aud", "exp", "nbf", "iat", "nonce"
function jwt.verify(token, expected, now, verify)
  local parsed = jwt.read(token)
  if not parsed then return nil, "form" end
  local alg = NAMES[parsed.header.alg]
  if not alg or parsed.header.crit ~= nil or not contains(expected.algs, alg) then return nil, "alg" end
  if verify then
    if not verify(parsed) then return nil, "signature" end
  else
    local key = expected.key(parsed.header, alg)
    if not key then return nil, "key" end
    if key ~= true and not sign.verify(alg, key, parsed.input, parsed.signature) then return nil, "signature" end
  end
  local wrong = wrong_claim(parsed.claims, expected, now)
  if wrong then return nil, wrong end
  return parsed.claims
end

--- Makes a token: for the mock.
---@return string
function jwt.make(alg, key, claims, kid)
  local input = crypto.base64url(json.encode({ alg = alg, typ = "JWT", kid = kid })) .. "." .. crypto.base64url(json.encode(claims))
  return input .. "." .. crypto.base64url(assert(sign.sign(alg, key, input)))
end

return jwt
