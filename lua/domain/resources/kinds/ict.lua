--- Information and communication resources: systems, conference licences, stands.
return {
  code = "ict", table = "ict_resource", icon = "devices", title = "ИКТ-ресурсы", one = "ИКТ-ресурс", new = "Новый ИКТ-ресурс",
  match = { "name", "kind" }, plans = true,
  facts = { "kind", "url", "seats", "valid_to" },
  fields = {
    { name = "kind", type = "enum", label = "Вид", required = true, options = {
      { value = "lms", label = "Система обучения" }, { value = "conference", label = "Видеоконференции" }, { value = "vr", label = "Виртуальная реальность" },
      { value = "stand", label = "Стенд" }, { value = "licence", label = "Лицензия" }, { value = "service", label = "Сервис" } } },
    { name = "name", type = "text", label = "Название", required = true, max_length = 200 },
    { name = "url", type = "text", label = "Адрес в сети", max_length = 500, pattern = "^https?://[^%s]+$", message = "Адрес начинается с https://" },
    { name = "seats", type = "integer", label = "Одновременно занятий", min = 1, max = 100000, default = 1, column = false, extra = "qty",
      hint = "Сколько занятий могут пользоваться сразу" },
    { name = "valid_to", type = "date", label = "Действует по" },
    { name = "note", type = "text", label = "Примечание", multiline = true, max_length = 2000 },
  },
  columns = {
    { key = "name", label = "Название", sort = "name", lead = true }, { key = "organization", label = "Организация" }, { key = "kind", label = "Вид" },
    { key = "seats", label = "Сразу", num = true }, { key = "valid_to", label = "По", nowrap = true, due = true },
  },
  filters = { { name = "kind", type = "list" } },
  uses = "booked",
}
