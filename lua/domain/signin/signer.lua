--- Signatures of requests to ЕСИА: by a key in the settings, or by a signer next door (КриптоПро and the like).
local crypto = require("core.crypto")
local errors = require("kit.errors")
local http = require("domain.signin.http")
local secret = require("kit.secret")
local sign = require("core.sign")
local signer = {}

local function fault(text)
  return errors.new(503, "signer_failed", text)
end

local function key_of(provider)
  local key, err = secret.get("signin." .. provider.code .. ".key")
  if not key then return nil, err or fault("Не задан закрытый ключ системы.") end
  return key
end

local ways = {}

function ways.pkcs7(provider, text)
  local key, err = key_of(provider)
  if not key then return nil, err end
  local der, refused = sign.cms_sign(provider.certificate or "", key, text)
  if not der then
    return nil, fault("Запрос не подписать: "
      .. (refused.text:find("certificate", 1, true) and "сертификат не читается или не от этого ключа." or "ключ не читается."))
  end
  return der
end

function ways.raw_reversed(provider, text)
  local key, err = key_of(provider)
  if not key then return nil, err end
  local bytes, refused = sign.sign(provider.sign_alg or "GOST256", key, text)
  if not bytes then
    return nil, fault(refused.code == "unavailable" and "В OpenSSL этого сервера нет ГОСТ: поставьте libengine-gost-openssl или внешнюю подпись."
      or "Ключ не читается или другого вида.")
  end
  return bytes:reverse()
end

-- POST of the bytes to be signed; the answer is the signature, as bytes.
function ways.http(provider, text)
  local token, err = secret.get("signin." .. provider.code .. ".signer_token")
  if err then return nil, err end
  local answer
  answer, err = http.ask({
    url = provider.is_mock and http.own_origin() .. "/dev/esia/signer" or provider.signer_url or "", method = "POST", body = text, is_own = provider.is_mock,
    headers = { ["Content-Type"] = "application/octet-stream", Authorization = token and "Bearer " .. token or nil },
  }, "signer")
  if not answer then return nil, fault("Внешняя подпись не отвечает: " .. (err.cause or "")) end
  if answer.status ~= 200 or answer.body == "" then return nil, fault(("Внешняя подпись отказала: %d."):format(answer.status)) end
  return provider.signer_reverse and answer.body:reverse() or answer.body
end

--- The client_secret of a request: base64url of the signature of its fields.
---@param provider table settings with code and is_mock
---@param text string
---@return string? signature
---@return kit.Error? err
function signer.sign(provider, text)
  local way = ways[provider.signer]
  if not way then return nil, fault("Не выбран способ подписи.") end
  local bytes, err = way(provider, text)
  if not bytes then return nil, err end
  return crypto.base64url(bytes)
end

--- The judge of a token's signature that stands next door: 200 right, 4xx wrong.
function signer.outside_judge(provider)
  return function(parsed)
    local answer = http.ask({
      url = provider.verifier_url or "", method = "POST", body = parsed.input, is_own = provider.is_mock,
      headers = { ["Content-Type"] = "application/octet-stream", ["X-Signature"] = crypto.base64url(parsed.signature) },
    }, "verifier")
    return answer ~= nil and answer.status == 200
  end
end

return signer
