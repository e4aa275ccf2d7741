--- A lesson as it is proposed, checked, made and moved: one form for all four.
local fields = {}

fields.KINDS = {
  lecture = "Лекция", practice = "Практическое занятие", lab = "Лабораторная работа", seminar = "Семинар",
  workshop = "Мастер-класс", industrial = "Практика на производстве", consult = "Консультация",
  control = "Промежуточная аттестация", final = "Итоговая аттестация", webinar = "Вебинар",
}
fields.KIND_ORDER = { "lecture", "practice", "lab", "seminar", "workshop", "industrial", "consult", "control", "final", "webinar" }
fields.MODES = { offline = "Очно", online = "Дистанционно", mixed = "Смешанно" }

fields.LESSON = {
  { name = "group_id", type = "id", label = "Группа", required = true },
  { name = "subgroup_id", type = "id", label = "Подгруппа" },
  { name = "module_id", type = "id", label = "Модуль" },
  { name = "kind", type = "enum", label = "Вид занятия", options = fields.KIND_ORDER },
  { name = "mode", type = "enum", label = "Формат", options = { "offline", "online", "mixed" } },
  { name = "teacher_ids", type = "list", items = "id", max = 20, label = "Преподаватели" },
  { name = "room_ids", type = "list", items = "id", max = 20, label = "Помещения" },
  { name = "equipment", type = "list", label = "Оборудование", max = 50, fields = {
    { name = "id", type = "id", label = "Оборудование", required = true },
    { name = "qty", type = "integer", label = "Количество", required = true, min = 1, max = 100000 },
  } },
  { name = "held_on", type = "date", label = "Дата", required = true },
  { name = "starts", type = "time", label = "Начало", required = true },
  { name = "minutes", type = "integer", label = "Минут", required = true, min = 5, max = 720 },
  { name = "topic", type = "text", label = "Тема", max_length = 500 },
  { name = "lesson_id", type = "id", label = "Занятие, которое переносят" },
  { name = "override_reason", type = "text", label = "Почему всё же так", max_length = 500 },
  { name = "publish", type = "boolean", label = "Сразу опубликовать" },
}

--- A move names only what changes.
fields.MOVE = {
  { name = "held_on", type = "date", label = "Новая дата" },
  { name = "starts", type = "time", label = "Начало" },
  { name = "minutes", type = "integer", label = "Минут", min = 5, max = 720 },
  { name = "teacher_ids", type = "list", items = "id", max = 20, label = "Преподаватели" },
  { name = "room_ids", type = "list", items = "id", max = 20, label = "Помещения" },
  { name = "override_reason", type = "text", label = "Почему всё же так", max_length = 500 },
}

fields.WEEK = {
  { name = "week", type = "date", label = "День недели, которую показать" },
  { name = "group", type = "id", label = "Группа" },
  { name = "room", type = "id", label = "Помещение" },
  { name = "organization", type = "id", label = "Организация" },
}

local FILTERS = {
  { name = "group", type = "id", label = "Группа" },
  { name = "room", type = "id", label = "Помещение" },
  { name = "organization", type = "id", label = "Организация" },
  { name = "teacher", type = "id", label = "Преподаватель" },
  { name = "program", type = "id", label = "Программа" },
}

local function with_filters(list) return table.move(FILTERS, 1, #FILTERS, #list + 1, list) end

fields.BOARD_LIMIT = 500

fields.VIEWS = { { value = "week", label = "Неделя" }, { value = "day", label = "День" }, { value = "rooms", label = "Мастерские" },
  { value = "list", label = "Список" } }

--- Address of the board.
fields.BOARD = with_filters({
  { name = "view", type = "enum", label = "Вид", options = fields.VIEWS },
  { name = "week", type = "date", label = "День, который показать" },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60, pattern = "^%d%d%d%d%-%d%d%-%d%d~%d%d:%d%d:%d%d~%d+$",
    message = "Ссылка на продолжение списка не подходит" },
})

--- Lessons of a range as JSON.
fields.RANGE = with_filters({
  { name = "from", type = "date", label = "С какого дня", required = true },
  { name = "to", type = "date", label = "По какой день", required = true },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 500 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60, pattern = "^%d%d%d%d%-%d%d%-%d%d~%d%d:%d%d:%d%d~%d+$",
    message = "Ссылка на продолжение списка не подходит" },
})

fields.VERDICTS = {
  { name = "lesson_id", type = "id", label = "Занятие", required = true },
  { name = "from", type = "date", label = "С какого дня", required = true },
  { name = "to", type = "date", label = "По какой день", required = true },
  { name = "room_ids", type = "list", items = "id", max = 100, label = "Помещения на экране" },
}

--- A place for a lesson that stands elsewhere.
fields.TARGET = {
  { name = "lesson_id", type = "id", label = "Занятие", required = true },
  { name = "held_on", type = "date", label = "Дата", required = true },
  { name = "starts", type = "time", label = "Начало", required = true },
  { name = "minutes", type = "integer", label = "Минут", min = 5, max = 720 },
  { name = "room_ids", type = "list", items = "id", max = 20, label = "Помещения" },
  { name = "teacher_ids", type = "list", items = "id", max = 20, label = "Преподаватели" },
}

--- The wished place in the address of the page «Перенести занятие».
fields.PLACE = {
  { name = "held_on", type = "date", label = "Дата" },
  { name = "starts", type = "time", label = "Начало" },
  { name = "minutes", type = "integer", label = "Минут", min = 5, max = 720 },
  { name = "room_ids", type = "list", items = "id", max = 20, label = "Помещения" },
}

return fields
