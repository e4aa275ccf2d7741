--- HMAC-SHA-1 for specs.
local sha1 = {}

local function rotate(x, n) return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF end

local function round(step, b, c, d)
  if step < 20 then return (b & c) | (~b & d), 0x5A827999 end
  if step < 40 then return b ~ c ~ d, 0x6ED9EBA1 end
  if step < 60 then return (b & c) | (b & d) | (c & d), 0x8F1BBCDC end
  return b ~ c ~ d, 0xCA62C1D6
end

local function add_block(h, block)
  local w = { string.unpack(">" .. ("I4"):rep(16), block) }
  for i = 17, 80 do w[i] = rotate(w[i - 3] ~ w[i - 8] ~ w[i - 14] ~ w[i - 16], 1) end
  local a, b, c, d, e = table.unpack(h)
  for step = 0, 79 do
    local f, k = round(step, b, c, d)
    a, b, c, d, e = (rotate(a, 5) + (f & 0xFFFFFFFF) + e + k + w[step + 1]) & 0xFFFFFFFF, a, rotate(b, 30), c, d
  end
  for i, value in ipairs({ a, b, c, d, e }) do h[i] = (h[i] + value) & 0xFFFFFFFF end
end

function sha1.sum(text)
  local h = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 }
  local padded = text .. "\x80" .. ("\0"):rep((55 - #text) % 64) .. string.pack(">I8", #text * 8)
  for at = 1, #padded, 64 do add_block(h, padded:sub(at, at + 63)) end
  return string.pack(">I4I4I4I4I4", table.unpack(h))
end

function sha1.hmac(key, text)
  key = #key > 64 and sha1.sum(key) or key
  key = key .. ("\0"):rep(64 - #key)
  local function with(pad) return (key:gsub(".", function(c) return string.char(c:byte() ~ pad) end)) end
  return sha1.sum(with(0x5C) .. sha1.sum(with(0x36) .. text))
end

return sha1
