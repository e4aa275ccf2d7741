--- Input of the reference books.
local form = require("kit.form")
local fields = {}

fields.STATES = {
  { value = "active", label = "Действующие" },
  { value = "archived", label = "В архиве" },
  { value = "all", label = "Все" },
}

fields.BOOKS = { { name = "q", type = "text", label = "Название справочника", max_length = 100 } }

fields.LIST = {
  { name = "q", type = "text", label = "Код или название", max_length = 200 },
  { name = "state", type = "enum", label = "Состояние", options = fields.STATES, default = "active" },
  { name = "parent_id", type = "id", label = "Входит в" },
  { name = "sort", type = "text", label = "Порядок", max_length = 20 },
  table.unpack(form.PAGING),
}

fields.ITEM = {
  {
    name = "code",
    type = "text",
    label = "Код",
    required = true,
    max_length = 200,
    hint = "Хранится в данных, поэтому потом не меняется",
  },
  { name = "name", type = "text", label = "Название", required = true, max_length = 500 },
  {
    name = "parent",
    type = "text",
    label = "Входит в",
    max_length = 200,
    hint = "Код вышестоящего элемента",
  },
  {
    name = "sort",
    type = "integer",
    label = "Порядок",
    min = 0,
    max = 1000000,
    default = 100,
    hint = "Меньшее число стоит выше",
  },
  { name = "valid_from", type = "date", label = "Действует с" },
  { name = "valid_to", type = "date", label = "Действует по" },
  {
    name = "external",
    type = "text",
    label = "Внешние коды",
    multiline = true,
    max_length = 2000,
    aliases = { "Коды других систем" },
    hint = "По одному на строке: система = код",
  },
}

--- The same for changing: the code stays.
fields.CHANGE = { table.unpack(fields.ITEM, 2) }
table.insert(fields.CHANGE, { name = "version", type = "integer", label = "Редакция", min = 1 })

fields.VERSION = { { name = "version", type = "integer", label = "Редакция", min = 1 } }

fields.BOOK = {
  {
    name = "code",
    type = "text",
    label = "Код справочника",
    required = true,
    max_length = 60,
    pattern = "^[a-z][a-z0-9_]*$",
    message = "Латинские строчные буквы, цифры и знак подчёркивания, первой буква. Например: training_goal",
    hint = "Латиницей, например training_goal",
  },
  { name = "title", type = "text", label = "Название", required = true, max_length = 200 },
  { name = "is_tree", type = "boolean", label = "Элементы могут входить друг в друга" },
}

fields.BOOK_CHANGE = { fields.BOOK[2], fields.VERSION[1] }

--- Columns of a table that is imported: as exported.
fields.IMPORT = { table.unpack(fields.ITEM) }
fields.UPLOAD = {
  {
    name = "file",
    type = "file",
    label = "Файл",
    required = true,
    hint = "Excel (.xlsx) или CSV, столбцы как в выгрузке",
  },
}

--- What a row of an imported table means.
fields.VERDICTS = { new = "Новый", changed = "Изменится", same = "Без изменений", wrong = "Ошибка" }

fields.DAY_KINDS = {
  { value = "working", label = "Обычный день" },
  { value = "day_off", label = "Выходной или праздник" },
  { value = "short_day", label = "Сокращённый на час" },
  { value = "working_weekend", label = "Рабочий (перенос)" },
}
fields.DAY = {
  { name = "day", type = "date", label = "День", required = true },
  { name = "kind", type = "enum", label = "Какой это день", required = true, options = fields.DAY_KINDS },
  { name = "holiday", type = "text", label = "Праздник", max_length = 200 },
  { name = "moved_from", type = "date", label = "Перенос с" },
}
fields.YEAR = { { name = "year", type = "integer", label = "Год", min = 2000, max = 2100 } }

return fields
