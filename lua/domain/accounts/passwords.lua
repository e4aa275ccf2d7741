--- Is a new password good enough? Length counts, not kinds of signs. Pure. Refused is what is tried first: a list of the
--- commonest, and what rules make of it — another keyboard layout, digits for letters, a tail of figures, a date, a walk over
--- the keys, something said twice.
local common = require("domain.accounts.common_passwords")
local fields = require("domain.accounts.fields")
local text = require("core.text")
local passwords = {}

-- The same keys in both layouts, row by row.
local LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
local CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
local TO_LATIN, TO_CYRILLIC = {}, {}

-- Rows of keys, and columns as fingers run them.
local WALKS = {
  "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "abcdefghijklmnopqrstuvwxyz", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
  "йфяцычувскамепинртгоьшлбщдю", "1й2ц3у4к5е6н7г8ш9щ0з", "абвгдежзийклмнопрстуфхцчшщъыьэюя",
}

local WORDS = {
  "пароль", "привет", "любовь", "россия", "москва", "солнышко", "зайчик", "наташа", "настя", "марина", "светлана", "татьяна", "екатерина",
  "александр", "алексей", "андрей", "дмитрий", "сергей", "максим", "николай", "владимир", "виктория", "анастасия", "спартак", "зенит",
  "динамо", "локомотив", "компьютер", "интернет", "доступ", "администратор", "админ", "пользователь", "начальник", "работа", "колледж",
  "студент", "учитель", "преподаватель", "директор", "цопп", "copp", "password", "passwd", "admin", "administrator", "qwerty", "welcome",
  "letmein", "login", "user", "test", "demo", "parol", "privet", "lubov", "rossiya", "moskva", "natasha", "nastya", "marina", "svetlana",
  "tatyana", "aleksandr", "aleksey", "andrey", "dmitriy", "sergey", "maksim", "nikolay", "vladimir", "viktoriya", "dragon", "monkey",
  "master", "sunshine", "princess", "football", "iloveyou", "summer", "winter", "spring", "autumn", "лето", "зима", "весна", "осень",
}

local MONTHS = { "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь" }

-- Digits and signs that stand for letters.
local DISGUISE = { ["0"] = "o", ["1"] = "i", ["3"] = "e", ["4"] = "a", ["5"] = "s", ["7"] = "t", ["@"] = "a", ["$"] = "s", ["!"] = "i" }

local known

local function letters(value)
  local list = {}
  for _, code in utf8.codes(value) do list[#list + 1] = utf8.char(code) end
  return list
end

local function translate(value, map)
  return (value:gsub(utf8.charpattern, map))
end

local function learn()
  known = {}
  local latin, cyrillic = letters(LATIN), letters(CYRILLIC)
  for index, letter in ipairs(latin) do
    TO_CYRILLIC[letter], TO_LATIN[cyrillic[index]] = cyrillic[index], letter
  end
  for word in common:gmatch("%S+") do known[word] = true end
  for _, list in ipairs({ WORDS, MONTHS }) do
    for _, word in ipairs(list) do known[word] = true end
  end
end

local function is_known(word)
  return known[word] or known[translate(word, TO_LATIN)] or known[translate(word, TO_CYRILLIC)] or false
end

-- «Parol2024!», «р0ссия»: a known word with figures and signs around it, or in place of letters.
local function is_disguised(value)
  local bare = value:gsub("^[%d%p]+", ""):gsub("[%d%p]+$", "")
  if text.len(bare) >= 3 and text.len(value) - text.len(bare) <= 6 and is_known(bare) then return true end
  local plain = value:gsub("[%d@$!]", DISGUISE)
  return plain ~= value and is_known(plain)
end

local function is_walk(value)
  local back = letters(value)
  for i = 1, #back // 2 do back[i], back[#back + 1 - i] = back[#back + 1 - i], back[i] end
  local reversed = table.concat(back)
  for _, walk in ipairs(WALKS) do
    local around = walk .. walk
    if around:find(value, 1, true) or around:find(reversed, 1, true) then return true end
  end
  return false
end

-- 01011990, 1990.01.01, 19451945: dates and years.
local function is_date(value)
  local digits = value:gsub("[%.%-/ ]", "")
  if not digits:find("^%d+$") or #digits ~= 8 then return false end
  local day, month, year = digits:match("^(%d%d)(%d%d)(%d%d%d%d)$")
  local function fits(d, m, y) return tonumber(d) <= 31 and tonumber(m) <= 12 and tonumber(y) >= 1900 and tonumber(y) <= 2100 end
  if fits(day, month, year) then return true end
  year, month, day = digits:match("^(%d%d%d%d)(%d%d)(%d%d)$")
  return fits(day, month, year)
end

-- «лампалампа», «12341234»: a short piece said again and again.
local function is_repeated(value)
  local list = letters(value)
  for length = 1, math.min(6, #list // 2) do
    if #list % length == 0 then
      local piece = table.concat(list, "", 1, length)
      if piece:rep(#list // length) == value then return true end
    end
  end
  return false
end

local function is_common(password)
  if not known then learn() end
  local value = text.lower(password)
  if is_known(value) or is_disguised(value) or is_walk(value) or is_repeated(value) or is_date(value) then return true end
  -- A walk with a short tail: «qwertyui12».
  local bare = value:gsub("%d+$", "")
  return text.len(bare) >= 5 and text.len(value) - text.len(bare) <= 4 and is_walk(bare)
end

--- nil when the password will do, otherwise what is wrong with it.
---@param password string
---@param email string? of the account
---@return string? code
---@return string? message
function passwords.fault(password, email)
  local length = text.len(password)
  if length < fields.PASSWORD_MIN then
    return "too_short", ("Пароль короче %d знаков. Добавьте ещё слово."):format(fields.PASSWORD_MIN)
  end
  if #password > fields.PASSWORD_MAX then
    return "too_long", "Пароль слишком длинный. Хватит и пары предложений."
  end
  if is_common(password) then
    return "too_common", "Такой пароль подбирают первым. Придумайте другой, например из трёх-четырёх слов."
  end
  if email then
    local typed, address = text.lower(password), text.lower(email)
    if typed == address or typed == address:match("^[^@]+") then
      return "same_as_email", "Пароль совпадает с почтой. Придумайте другой."
    end
  end
end

return passwords
