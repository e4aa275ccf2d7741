--- Filters of the outgoing mail.
local fields = {}

fields.STATES = { { value = "queued", label = "Ждёт отправки" }, { value = "sent", label = "Отправлено" }, { value = "failed", label = "Не ушло" } }
fields.TONES = { queued = "info", sent = "ok", failed = "bad" }

fields.LIST = {
  { name = "q", type = "text", label = "Адрес или тема", max_length = 200 },
  { name = "state", type = "enum", label = "Состояние", options = fields.STATES },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "integer", label = "Продолжение", min = 1 },
}

return fields
