--- Input of the templates of letters.
local fields = {}

fields.TEMPLATE = {
  { name = "subject", type = "text", label = "Тема", required = true, max_length = 300 },
  { name = "text", type = "text", label = "Текст", required = true, max_length = 20000, multiline = true },
}

fields.PUBLISH = {
  fields.TEMPLATE[1], fields.TEMPLATE[2],
  { name = "reason", type = "text", label = "Зачем меняете", required = true, max_length = 300, hint = "Останется в журнале и в версиях" },
  { name = "version", type = "integer", label = "Версия", min = 0, default = 0 },
}

fields.RESET = { fields.PUBLISH[3], fields.PUBLISH[4] }

fields.SHOW = { { name = "change", type = "integer", label = "Прежняя версия", min = 1 } }

fields.TYPES = { text = "текст", number = "число", date = "дата", list = "список" }

return fields
