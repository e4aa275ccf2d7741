--- Reference resources: acts, methods, databases, links.
return {
  code = "info", table = "info_resource", icon = "books", title = "Справочные ресурсы", one = "Справочный ресурс", new = "Новый справочный ресурс",
  match = { "name", "kind" },
  facts = { "kind", "url", "valid_to", "competence_names" }, labels = { competence_names = "Компетенции" },
  fields = {
    { name = "kind", type = "enum", label = "Вид", required = true, options = {
      { value = "act", label = "Нормативный акт" }, { value = "method", label = "Методические материалы" }, { value = "database", label = "База данных" },
      { value = "link", label = "Ссылка" } } },
    { name = "name", type = "text", label = "Название", required = true, max_length = 300, wide = true },
    { name = "url", type = "text", label = "Адрес в сети", max_length = 500, pattern = "^https?://[^%s]+$", message = "Адрес начинается с https://" },
    { name = "valid_to", type = "date", label = "Действует по" },
    { name = "competences", type = "list", label = "Компетенции", max = 30, ref = "competence" },
    { name = "note", type = "text", label = "Примечание", multiline = true, max_length = 2000 },
  },
  columns = {
    { key = "name", label = "Название", sort = "name", sub = "url", lead = true }, { key = "organization", label = "Организация" }, { key = "kind", label = "Вид" },
    { key = "competence_names", label = "Компетенции" }, { key = "valid_to", label = "По", nowrap = true, due = true },
  },
  filters = { { name = "kind", type = "list" } },
}
