--- Messages of RFC 5322 with MIME: UTF-8, base64, text beside HTML. Nothing that people typed can make a second header.
local mime = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 of bytes.
---@param bytes string
---@return string
function mime.base64(bytes)
  local out = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local n = (a << 16) | ((b or 0) << 8) | (c or 0)
    for shift = 18, 0, -6 do
      local index = (n >> shift) & 63
      out[#out + 1] = ALPHABET:sub(index + 1, index + 1)
    end
    if not c then out[#out] = "=" end
    if not b then out[#out - 1] = "=" end
  end
  return table.concat(out)
end

local function in_lines(base64)
  return (base64:gsub(("."):rep(76), "%0\r\n"))
end

-- Pieces of at most 39 bytes, cut between characters: an encoded word may have 75 characters.
local function pieces(value)
  local list, piece = {}, ""
  for _, code in utf8.codes(value) do
    local character = utf8.char(code)
    if #piece + #character > 39 then
      list[#list + 1] = piece
      piece = ""
    end
    piece = piece .. character
  end
  list[#list + 1] = piece
  return list
end

--- A header value: as it is when plain ASCII, otherwise encoded words (RFC 2047).
---@param value string
---@return string
function mime.header(value)
  value = value:gsub("[%c]+", " ")
  if not value:find("[\128-\255]") and not value:find("=?", 1, true) and #value <= 70 then return value end
  local words = {}
  for i, piece in ipairs(pieces(value)) do words[i] = "=?UTF-8?B?" .. mime.base64(piece) .. "?=" end
  return table.concat(words, "\r\n ")
end

--- «ЦОПП» <noreply@copp.ru>
---@param address string
---@param name string?
---@return string
function mime.address(address, name)
  address = address:gsub("[%c%s<>]", "")
  if not name or name == "" then return "<" .. address .. ">" end
  local shown = name:find("^[%w .%-]+$") and '"' .. name .. '"' or mime.header(name)
  return shown .. " <" .. address .. ">"
end

local function part(kind, body)
  return ("Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n"):format(
    kind, in_lines(mime.base64(body)))
end

local function alternative(text, html, id)
  local boundary = "=_" .. id:gsub("[^%w]", "")
  return table.concat({
    'Content-Type: multipart/alternative; boundary="', boundary, '"\r\n\r\n', "--", boundary, "\r\n", part("text/plain", text),
    "--", boundary, "\r\n", part("text/html", html), "--", boundary, "--\r\n",
  })
end

local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

--- Date header of a moment, UTC.
---@param epoch number
---@return string
function mime.date(epoch)
  local t = os.date("!*t", math.floor(epoch))
  return ("%s, %02d %s %04d %02d:%02d:%02d +0000"):format(DAYS[t.wday], t.day, MONTHS[t.month], t.year, t.hour, t.min, t.sec)
end

--- A whole message.
---@param letter {from: string, from_name: string?, to: string, subject: string, text: string, html: string?, date: number, id: string}
---@return string
function mime.message(letter)
  local head = {
    "From: " .. mime.address(letter.from, letter.from_name),
    "To: " .. mime.address(letter.to),
    "Subject: " .. mime.header(letter.subject),
    "Date: " .. mime.date(letter.date),
    "Message-ID: " .. letter.id,
    "MIME-Version: 1.0",
    "Auto-Submitted: auto-generated",
  }
  local body = letter.html and alternative(letter.text, letter.html, letter.id) or part("text/plain", letter.text)
  return table.concat(head, "\r\n") .. "\r\n" .. body
end

return mime
