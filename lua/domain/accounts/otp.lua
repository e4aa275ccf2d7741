--- One-time codes of a phone (RFC 6238: SHA-1, six digits, half a minute). Pure: the moment is an argument.
local crypto = require("core.crypto")
local otp = {}

local STEP_S, DIGITS, WINDOW = 30, 6, 1
local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
local VALUE = {}
for i = 1, #LETTERS do VALUE[LETTERS:sub(i, i)] = i - 1 end

--- Base32 without padding (RFC 4648): what apps take a key in.
---@param bytes string
---@return string
function otp.base32(bytes)
  local out, pending, bits = {}, 0, 0
  for i = 1, #bytes do
    pending, bits = (pending << 8 | bytes:byte(i)) & 0xFFFF, bits + 8
    while bits >= 5 do
      bits = bits - 5
      local value = pending >> bits & 31
      out[#out + 1] = LETTERS:sub(value + 1, value + 1)
    end
  end
  if bits > 0 then
    local value = pending << (5 - bits) & 31
    out[#out + 1] = LETTERS:sub(value + 1, value + 1)
  end
  return table.concat(out)
end

---@param text string
---@return string? bytes nil when it is not base32
function otp.unbase32(text)
  local out, pending, bits = {}, 0, 0
  for letter in text:upper():gsub("[%s%-]", ""):gmatch(".") do
    local value = VALUE[letter]
    if not value then return nil end
    pending, bits = (pending << 5 | value) & 0xFFFF, bits + 5
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = string.char(pending >> bits & 255)
    end
  end
  return table.concat(out)
end

--- The code of a half minute.
---@param key string bytes
---@param step integer
---@return string
function otp.code(key, step)
  local sum = crypto.hmac_sha1(key, string.pack(">i8", step))
  local at = sum:byte(#sum) & 15
  local number = string.unpack(">I4", sum, at + 1) & 0x7FFFFFFF
  return ("%0" .. DIGITS .. "d"):format(number % 10 ^ DIGITS // 1)
end

---@param now number seconds since 1970
---@return integer
function otp.step(now)
  return math.tointeger(now // STEP_S) or 0
end

--- The half minute to which a code belongs, when it is one of now, before or after, and later than the last one used.
---@param key string
---@param typed string
---@param now number
---@param last_step integer
---@return integer? step
function otp.find(key, typed, now, last_step)
  local digits = typed:gsub("%s", "")
  if not digits:find("^%d%d%d%d%d%d$") then return nil end
  local present, found = otp.step(now), nil
  for step = present - WINDOW, present + WINDOW do
    if crypto.equal(otp.code(key, step), digits) and step > last_step then found = step end
  end
  return found
end

local function encode(text)
  return (text:gsub("[^%w%-_.~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- What the picture holds.
---@param key string
---@param account string address of the owner
---@param issuer string name of the platform
---@return string
function otp.address(key, account, issuer)
  return ("otpauth://totp/%s:%s?secret=%s&issuer=%s"):format(encode(issuer), encode(account), otp.base32(key), encode(issuer))
end

--- A key in groups of four, for typing.
---@param key string
---@return string
function otp.readable(key)
  return (otp.base32(key):gsub("(....)", "%1 "):gsub(" $", ""))
end

return otp
