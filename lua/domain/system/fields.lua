--- Filters of background jobs, and words for what they do.
local form = require("kit.form")
local fields = {}

fields.STATES = {
  { value = "queued", label = "Ждёт" },
  { value = "running", label = "Выполняется" },
  { value = "done", label = "Готово" },
  { value = "failed", label = "Повторится" },
  { value = "dead", label = "Не выполнено" },
  { value = "cancelled", label = "Отменено" },
}
fields.TONES = { queued = "info", running = "info", done = "ok", failed = "warn", dead = "bad", cancelled = "neu" }

fields.JOBS = {
  { name = "state", type = "enum", label = "Состояние", options = fields.STATES },
  { name = "kind", type = "text", label = "Вид", max_length = 60 },
  table.unpack(form.PAGING),
}

--- Kinds of jobs; others are shown by their name.
fields.KINDS = {
  ["mail.send"] = "Отправка письма",
  ["kit.outbox"] = "Разбор событий",
  ["kit.audit_seal"] = "Скрепление журнала",
  ["refs.import"] = "Загрузка справочника",
  ["system.backup"] = "Резервная копия",
  ["audit.verify"] = "Проверка журнала",
  ["audit.export"] = "Выгрузка журнала",
  ["applications.export"] = "Выгрузка заявок",
  ["kit.sweep"] = "Уборка устаревшего",
  ["cabinet.indicators"] = "Показатели региона",
  ["groups.start_due"] = "Начало групп",
  ["lessons.hold_due"] = "Завершение занятий",
}

return fields
