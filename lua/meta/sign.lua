---@meta core.sign
--- Signatures by keys in PEM. Algorithms: "RS256" (2048 bits and more), "ES256", "GOST256" (where OpenSSL has it). Each
--- takes its own kind of key only. Errors: "invalid" (key), "unavailable" (no GOST here).
local sign = {}

---@param alg string
---@param key string private key
---@param text string
---@return string? signature raw bytes, as in a JWT
---@return core.Error? err
function sign.sign(alg, key, text) end

---@param alg string
---@param key string public key or certificate
---@param text string
---@param signature string raw bytes
---@return boolean? is_right
---@return core.Error? err
function sign.verify(alg, key, text, signature) end

--- The PEM of a public key given as numbers (big-endian bytes), as in a JWK.
---@param modulus string
---@param exponent string
---@return string? pem
---@return core.Error? err
function sign.rsa_pem(modulus, exponent) end

---@param x string 32 bytes of a point of P-256
---@param y string
---@return string? pem
---@return core.Error? err
function sign.ec_pem(x, y) end

--- x and y of a P-256 key, 32 bytes each.
---@param key string public key or certificate
---@return string? point
---@return core.Error? err
function sign.ec_point(key) end

--- Detached CMS (PKCS#7) over SHA-256 with the certificate inside.
---@param certificate string PEM
---@param key string PEM
---@param text string
---@return string? der
---@return core.Error? err
function sign.cms_sign(certificate, key, text) end

---@param certificate string PEM of the only one who may have signed
---@param der string
---@param text string
---@return boolean? is_right
---@return core.Error? err
function sign.cms_verify(certificate, der, text) end

--- A new key and a certificate signed by itself: for mocks. Takes a tenth of a second.
---@param alg string "RS256" or "ES256"
---@param name string
---@return string? certificate PEM
---@return string|core.Error key PEM
function sign.make_certificate(alg, name) end

return sign
