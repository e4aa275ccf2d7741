--- Equipment and tools: counted, whole or by units with inventory numbers.
return {
  code = "equipment", table = "equipment", icon = "tools", title = "Оборудование и инструмент", one = "Оборудование", new = "Новое оборудование",
  match = { "name", "inventory_no" },
  plans = true,
  facts = { "kind", "model", "room", "qty", "inventory_no", "serial_no", "commissioned_on", "verification_due", "competence_names" },
  labels = { room = "Помещение", competence_names = "Компетенции" },
  fields = {
    { name = "kind", type = "enum", label = "Вид", default = "equipment", options = {
      { value = "equipment", label = "Оборудование" }, { value = "tool", label = "Инструмент" } } },
    { name = "name", type = "text", label = "Название", required = true, max_length = 200 },
    { name = "model", type = "text", label = "Модель", max_length = 200 },
    { name = "room_id", type = "id", label = "Помещение", ref = "room", hint = "Пусто: переносное" },
    { name = "qty", type = "integer", label = "Количество", min = 1, max = 100000, default = 1, column = false, extra = "qty",
      hint = "Если заведены единицы с инвентарными номерами, считается по ним" },
    { name = "inventory_no", type = "text", label = "Инвентарный номер", max_length = 60 },
    { name = "serial_no", type = "text", label = "Заводской номер", max_length = 60 },
    { name = "commissioned_on", type = "date", label = "Введено в работу" },
    { name = "verification_due", type = "date", label = "Поверка до" },
    { name = "competences", type = "list", label = "Компетенции", max = 30, ref = "competence" },
    { name = "note", type = "text", label = "Примечание", multiline = true, max_length = 2000 },
  },
  columns = {
    { key = "name", label = "Название", sort = "name", sub = "model", lead = true }, { key = "kind", label = "Вид" },
    { key = "room", label = "Помещение", sub = "organization" }, { key = "qty", label = "Количество", num = true },
    { key = "verification_due", label = "Поверка до", nowrap = true, due = true },
  },
  exports = { "inventory_no", "serial_no" },
  filters = {
    { name = "kind", type = "list" },
    { name = "room_id", type = "id", hidden = true },
    { name = "overdue", type = "boolean", label = "Поверка просрочена" },
  },
  parts = { "units" }, uses = "equipment",
}
