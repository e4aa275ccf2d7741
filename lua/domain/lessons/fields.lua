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
  { name = "request", type = "boolean", label = "Чужое помещение запросить у владельца" },
  { name = "publish", type = "boolean", label = "Сразу опубликовать" },
  { name = "times", type = "integer", label = "Сколько раз повторить", min = 1, max = 40 },
  { name = "every", type = "integer", label = "Через сколько недель", min = 1, max = 4 },
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

--- The public timetable.
fields.PUBLIC = {
  { name = "week", type = "date", label = "День недели, которую показать" },
  { name = "organization", type = "id", label = "Организация" },
  { name = "program", type = "id", label = "Программа" },
  { name = "group", type = "id", label = "Группа" },
  { name = "competence", type = "text", label = "Компетенция", max_length = 20 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60 },
}

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
  { name = "teacher_ids", type = "list", items = "id", max = 20, label = "Преподаватели" },
}

--- Its form: at once, into the draft, a copy, or a change of places with another lesson.
fields.MOVE_FORM = table.move(fields.PLACE, 1, #fields.PLACE, 1, {
  nil, nil, nil, nil, nil,
  { name = "how", type = "enum", label = "Как", options = { "now", "draft", "copy", "swap" } },
  { name = "other_id", type = "id", label = "С каким занятием поменять" },
  { name = "other_version", type = "integer", label = "Его версия", min = 1 },
  { name = "version", type = "integer", label = "Версия", min = 1 },
  { name = "reason", type = "text", label = "Причина", max_length = 500 },
  { name = "override_reason", type = "text", label = "Почему всё же так", max_length = 500 },
})

local CHANGE = {
  { name = "lesson_id", type = "id", label = "Занятие", required = true },
  { name = "kind", type = "enum", label = "Что сделать", options = { "move", "copy", "cancel" }, default = "move" },
  { name = "version", type = "integer", label = "Версия", min = 1 },
  { name = "held_on", type = "date", label = "Дата" },
  { name = "starts", type = "time", label = "Начало" },
  { name = "minutes", type = "integer", label = "Минут", min = 5, max = 720 },
  { name = "room_ids", type = "list", items = "id", max = 20, label = "Помещения" },
  { name = "teacher_ids", type = "list", items = "id", max = 20, label = "Преподаватели" },
}

fields.CHANGE = CHANGE

--- Several changes as one.
fields.CHANGES = {
  { name = "changes", type = "list", label = "Изменения", required = true, min = 1, max = 200, fields = CHANGE },
  { name = "title", type = "text", label = "Как назвать в истории", max_length = 200 },
  { name = "dry", type = "boolean", label = "Только проверить" },
  { name = "skip", type = "boolean", label = "Пропустить то, что не встаёт" },
  { name = "reason", type = "text", label = "Причина", max_length = 500 },
  { name = "override_reason", type = "text", label = "Почему всё же так", max_length = 500 },
}

fields.REASONS = {
  { name = "reason", type = "text", label = "Причина", max_length = 500 },
  { name = "override_reason", type = "text", label = "Почему всё же так", max_length = 500 },
}

local function planned(list)
  for _, field in ipairs({ { name = "group", type = "id", label = "Группа" }, { name = "organization", type = "id", label = "Организация" },
    { name = "teacher", type = "id", label = "Преподаватель" }, { name = "dry", type = "boolean", label = "Только проверить" },
    fields.REASONS[1], fields.REASONS[2] }) do
    list[#list + 1] = field
  end
  return list
end

fields.REPEAT = planned({
  { name = "week", type = "date", label = "Какую неделю повторить", required = true },
  { name = "times", type = "integer", label = "Сколько раз", required = true, min = 1, max = 40 },
  { name = "every", type = "integer", label = "Как часто", required = true, min = 1, max = 4, default = 1 },
})

fields.DAY = planned({
  { name = "day", type = "date", label = "Какой день перенести", required = true },
  { name = "to_day", type = "date", label = "На какой день", required = true },
})

fields.PUBLISH = planned({
  { name = "from", type = "date", label = "С какого дня", required = true },
  { name = "to", type = "date", label = "По какой день", required = true },
})

fields.LOCK = {
  { name = "lesson_id", type = "id", label = "Занятие" },
  { name = "group_id", type = "id", label = "Группа" },
  { name = "staff_id", type = "id", label = "Преподаватель" },
  { name = "day", type = "date", label = "День" },
  { name = "reason", type = "text", label = "Почему", max_length = 300 },
}

return fields
