--- Dates as first screens say them.
local clock = require("core.clock")
local russian = require("kit.russian")
local text = require("core.text")
local words = {}

--- Whole days from today to a date; negative when it is over.
function words.days_to(date)
  return russian.day_number(date) - russian.day_number(clock.date())
end

--- «до 27 ноября, осталось 4 дня», and the tone of its chip.
---@param date string
---@return string words, string? tone
function words.until_date(date)
  local days, named = words.days_to(date), russian.date(date, "day")
  if days < 0 then return "срок прошёл " .. named, "bad" end
  if days == 0 then return "сегодня последний день", "warn" end
  local left = russian.plural(days, "остался %s день", "осталось %s дня", "осталось %s дней")
  return "до " .. named .. ", " .. left, days <= 1 and "warn" or nil
end

--- «27 ноября, через 4 дня».
---@param date string
---@return string
function words.on_date(date)
  local days, named = words.days_to(date), russian.date(date, "day")
  if days == 0 then return named .. ", сегодня" end
  if days == 1 then return named .. ", завтра" end
  if days > 1 then return named .. ", через " .. russian.plural(days, "%s день", "%s дня", "%s дней") end
  return named
end

--- «Вторник, 24 ноября» begins a line.
---@return string
function words.today()
  local named = russian.date(clock.date(), "weekday")
  return text.upper(text.sub(named, 1, 1)) .. text.sub(named, 2)
end

return words
