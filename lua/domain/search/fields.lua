--- What the search of the site looks through.
local fields = {}

fields.KINDS = {
  { id = "programs", label = "Программы", icon = "book" },
  { id = "competences", label = "Компетенции", icon = "compass" },
  { id = "organizations", label = "Партнёры", icon = "building-community" },
  { id = "pages", label = "Страницы и новости", icon = "file-text" },
}

fields.SEARCH = {
  { name = "q", type = "text", label = "Что искать", max_length = 200 },
  { name = "in", type = "enum", label = "Где искать", options = { "programs", "competences", "organizations", "pages" } },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 50 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60 },
}

return fields
