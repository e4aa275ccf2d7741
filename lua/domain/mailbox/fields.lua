--- Filters of what goes out.
local fields = {}

fields.STATES = {
  { value = "queued", label = "Ждёт отправки" }, { value = "sent", label = "Отправлено" }, { value = "failed", label = "Не ушло" },
  { value = "cancelled", label = "Отменено" },
}
fields.TONES = { queued = "info", sent = "ok", failed = "bad", cancelled = "neu" }

fields.LIST = {
  { name = "q", type = "text", label = "Адрес или тема", min_length = 3, max_length = 200 },
  { name = "state", type = "enum", label = "Состояние", options = fields.STATES },
  { name = "kind", type = "text", label = "Письмо", max_length = 60 },
  { name = "from", type = "date", label = "С" },
  { name = "to", type = "date", label = "По" },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60 },
}

fields.EVENT_STATES = { { value = "waiting", label = "Ждёт" }, { value = "dead", label = "Попытки кончились" }, { value = "cancelled", label = "Отменено" } }
fields.EVENT_TONES = { waiting = "info", dead = "bad", cancelled = "neu" }

fields.EVENTS = {
  { name = "state", type = "enum", label = "Состояние", options = fields.EVENT_STATES },
  { name = "topic", type = "text", label = "Событие", max_length = 60 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60 },
}

return fields
