--- Filters, columns and bulk actions of the list of applications.
local fields = {}

fields.STATES = {
  { value = "submitted", label = "Подана" }, { value = "in_review", label = "На рассмотрении" },
  { value = "docs_required", label = "Требуются документы" }, { value = "docs_review", label = "Проверка документов" },
  { value = "approved", label = "Одобрена" }, { value = "waitlisted", label = "В листе ожидания" }, { value = "enrolled", label = "Зачислен" },
  { value = "studying", label = "Обучается" }, { value = "completed", label = "Обучение завершено" }, { value = "expelled", label = "Отчислен" },
  { value = "rejected", label = "Отклонена" }, { value = "withdrawn", label = "Отозвана заявителем" }, { value = "expired", label = "Просрочена" },
}

fields.RESPONSIBLE = { { value = "mine", label = "Мои" }, { value = "none", label = "Без ответственного" } }

fields.PERIODS = { { value = "today", label = "Сегодня" }, { value = "week", label = "За 7 дней" }, { value = "month", label = "За 30 дней" },
  { value = "quarter", label = "За 90 дней" } }
fields.PERIOD_DAYS = { today = 0, week = 6, month = 29, quarter = 89 }

fields.LIST = {
  { name = "q", type = "text", label = "Поиск", max_length = 200 },
  { name = "state", type = "list", label = "Статус", options = fields.STATES },
  { name = "organization", type = "list", items = "integer", label = "Организация" },
  { name = "program", type = "integer", label = "Программа", min = 1 },
  { name = "intake", type = "integer", label = "Набор", min = 1 },
  { name = "responsible", type = "enum", label = "Ответственный", options = fields.RESPONSIBLE },
  { name = "overdue", type = "boolean", label = "Просроченные" },
  { name = "period", type = "enum", label = "Период", options = fields.PERIODS },
  { name = "from", type = "date", label = "Поступили с" },
  { name = "to", type = "date", label = "Поступили по" },
  { name = "sort", type = "text", label = "Порядок", max_length = 20 },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 200 },
}

--- Actions on many at once. `asks`: what must be filled in before.
fields.BULK = {
  take = { label = "Взять в работу", icon = "user-check", done = "Взято в работу" },
  assign = { label = "Назначить", icon = "user-plus", done = "Назначено", asks = "responsible" },
  approve = { label = "Одобрить", icon = "check", done = "Одобрено", class = "btn-primary" },
  ask_docs = { label = "Запросить документы", icon = "file-alert", done = "Запрошены документы", asks = "documents" },
  reject = { label = "Отклонить", icon = "x", done = "Отклонено", asks = "reason" },
}
fields.BULK_ORDER = { "approve", "take", "assign", "ask_docs", "reject" }

--- Body of POST /api/v1/applications/bulk.
fields.BULK_BODY = {
  { name = "action", type = "enum", label = "Действие", required = true, options = fields.BULK_ORDER },
  { name = "ids", type = "list", items = "uuid", label = "Заявки", required = true, min = 1, max = 100 },
  { name = "reason", type = "text", label = "Причина", max_length = 2000, multiline = true },
  { name = "responsible_id", type = "integer", label = "Ответственный", min = 1 },
  { name = "documents", type = "list", label = "Документы", max = 20, fields = {
    { name = "kind", type = "text", label = "Вид", max_length = 40 },
    { name = "title", type = "text", label = "Название", required = true, max_length = 200 },
    { name = "comment", type = "text", label = "Пояснение", max_length = 1000 },
  } },
}

--- More than so many are worked on by a job.
fields.DIRECT_LIMIT = 100

return fields
