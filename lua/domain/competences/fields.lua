--- Priority competences of the region: what staff fill in, and how a sector looks.
local fields = {}

--- Icon and tone of a sector by the words of its name; the list of sectors is a reference book that a region may change.
fields.SECTOR_LOOKS = {
  { "информацион", "code", "v" }, { "образован", "school", "t" }, { "производств", "cpu", "" }, { "строител", "hammer", "o" },
  { "услуг", "chef-hat", "p" }, { "творчеств", "palette", "v" }, { "транспорт", "truck", "t" }, { "медицин", "stethoscope", "p" },
}

local function year(name, label)
  return { name = name, type = "integer", label = label, required = true, min = 2018, max = 2100 }
end

fields.PRIORITY = {
  { name = "competence", type = "text", label = "Компетенция", required = true, max_length = 40 },
  year("year_from", "С какого года"), year("year_to", "По какой год"),
  { name = "summary", type = "text", label = "Одной фразой", max_length = 200, hint = "На карточке: чем она важна региону" },
  { name = "about", type = "text", multiline = true, label = "Подробнее", max_length = 4000, rows = 6,
    hint = "Какие предприятия ждут таких специалистов, что они делают" },
  { name = "version", type = "integer", label = "Версия", min = 1 },
}

fields.ORDER = {
  { name = "id", type = "integer", label = "Запись", required = true },
  { name = "move", type = "enum", label = "Куда", required = true, options = { "up", "down" } },
}

return fields
