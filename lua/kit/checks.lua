--- Checks of Russian numbers and of common shapes. Each takes what was typed and returns the value to store,
--- or nil, code, message. Pure.
local text = require("core.text")
local checks = {}

local SPACES = { "\u{00A0}", "\u{202F}", "\u{2009}" }
local DASHES = { "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2212}" }

-- Multi-byte characters cannot stand in a class of a Lua pattern.
local function without(value, list)
  for _, character in ipairs(list) do value = value:gsub(character, "") end
  return value
end

local function digits(value)
  return (without(without(value, SPACES), DASHES):gsub("[%s%-().]", ""))
end

local function weighted(value, weights)
  local sum = 0
  for i, weight in ipairs(weights) do sum = sum + weight * (value:byte(i) - 48) end
  return sum
end

local function is_zeros(value)
  return not value:find("[^0]")
end

--- СНИЛС: eleven digits, kept without dashes. Numbers up to 001-001-998 carry no checksum.
---@param typed string
---@return string? value
---@return string? code
---@return string? message
function checks.snils(typed)
  local value = digits(typed)
  if not value:find("^%d%d%d%d%d%d%d%d%d%d%d$") then
    return nil, "format", "В СНИЛС 11 цифр, например 112-233-445 95"
  end
  local sum = weighted(value, { 9, 8, 7, 6, 5, 4, 3, 2, 1 }) % 101 % 100
  if is_zeros(value) or (value:sub(1, 9) > "001001998" and sum ~= tonumber(value:sub(10))) then
    return nil, "checksum", "Контрольная сумма СНИЛС не сходится"
  end
  return value
end

local function inn_digit(value, weights)
  return weighted(value, weights) % 11 % 10 == value:byte(#weights + 1) - 48
end

--- ИНН: ten digits of an organisation or twelve of a person.
function checks.inn(typed)
  local value = digits(typed)
  if not value:find("^%d+$") or (#value ~= 10 and #value ~= 12) then
    return nil, "format", "В ИНН 10 цифр у организации и 12 у человека или предпринимателя"
  end
  local fits
  if #value == 10 then
    fits = inn_digit(value, { 2, 4, 10, 3, 5, 9, 4, 6, 8 })
  else
    fits = inn_digit(value, { 7, 2, 4, 10, 3, 5, 9, 4, 6, 8 }) and inn_digit(value, { 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8 })
  end
  if not fits or is_zeros(value) then return nil, "checksum", "Контрольная сумма ИНН не сходится" end
  return value
end

--- ОГРН (13 digits) or ОГРНИП (15).
function checks.ogrn(typed)
  local value = digits(typed)
  if not value:find("^%d+$") or (#value ~= 13 and #value ~= 15) then
    return nil, "format", "В ОГРН 13 цифр, в ОГРНИП 15"
  end
  local body, modulus = tonumber(value:sub(1, -2)), #value == 13 and 11 or 13
  if is_zeros(value) or body % modulus % 10 ~= tonumber(value:sub(-1)) then
    return nil, "checksum", "Контрольная сумма ОГРН не сходится"
  end
  return value
end

function checks.kpp(typed)
  local value = digits(typed):upper()
  if not value:find("^%d%d%d%d[0-9A-Z][0-9A-Z]%d%d%d$") or is_zeros(value) then
    return nil, "format", "В КПП 9 знаков, например 590401001"
  end
  return value
end

--- A phone as +7XXXXXXXXXX; foreign numbers keep their code: +375291234567.
function checks.phone(typed)
  local value = digits(typed)
  local plus, rest = value:match("^(%+?)(%d+)$")
  if not rest then return nil, "format", "Телефон пишут цифрами, например +7 912 345-67-89" end
  if plus == "" and #rest == 11 and rest:find("^[78]") then return "+7" .. rest:sub(2) end
  if plus == "" and #rest == 10 then return "+7" .. rest end
  if plus == "+" and rest:sub(1, 1) == "7" and #rest == 11 then return value end
  if plus == "+" and rest:sub(1, 1) ~= "7" and #rest >= 8 and #rest <= 15 then return value end
  return nil, "format", "В номере телефона не хватает цифр или есть лишние, например +7 912 345-67-89"
end

--- An e-mail address in lower case. Cyrillic domains are allowed, spaces and control characters are not.
function checks.email(typed)
  local value = text.lower(typed)
  local name, domain = value:match("^([^%s@%c<>\"(),:;%[%]\\]+)@([^%s@%c<>\"(),:;%[%]\\_]+)$")
  local fits = name and #value <= 254 and #name <= 64 and not name:find("..", 1, true) and not name:find("^%.")
    and not name:find("%.$")
  if fits then
    for label in (domain .. "."):gmatch("([^.]*)%.") do
      if label == "" or #label > 63 or label:find("^%-") or label:find("%-$") then fits = false end
    end
  end
  if not fits or not domain:find(".", 1, true) then
    return nil, "format", "Проверьте адрес: он похож на name@example.ru"
  end
  return value
end

local MONTH_DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

---@return boolean
function checks.is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

---@return integer
function checks.days_in_month(year, month)
  return month == 2 and checks.is_leap(year) and 29 or MONTH_DAYS[month]
end

--- A date, typed as 2026-11-23 or 23.11.2026; kept as 2026-11-23.
function checks.date(typed)
  local year, month, day = typed:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  if not year then
    day, month, year = typed:match("^(%d%d?)%.(%d%d?)%.(%d%d%d%d)$")
  end
  if not year then return nil, "format", "Дату пишут так: 23.11.2026" end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if year < 1 or month < 1 or month > 12 or day < 1 or day > checks.days_in_month(year, month) then
    return nil, "no_such_date", "Такой даты нет в календаре"
  end
  return ("%04d-%02d-%02d"):format(year, month, day)
end

--- A time of the day: 9:00 or 09:00; kept as 09:00.
function checks.time(typed)
  local hour, minute = typed:match("^(%d%d?):(%d%d)$")
  if not hour then
    hour, minute = typed:match("^(%d%d):(%d%d):00$")
  end
  hour, minute = tonumber(hour), tonumber(minute)
  if not hour or hour > 23 or minute > 59 then return nil, "format", "Время пишут так: 09:00" end
  return ("%02d:%02d"):format(hour, minute)
end

--- A whole number within bigint.
function checks.integer(typed)
  local value = without(typed, SPACES)
  if not value:find("^[+-]?%d+$") or #value > 19 then return nil, "format", "Здесь нужно целое число" end
  local number = math.tointeger(tonumber(value))
  if not number then return nil, "format", "Число слишком велико" end
  return number
end

--- A decimal number, kept as text so that nothing is lost: "1234.50". A comma is fine.
function checks.decimal(typed)
  local value = without(typed, SPACES):gsub(" ", ""):gsub(",", ".")
  local sign, whole, part = value:match("^([+-]?)(%d+)%.?(%d*)$")
  if not whole or #whole > 15 or #part > 6 or value:find("%.$") then return nil, "format", "Здесь нужно число, например 1234,50" end
  return (sign == "-" and "-" or "") .. whole .. (part ~= "" and "." .. part or "")
end

---@return string?
function checks.uuid(typed)
  local value = typed:lower()
  if not value:find("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$") then
    return nil, "format", "Такого номера нет"
  end
  return value
end

local function scripts(value)
  local has_cyrillic, has_latin = false, false
  for _, code in utf8.codes(value) do
    if code >= 0x400 and code <= 0x4FF then has_cyrillic = true end
    if (code >= 0x41 and code <= 0x5A) or (code >= 0x61 and code <= 0x7A) then has_latin = true end
  end
  return has_cyrillic, has_latin
end

--- A part of a person's name: letters of one alphabet, hyphen, apostrophe, space, dot.
function checks.name(typed)
  local value = typed:gsub("%s+", " "):gsub("’", "'"):gsub("`", "'")
  if value:find("[%d%c!\"#$%%&*+/:;<=>?@%[%]\\^_{|}~]") then
    return nil, "format", "В имени могут быть только буквы, дефис и апостроф"
  end
  local has_cyrillic, has_latin = scripts(value)
  if has_cyrillic and has_latin then
    return nil, "mixed_alphabet", "Смешаны русские и латинские буквы. Наберите одним алфавитом"
  end
  return value
end

return checks
