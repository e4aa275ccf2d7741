--- Russian for people: plurals, dates, numbers, money, initials. Pure: what "now" is comes as an argument.
--- Moments are texts of PostgreSQL in the region's zone: "2026-11-23 14:02:00+05"; dates "2026-11-23".
local checks = require("kit.checks")
local text = require("core.text")
local russian = {}

local NBSP = "\u{00A0}"
local NARROW = "\u{202F}"

local MONTHS = {
  "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря",
}
local SHORT_MONTHS = { "янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек" }
local MONTH_NAMES = {
  "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
}
local WEEKDAYS = { "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье" }
local SHORT_WEEKDAYS = { "Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс" }

-- ---- plurals

local math_type = math.type

-- Most numbers on pages are small: their texts are kept.
local SMALL = {}
for n = 0, 999 do SMALL[n] = tostring(n) end

-- Forms are few and come from our own texts: each is cut at its %s once.
local cut_forms = {}

local function cut_form(form)
  local at = form:find("%s", 1, true)
  local cut = at and { before = form:sub(1, at - 1), after = form:sub(at + 2) } or {}
  cut_forms[form] = cut
  return cut
end

--- Which of the three forms goes with the number: 1 заявка, 2 заявки, 5 заявок.
---@param n number
---@return integer 1, 2 or 3
function russian.plural_form(n)
  if math_type(n) ~= "integer" and n ~= math.floor(n) then return 2 end
  if n < 0 then n = -n end
  local tens, ones = n % 100, n % 10
  if tens >= 11 and tens <= 14 then return 3 end
  if ones == 1 then return 1 end
  if ones >= 2 and ones <= 4 then return 2 end
  return 3
end

--- The form that goes with the number. A form with %s gets the number inserted; one without comes as it is.
---@param n number
---@param one string
---@param few string
---@param many string
---@return string
function russian.plural(n, one, few, many)
  if math_type(n) ~= "integer" then n = tonumber(n) or 0 end
  local form = russian.plural_form(n)
  local chosen = form == 1 and one or form == 2 and few or many
  local cut = cut_forms[chosen] or cut_form(chosen)
  if not cut.after then return chosen end
  return cut.before .. russian.number(n) .. cut.after
end

-- ---- numbers

local function group_digits(digits)
  if #digits <= 4 then return digits end
  local head = #digits % 3
  local parts = head > 0 and { digits:sub(1, head) } or {}
  for i = head + 1, #digits, 3 do parts[#parts + 1] = digits:sub(i, i + 2) end
  return table.concat(parts, NARROW)
end

local function printed_number(value, places)
  if places then return ("%%.%df"):format(places):format(tonumber(value) or 0) end
  if type(value) ~= "number" then return tostring(value) end
  return math_type(value) == "integer" and ("%d"):format(value) or ("%.14g"):format(value)
end

--- A number with a decimal comma and narrow spaces: 1234.5 → «1234,5», 12345 → «12 345». Text of numeric is fine.
---@param value number|string|nil
---@param places integer? exactly so many digits after the comma
---@return string
function russian.number(value, places)
  if not places and SMALL[value] then return SMALL[value] end
  if value == nil then return "" end
  local sign, whole, part = printed_number(value, places):match("^(-?)(%d+)%.?(%d*)$")
  if not whole then return tostring(value) end
  if not places then part = part:gsub("0+$", "") end
  return (sign == "-" and "−" or "") .. group_digits(whole) .. (part ~= "" and "," .. part or "")
end

--- Money: «1 200 ₽», kopecks only where there are any: «1 200,50 ₽».
---@param value number|string|nil
---@return string
function russian.money(value)
  if value == nil then return "" end
  local whole, part = tostring(value):match("^(-?%d+)%.?(%d*)$")
  if not whole then return tostring(value) end
  local has_part = part:find("[1-9]") ~= nil
  local sign, digits = whole:match("^(-?)(%d+)$")
  local grouped = #digits == 4 and digits:sub(1, 1) .. NARROW .. digits:sub(2) or group_digits(digits)
  return (sign == "-" and "−" or "") .. grouped .. (has_part and "," .. (part .. "00"):sub(1, 2) or "") .. NBSP .. "₽"
end

--- «12,4 МБ».
---@param bytes integer
---@return string
function russian.size(bytes)
  if bytes < 1024 then return russian.plural(bytes, "%s байт", "%s байта", "%s байт") end
  if bytes < 1024 * 1024 then return russian.number(math.ceil(bytes / 1024)) .. NBSP .. "КБ" end
  return russian.number(math.floor(bytes / 1048576 * 10 + 0.5) / 10) .. NBSP .. "МБ"
end

-- ---- dates

--- Parts of a date or moment.
---@param value string?
---@return integer? year, integer? month, integer? day
function russian.date_parts(value)
  if not value then return nil end
  local year, month, day = value:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)")
  return tonumber(year), tonumber(month), tonumber(day)
end

--- Days since 1970-01-01 of a date (proleptic Gregorian).
---@param value string
---@return integer?
function russian.day_number(value)
  local year, month, day = russian.date_parts(value)
  if not year then return nil end
  if month <= 2 then year, month = year - 1, month + 12 end
  local era = year // 400
  local of_era = year - era * 400
  local of_year = (153 * (month - 3) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

--- The date of a day number.
---@param number integer
---@return string
function russian.date_of(number)
  local shifted = number + 719468
  local era = shifted // 146097
  local of_era = shifted - era * 146097
  local year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
  local of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
  local shifted_month = (5 * of_year + 2) // 153
  local day = of_year - (153 * shifted_month + 2) // 5 + 1
  local month = shifted_month < 10 and shifted_month + 3 or shifted_month - 9
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  return ("%04d-%02d-%02d"):format(year, month, day)
end

--- Another date some days later (or earlier).
---@param value string
---@param days integer
---@return string
function russian.add_days(value, days)
  return russian.date_of(russian.day_number(value) + days)
end

--- Monday = 1 … Sunday = 7.
---@param value string
---@return integer
function russian.weekday(value)
  return (russian.day_number(value) + 3) % 7 + 1
end

--- The Monday of the week of a date.
---@param value string
---@return string
function russian.monday(value)
  return russian.add_days(value, 1 - russian.weekday(value))
end

--- The last day of the month of a date.
---@param value string
---@return string
function russian.month_end(value)
  local year, month = russian.date_parts(value)
  local next_month = month == 12 and ("%04d-01-01"):format(year + 1) or ("%04d-%02d-01"):format(year, month + 1)
  return russian.add_days(next_month, -1)
end

--- Full years between two dates: the age on a day.
---@param born string
---@param on string
---@return integer
function russian.years(born, on)
  local y1, m1, d1 = russian.date_parts(born)
  local y2, m2, d2 = russian.date_parts(on)
  return y2 - y1 - ((m2 < m1 or (m2 == m1 and d2 < d1)) and 1 or 0)
end

local styles = {}
function styles.long(y, m, d)
  return ("%d%s%s%s%d"):format(d, NBSP, MONTHS[m], NBSP, y)
end
function styles.full(y, m, d)
  return styles.long(y, m, d) .. NBSP .. "г."
end
function styles.day(_, m, d)
  return ("%d%s%s"):format(d, NBSP, MONTHS[m])
end
function styles.short(_, m, d)
  return ("%d%s%s"):format(d, NBSP, SHORT_MONTHS[m])
end
function styles.numeric(y, m, d)
  return ("%02d.%02d.%04d"):format(d, m, y)
end
function styles.month(y, m)
  return MONTH_NAMES[m] .. " " .. y
end
function styles.weekday(y, m, d)
  return WEEKDAYS[russian.weekday(("%04d-%02d-%02d"):format(y, m, d))] .. ", " .. styles.day(y, m, d)
end

--- A date in words: «23 ноября 2026» (nil: "long").
---@param value string? date or moment
---@param style string? long «23 ноября 2026», full «… г.», day «23 ноября», short «23 ноя», numeric «23.11.2026»,
--- month «ноябрь 2026», weekday «понедельник, 23 ноября»
---@return string
function russian.date(value, style)
  local y, m, d = russian.date_parts(value)
  if not y or m < 1 or m > 12 then return value or "" end
  local write = styles[style or "long"]
  if not write then error("no style of dates named " .. tostring(style), 2) end
  return write(y, m, d)
end

--- «23 — 25 ноября 2026», «23 ноября — 4 декабря 2026».
---@param from string
---@param to string
---@return string
function russian.period(from, to)
  local y1, m1, d1 = russian.date_parts(from)
  local y2, m2 = russian.date_parts(to)
  if not y1 or not y2 then return russian.date(from or to) end
  if y1 == y2 and m1 == m2 then return d1 .. "\u{2013}" .. russian.date(to) end
  if y1 == y2 then return russian.date(from, "day") .. " — " .. russian.date(to) end
  return russian.date(from) .. " — " .. russian.date(to)
end

--- Short name of the day of the week: «Пн».
---@param value string|integer date or number 1…7
---@param style string? "long": «понедельник»
---@return string
function russian.weekday_name(value, style)
  local day = math.type(value) == "integer" and value or russian.weekday(value)
  return style == "long" and WEEKDAYS[day] or SHORT_WEEKDAYS[day]
end

--- Clock of a time or moment: «09:14».
---@param value string?
---@return string
function russian.time(value)
  if not value then return "" end
  local hour, minute = value:match("^(%d%d?):(%d%d)")
  if not hour then
    hour, minute = value:match("[ T](%d%d):(%d%d)")
  end
  return hour and ("%02d:%s"):format(tonumber(hour), minute) or value
end

--- «23 ноя, 09:14»; with style "long" «23 ноября 2026, 09:14».
---@param value string?
---@param style string?
---@return string
function russian.datetime(value, style)
  if not value then return "" end
  return russian.date(value, style == "long" and "long" or style or "short") .. ", " .. russian.time(value)
end

--- Minutes as people say them: 160 → «2 ч 40 мин».
---@param minutes integer
---@return string
function russian.minutes(minutes)
  local hours, rest = minutes // 60, minutes % 60
  if hours == 0 then return rest .. NBSP .. "мин" end
  return hours .. NBSP .. "ч" .. (rest > 0 and " " .. rest .. NBSP .. "мин" or "")
end

local function seconds_of(moment)
  local day = russian.day_number(moment)
  local hour, minute, second = moment:match("[ T](%d%d):(%d%d):?(%d*)")
  return day * 86400 + (tonumber(hour) or 0) * 3600 + (tonumber(minute) or 0) * 60 + (tonumber(second) or 0)
end

--- How much is left until a moment: «осталось 4 дня», «осталось 2 ч 40 мин», «просрочено на 1 день».
--- Both in the same zone.
---@param due string
---@param now string
---@return string words
---@return string tone "" (more than a day), "warn" (a day or less), "bad" (overdue)
function russian.left(due, now)
  local seconds = seconds_of(due) - seconds_of(now)
  local away = math.abs(seconds)
  local amount
  if away >= 86400 then
    amount = russian.plural(away // 86400, "%s день", "%s дня", "%s дней")
  else
    amount = russian.minutes(math.max(away // 60, 1))
  end
  if seconds < 0 then return "просрочено на " .. amount, "bad" end
  local number = away >= 86400 and away // 86400 or nil
  local verb = number and russian.plural(number, "остался ", "осталось ", "осталось ") or "осталось "
  return verb .. amount, away > 86400 and "" or "warn"
end

--- How long ago: «только что», «5 минут назад», «вчера, 14:02», «23 ноя, 09:14».
---@param moment string
---@param now string
---@return string
function russian.ago(moment, now)
  local seconds = seconds_of(now) - seconds_of(moment)
  local days = russian.day_number(now) - russian.day_number(moment)
  if seconds >= 0 and seconds < 60 then return "только что" end
  if seconds >= 60 and seconds < 3600 then return russian.plural(seconds // 60, "%s минуту назад", "%s минуты назад", "%s минут назад") end
  if days == 0 then return "сегодня, " .. russian.time(moment) end
  if days == 1 then return "вчера, " .. russian.time(moment) end
  return russian.datetime(moment)
end

-- ---- names

--- «Сидорова А. П.» with no-break spaces; without patronymic «Сидорова А.».
---@param last string
---@param first string?
---@param middle string?
---@return string
function russian.initials(last, first, middle)
  local short = last
  for _, name in ipairs({ first or "", middle or "" }) do
    if name ~= "" then short = short .. NBSP .. text.upper(text.sub(name, 1, 1)) .. "." end
  end
  return short
end

--- «А. П. Сидорова»: before a signature.
---@return string
function russian.signature(last, first, middle)
  local short = ""
  for _, name in ipairs({ first or "", middle or "" }) do
    if name ~= "" then short = short .. text.upper(text.sub(name, 1, 1)) .. "." .. NBSP end
  end
  return short .. last
end

--- «Сидорова Анна Петровна»; nothing in place of what is absent.
---@return string
function russian.full_name(last, first, middle)
  local parts = {}
  for _, name in ipairs({ last or "", first or "", middle or "" }) do
    if name ~= "" then parts[#parts + 1] = name end
  end
  return table.concat(parts, " ")
end

--- Two letters for an avatar: «СА».
---@return string
function russian.avatar(last, first)
  return text.upper(text.sub(last or "", 1, 1) .. text.sub(first or "", 1, 1))
end

--- «112-233-445 95».
---@param value string?
---@return string
function russian.snils(value)
  if not value or #value ~= 11 then return value or "" end
  return ("%s-%s-%s%s%s"):format(value:sub(1, 3), value:sub(4, 6), value:sub(7, 9), NBSP, value:sub(10))
end

--- «+7 912 345-67-89».
---@param value string?
---@return string
function russian.phone(value)
  local a, b, c, d = (value or ""):match("^%+7(%d%d%d)(%d%d%d)(%d%d)(%d%d)$")
  if not a then return value or "" end
  return table.concat({ "+7", NBSP, a, NBSP, b, "-", c, "-", d })
end

--- A name in a case: see kit.russian_names.
---@param case string "gen" (кого), "dat" (кому)
---@param person {last_name: string, first_name: string?, middle_name: string?, gender: string?, name_cases: table?}
---@return string
function russian.name_case(case, person)
  return require("kit.russian_names").full(case, person)
end

russian.days_in_month = checks.days_in_month

return russian
