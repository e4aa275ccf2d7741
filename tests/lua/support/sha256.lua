--- SHA-256 and HMAC in plain Lua, for specs only.
local function primes(n)
  local list, candidate = {}, 2
  while #list < n do
    local is_prime = true
    for _, p in ipairs(list) do
      if candidate % p == 0 then is_prime = false break end
    end
    if is_prime then list[#list + 1] = candidate end
    candidate = candidate + 1
  end
  return list
end

local function fraction(x) return math.floor((x % 1) * 2 ^ 32) end

local K, H = {}, {}
for i, p in ipairs(primes(64)) do
  K[i] = fraction(p ^ (1 / 3))
  if i <= 8 then H[i] = fraction(p ^ 0.5) end
end

local function rotate(x, n) return ((x >> n) | (x << (32 - n))) & 0xffffffff end

local function block(h, chunk)
  local w = { string.unpack(">I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4", chunk) }
  for i = 17, 64 do
    local a, b = w[i - 15], w[i - 2]
    local s0 = rotate(a, 7) ~ rotate(a, 18) ~ (a >> 3)
    local s1 = rotate(b, 17) ~ rotate(b, 19) ~ (b >> 10)
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & 0xffffffff
  end
  local v = { table.unpack(h) }
  for i = 1, 64 do
    local e, a = v[5], v[1]
    local s1 = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
    local choice = (e & v[6]) ~ (~e & v[7] & 0xffffffff)
    local t1 = (v[8] + s1 + choice + K[i] + w[i]) & 0xffffffff
    local s0 = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
    local t2 = (s0 + ((a & v[2]) ~ (a & v[3]) ~ (v[2] & v[3]))) & 0xffffffff
    v = { (t1 + t2) & 0xffffffff, a, v[2], v[3], (v[4] + t1) & 0xffffffff, e, v[6], v[7] }
  end
  for i = 1, 8 do h[i] = (h[i] + v[i]) & 0xffffffff end
end

local function digest(s)
  local h = { table.unpack(H) }
  local padded = s .. "\128" .. ("\0"):rep((55 - #s) % 64) .. string.pack(">I8", #s * 8)
  for i = 1, #padded, 64 do block(h, padded:sub(i, i + 63)) end
  return string.pack(">I4I4I4I4I4I4I4I4", table.unpack(h))
end

local function hex(bytes) return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

local function hmac(key, s)
  if #key > 64 then key = digest(key) end
  key = key .. ("\0"):rep(64 - #key)
  local function mask(byte) return (key:gsub(".", function(c) return string.char(c:byte() ~ byte) end)) end
  return hex(digest(mask(0x5c) .. digest(mask(0x36) .. s)))
end

return { sha256 = function(s) return hex(digest(s)) end, hmac_sha256 = hmac }
