--- Forms and lists of study groups.
local fields = {}

fields.STATES = { "planned", "recruiting", "formed", "studying", "attestation", "completed", "closed", "cancelled" }

fields.LIST = {
  { name = "q", type = "text", label = "Код или программа", max_length = 100 },
  { name = "state", type = "list", label = "Состояние" },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60 },
}

fields.GROUP = {
  { name = "intake_id", type = "id", label = "Набор", required = true },
  { name = "code", type = "text", label = "Код группы", required = true, max_length = 30, hint = "Например, СВ-2" },
  { name = "site_id", type = "id", label = "Площадка", required = true },
  { name = "starts_on", type = "date", label = "Начало занятий", required = true },
  { name = "ends_on", type = "date", label = "Окончание", required = true },
  { name = "shift", type = "integer", label = "Смена", min = 1, max = 3 },
  { name = "capacity_min", type = "integer", label = "Наименьшая численность", required = true, min = 1, max = 500 },
  { name = "capacity_max", type = "integer", label = "Мест", required = true, min = 1, max = 500 },
}

return fields
