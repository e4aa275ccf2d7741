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

--- Takes the same time wherever the first difference is.
---@param a string
---@param b string
---@return boolean
function crypto.equal(a, b) end

---@param max integer
---@return integer 1 to max, evenly
function crypto.random_int(max) end

return crypto
