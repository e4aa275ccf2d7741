--- Input of the looks, and words for tokens and checks.
local fields = {}

local COLOUR = "^#%x%x%x%x?%x?%x?$"
local WRONG = "Цвет записывают так: #264bd1"

fields.FONTS = {
  { value = "golos_onest", label = "Golos Text и Onest (как в поставке)" },
  { value = "golos", label = "Golos Text везде" },
  { value = "system", label = "Шрифт устройства" },
}

fields.BRAND = {
  {
    name = "brand",
    type = "text",
    label = "Основной цвет",
    required = true,
    max_length = 7,
    pattern = COLOUR,
    message = WRONG,
    hint = "Кнопки, ссылки, выделение. Из него получаются двенадцать оттенков",
  },
  {
    name = "accent",
    type = "text",
    label = "Акцент",
    required = true,
    max_length = 7,
    pattern = COLOUR,
    message = WRONG,
    hint = "Только украшение: текст им не пишут",
  },
  { name = "font", type = "enum", label = "Шрифты", required = true, options = fields.FONTS },
}
fields.VERSION = { name = "version", type = "integer", label = "Редакция", min = 0 }
fields.PUBLISH = { table.unpack(fields.BRAND) }
table.insert(fields.PUBLISH, fields.VERSION)

fields.DEFAULTS = { brand = "#264bd1", accent = "#ff6a2b", font = "golos_onest" }
fields.LOGO_BYTES = 512 * 1024

--- What a token is, for the table of contrast.
fields.TOKENS = {
  ["on-brand"] = "текст на кнопке",
  brand = "основной цвет",
  ["brand-hover"] = "кнопка под указателем",
  ["brand-active"] = "нажатая кнопка",
  ["brand-ink"] = "цветной текст",
  ["brand-soft"] = "светлая подложка",
  link = "ссылка",
  ["link-hover"] = "ссылка под указателем",
  focus = "рамка выбора",
  surface = "карточка",
  bg = "фон страницы",
  ["hero-ink-2"] = "текст первого экрана",
  ["hero-to"] = "первый экран",
  ["foot-ink"] = "текст подвала",
  ["foot-link"] = "ссылка подвала",
  ["foot-bg"] = "подвал",
}

--- To be compared with the brand book by a person.
fields.CHECKLIST = {
  "Основной цвет и акцент взяты из брендбука, а не подобраны на глаз",
  "Знак читается при высоте 24 точки и не обрезан по краям",
  "Знак виден и на белом, и на тёмном фоне",
  "Охранное поле вокруг знака соблюдено",
  "Одноцветный знак годится для печати и факса",
  "Шрифт из брендбука есть в выбранной паре или близок к ней",
  "Шапка и подвал сайта согласованы с официальным сайтом",
  "Письма и печатные формы открыты и проверены",
}

return fields
