--- What a visitor can filter the catalogue by, and the short words for codes that cards show.
local fields = {}

--- Short names: the full ones of the reference book are too long for a card.
fields.KINDS = {
  po_training = "Профессиональная подготовка",
  po_retraining = "Переподготовка рабочих",
  po_upskilling = "Повышение разряда",
  dpo_pk = "Повышение квалификации",
  dpo_pp = "Профессиональная переподготовка",
  dop_child = "Для школьников",
  dop_adult = "Для взрослых",
  career = "Профориентация",
}
fields.FORMS = { full = "Очно", mixed = "Очно-заочно", part = "Заочно" }
fields.SHIFTS = { morning = "Утро", day = "День", evening = "Вечер", weekend = "Выходные" }
fields.PRICES = { free = "Бесплатно", paid = "Платно" }
fields.LENGTHS = { short = "До 36 часов", medium = "37–144 часа", long = "Больше 144 часов" }

--- Facets in the order of the page. `labels` is absent where the names come from the database.
fields.FACETS = {
  { id = "competence", title = "Компетенция" },
  { id = "kind", title = "Вид программы", labels = fields.KINDS },
  { id = "form", title = "Форма обучения", labels = fields.FORMS },
  { id = "price", title = "Стоимость", labels = fields.PRICES },
  { id = "shift", title = "Время занятий", labels = fields.SHIFTS },
  { id = "length", title = "Объём", labels = fields.LENGTHS },
  { id = "organization", title = "Где учат" },
}

fields.SORTS = {
  { id = "start", label = "ближайшие" },
  { id = "hours", label = "короткие" },
  { id = "price", label = "недорогие" },
  { id = "title", label = "по алфавиту" },
}

--- Query of the list, for pages and API alike.
fields.LIST = {
  { name = "q", type = "text", label = "Поиск", max_length = 200 },
  { name = "competence", type = "list", label = "Компетенция" },
  { name = "kind", type = "list", label = "Вид программы" },
  { name = "form", type = "list", label = "Форма обучения" },
  { name = "price", type = "list", label = "Стоимость" },
  { name = "shift", type = "list", label = "Время занятий" },
  { name = "length", type = "list", label = "Объём" },
  { name = "organization", type = "list", items = "id", label = "Где учат" },
  { name = "sort", type = "enum", label = "Порядок", options = { "start", "hours", "price", "title" } },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 300 },
}

return fields
