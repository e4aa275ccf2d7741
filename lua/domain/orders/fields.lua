--- Orders: kinds that the platform acts on, and their forms.
local fields = {}

-- Short titles of orders; the full names stand in the reference book order_kind.
fields.TITLES = {
  enroll = "О зачислении на обучение",
  amend = "О внесении изменений в приказ о зачислении",
  expel_done = "Об отчислении в связи с завершением обучения",
  expel_own = "Об отчислении по собственному желанию",
  expel_fail = "Об отчислении за неуспеваемость",
  expel_absent = "Об отчислении за непосещение занятий",
  admission = "О допуске к итоговой аттестации",
}

--- Kinds that take their people out of the group.
fields.LEAVING = { expel_done = true, expel_own = true, expel_fail = true, expel_absent = true }

fields.SUFFIX = { enroll = "з", amend = "з", expel_done = "о", expel_own = "о", expel_fail = "о", expel_absent = "о", admission = "д" }

fields.LIST = {
  { name = "state", type = "list", label = "Состояние" },
  { name = "kind", type = "list", label = "Вид" },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 30 },
}

fields.ORDER = {
  { name = "kind", type = "enum", label = "Вид приказа", required = true,
    options = { "enroll", "expel_done", "expel_own", "expel_fail", "expel_absent", "admission" } },
  { name = "group_id", type = "id", label = "Группа", required = true },
  { name = "application_ids", type = "list", items = "uuid", max = 500, label = "Заявки" },
  { name = "enrollment_ids", type = "list", items = "id", max = 500, label = "Слушатели" },
  { name = "effective_on", type = "date", label = "Дата вступления в силу" },
  { name = "basis_text", type = "text", label = "Основание", max_length = 500 },
  { name = "overflow", type = "enum", label = "Кому не хватило мест", options = { "refuse", "waitlist" } },
}

return fields
