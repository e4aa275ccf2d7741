--- What a plan is asked for with.
local form = require("kit.form")
local fields = {}

fields.FILL = {
  { name = "group_ids", type = "list", items = "id", min = 1, max = 2000, required = true, label = "Группы" },
  { name = "from", type = "date", label = "С какого дня", required = true },
  { name = "to", type = "date", label = "По какой день", required = true },
  { name = "with_saturdays", type = "boolean", label = "И по субботам" },
  { name = "seconds", type = "integer", label = "Сколько секунд искать", min = 1, max = 600, default = 20, hint = "Дольше — лучше: до 600" },
  { name = "teachers", type = "json", label = "Преподаватели занятий" },
}

fields.REPAIR = {
  { name = "staff_id", type = "id", label = "Кто не сможет вести", required = true },
  { name = "from", type = "date", label = "С какого дня", required = true },
  { name = "to", type = "date", label = "По какой день", required = true },
  { name = "until_day", type = "date", label = "Занятия можно переносить по", required = true },
  { name = "moved", type = "integer", label = "Цена переноса", min = 1, max = 100, default = 10, hint = "Больше — меньше занятий сдвинется" },
  { name = "seconds", type = "integer", label = "Сколько секунд искать", min = 1, max = 600, default = 5 },
}

fields.PUBLISH = {
  { name = "version", type = "integer", label = "Версия", min = 1 },
  { name = "visible", type = "boolean", label = "Сразу показать слушателям и преподавателям" },
}

fields.LIST = form.PAGING
fields.STATES = {
  queued = "ждёт очереди", solving = "составляется", ready = "готов", impossible = "не получился", failed = "ошибка", published = "опубликован",
  discarded = "отброшен",
}

return fields
