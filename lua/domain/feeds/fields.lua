--- What other sites may ask of the list of programmes.
local fields = {}

fields.THEMES = { { value = "light", label = "Светлое" }, { value = "dark", label = "Тёмное" } }
fields.COLUMNS = { { value = "1", label = "Один столбец" }, { value = "2", label = "Два столбца" }, { value = "3", label = "Три столбца" } }

--- Parameters of /embed/programs, and the form that makes them.
fields.EMBED = {
  { name = "q", type = "text", label = "Слова в названии", max_length = 200 },
  { name = "competence", type = "list", label = "Компетенция", max = 20 },
  { name = "kind", type = "list", label = "Вид программы", max = 20 },
  { name = "price", type = "list", label = "Стоимость", max = 5 },
  { name = "organization", type = "list", items = "id", label = "Где учат", max = 20 },
  { name = "theme", type = "enum", label = "Оформление", options = fields.THEMES, default = "light" },
  { name = "columns", type = "enum", label = "Вид списка", options = fields.COLUMNS, default = "2" },
  { name = "limit", type = "integer", label = "Сколько программ", min = 1, max = 24, default = 6 },
}

--- Parameters of the JSON feed: those of the catalogue; it pages by `cursor`.
fields.SITEMAP_PAGE = 50000

return fields
