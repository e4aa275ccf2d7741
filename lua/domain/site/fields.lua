--- Contacts that an administrator sets, and the sections whose content comes from blocks.
local fields = {}

local FALLBACK = "Пусто — берётся из настроек установки (config.lua региона)."

--- What the region's line and the foot of every page say: key of the setting → field of `region` in layouts.
fields.SETTINGS = {
  { key = "official_url", type = "text", default = "", max_length = 300, label = "Адрес официального сайта центра",
    pattern = "^https?://[%w%.%-]+[^%s]*$",
    message = "Адрес начинается с https:// или http://", reason = "Ссылка «Официальный сайт центра» в меню и внизу каждой страницы. " .. FALLBACK },
  { key = "address", type = "text", default = "", max_length = 300, label = "Адрес центра", reason = "Контакты и низ страниц. " .. FALLBACK },
  { key = "phone", type = "text", default = "", max_length = 60, label = "Телефон центра", reason = "Контакты и низ страниц. " .. FALLBACK },
  { key = "email", type = "email", default = "", label = "Почта центра", reason = "Контакты и низ страниц. " .. FALLBACK },
  { key = "hours", type = "text", default = "", max_length = 300, label = "Часы работы", reason = "Страница контактов. Пусто — строка не показывается." },
  { key = "about", type = "text", default = "", max_length = 300, label = "О центре одной фразой",
    reason = "Под логотипом внизу страниц. Пусто — фраза из поставки." },
}
fields.REGION = { official_url = "site", address = "address", phone = "phone", email = "email", hours = "hours", about = "about" }

--- Numbers of the first page in their order.
fields.NUMBERS = {
  { code = "open_programs", one = "программа открыта для записи", few = "программы открыты для записи", many = "программ открыто для записи" },
  { code = "partners", one = "партнёр: колледж или предприятие", few = "партнёра: колледжи и предприятия", many = "колледжей и предприятий-партнёров" },
  { code = "workshops", one = "мастерская или лаборатория", few = "мастерские и лаборатории", many = "мастерских и лабораторий" },
  { code = "learners", one = "человек учится и выучился", few = "человека учатся и выучились", many = "человек учатся и выучились" },
}

return fields
