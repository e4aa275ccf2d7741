---@meta core.crypto
local crypto = {}

--- argon2id in the thread pool. Yields.
---@param password string at most 1024 bytes
---@return string? stored
---@return core.Error? err "overloaded" when too many wait
function crypto.password_hash(password) end

--- Yields. stored = nil (no such account) takes the same time and is false.
---@param password string
---@param stored string?
---@return boolean? is_right
---@return boolean|core.Error needs_rehash
function crypto.password_verify(password, stored) end

--- Random bytes of the kernel.
---@param bytes integer 1 to 1024; 16 or more for a secret
---@return string base64url
function crypto.token(bytes) end

---@param text string
---@return string hex
function crypto.sha256(text) end

---@param key string
---@param text string
---@return string hex
function crypto.hmac_sha256(key, text) end

--- For one-time codes (RFC 6238) only.
---@param key string
---@param text string
---@return string bytes 20
function crypto.hmac_sha1(key, text) end

--- Without padding.
---@param bytes string
---@return string text
function crypto.base64url(bytes) end

---@param text string
---@return string? bytes
---@return core.Error? err
function crypto.unbase64url(text) end

--- Takes the same time wherever the first difference is.
---@param a string
---@param b string
---@return boolean
function crypto.equal(a, b) end

---@param max integer
---@return integer 1 to max, evenly
function crypto.random_int(max) end

--- Encrypts by the key of this installation (AES-256-GCM). Opens under the same name only.
---@param name string what it is for, 1 to 200 bytes
---@param text string at most 1 MiB
---@return string sealed
function crypto.seal(name, text) end

---@param name string
---@param sealed string
---@return string? text
---@return core.Error? err "invalid": sealed under another key or name, or changed
function crypto.unseal(name, sealed) end

return crypto
