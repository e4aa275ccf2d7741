--- Schemas that the kinds share: filters of lists, tables on cards, taking out of work.
local form = require("kit.form")
local kinds = require("domain.resources.kinds")
local fields = {}

fields.STATES = {
  { value = "active", label = "Доступен" }, { value = "moderation", label = "На модерации" }, { value = "draft", label = "Черновик" },
  { value = "maintenance", label = "Выведен из работы" }, { value = "rejected", label = "Возвращена" }, { value = "archived", label = "Списан" },
}

--- Filters of the list of each kind.
fields.LIST = {}
for code, kind in pairs(kinds.BY_CODE) do
  local schema = {
    { name = "q", type = "text", label = "Поиск", max_length = 200 },
    { name = "organization_id", type = "id", label = "Организация" },
    { name = "state", type = "list", label = "Состояние" },
  }
  for _, filter in ipairs(kind.filters or {}) do
    local known = kind.by_name[filter.name]
    schema[#schema + 1] = { name = filter.name, type = filter.type or "text", max_length = 60, label = filter.label or known and known.label or "Отбор",
      options = known and known.options }
  end
  schema[#schema + 1] = { name = "sort", type = "text", label = "Порядок", max_length = 20 }
  fields.LIST[code] = table.move(form.PAGING, 1, 2, #schema + 1, schema)
end

--- What a card is made and changed with: fields of a kind, the organisation when a card is new, the version when it is not.
local function schema_of(kind, is_new)
  local list = {}
  if is_new then list[1] = { name = "organization_id", type = "id", label = "Организация" } end
  for _, field in ipairs(kind.fields) do
    if is_new or not field.on_create then list[#list + 1] = field end
  end
  if not is_new then list[#list + 1] = { name = "version", type = "integer", label = "Версия", min = 1 } end
  return list
end

-- A table names what has a key by its words; who loads for several organisations names each by its ИНН.
local function import_of(kind)
  local list = { { name = "organization_inn", type = "inn", label = "ИНН организации" } }
  for _, field in ipairs(kind.fields) do
    local copy = {}
    for key, value in pairs(field) do copy[key] = value end
    if field.type == "list" or field.ref and field.ref ~= "zone" then copy.type, copy.max_length = "text", 1000 end
    list[#list + 1] = copy
  end
  return list
end

fields.CREATE, fields.CHANGE, fields.IMPORT = {}, {}, {}
for code, kind in pairs(kinds.BY_CODE) do
  fields.CREATE[code], fields.CHANGE[code], fields.IMPORT[code] = schema_of(kind, true), schema_of(kind, false), import_of(kind)
end
fields.IMPORT_ROWS_MAX = 20000

--- Data of the action that takes a card out of work.
fields.HOLD = {
  { name = "until", type = "date", label = "До какого дня", hint = "Пусто: пока не вернёте сами" },
  { name = "lessons", type = "integer", label = "Сколько занятий это заденет", min = 0 },
}

--- Tables on cards: what a row is made of.
fields.PARTS = {
  units = {
    { name = "inventory_no", type = "text", label = "Инвентарный номер", required = true, max_length = 60 },
    { name = "serial_no", type = "text", label = "Заводской номер", max_length = 60 },
    { name = "state", type = "enum", label = "Состояние", default = "works", options = { { value = "works", label = "Работает" },
      { value = "repair", label = "В ремонте" }, { value = "gone", label = "Списана" } } },
  },
  moves = {
    { name = "kind", type = "enum", label = "Движение", required = true, default = "in", options = { { value = "in", label = "Приход" },
      { value = "out", label = "Выдача на занятие" }, { value = "write_off", label = "Списание" } } },
    { name = "qty", type = "decimal", label = "Количество", required = true, min = 0.001, max = 1000000 },
    { name = "moved_on", type = "date", label = "Дата" },
    { name = "note", type = "text", label = "Основание", max_length = 300 },
  },
  travel = {
    { name = "site_id", type = "id", label = "Площадка", required = true },
    { name = "minutes", type = "integer", label = "Минут в пути", required = true, min = 1, max = 600 },
  },
  qualifications = {
    { name = "title", type = "text", label = "Программа", required = true, max_length = 300 },
    { name = "number", type = "text", label = "Номер удостоверения", max_length = 60 },
    { name = "hours", type = "integer", label = "Часов", min = 1, max = 5000 },
    { name = "issued_on", type = "date", label = "Дата выдачи", required = true },
    { name = "valid_to", type = "date", label = "Действует по", hint = "Пусто: три года" },
  },
}
fields.PART_TITLES = { units = "Единицы с инвентарными номерами", moves = "Движение", travel = "Время в пути до других площадок",
  qualifications = "Повышение квалификации" }

fields.PHOTO_TYPES, fields.PHOTO_ACCEPT, fields.PHOTO_MAX_BYTES, fields.PHOTOS_MAX = { "image/jpeg", "image/png", "image/webp" },
  ".jpg,.jpeg,.png,.webp", 8 << 20, 12
fields.CAPTION = { { name = "caption", type = "text", label = "Подпись", max_length = 200 } }

return fields
