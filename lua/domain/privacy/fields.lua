--- Words and forms of «Мои данные».
local form = require("kit.form")
local fields = {}

fields.GROUPS = {
  { "person", "О себе" }, { "former_names", "Прежние имена" }, { "account", "Учётная запись" }, { "consents", "Согласия" },
  { "applications", "Заявки" }, { "trainings", "Обучение" }, { "guardians", "Законные представители" }, { "roles", "Роли" }, { "sessions", "Входы" },
}

--- Names of what is kept, in the order in which people read it.
fields.NAMES = {
  { "last_name", "Фамилия" }, { "first_name", "Имя" }, { "middle_name", "Отчество" }, { "gender", "Пол" }, { "birth_date", "Дата рождения" },
  { "snils", "СНИЛС" }, { "inn", "ИНН" }, { "citizenship", "Гражданство (код)" }, { "birth_place", "Место рождения" },
  { "phone", "Телефон" }, { "email", "Почта" },
  { "address", "Адрес" }, { "education_level", "Образование" }, { "citizen_category", "Категория" }, { "listener_category", "Категория слушателя" },
  { "health_limit", "Ограничения по здоровью" }, { "number", "Номер" }, { "program", "Программа" }, { "group", "Группа" }, { "role", "Роль" },
  { "organization", "Организация" }, { "guardian", "Представитель" }, { "relation", "Кем приходится" }, { "kind", "Вид" }, { "text_version", "Редакция" },
  { "channel", "Как дано" }, { "state", "Состояние" }, { "comment", "Комментарий" }, { "submitted_at", "Подана" }, { "given_at", "Дано" },
  { "consented_at", "Согласие дано" }, { "withdrawn_at", "Отозвано" }, { "starts_on", "Начало" }, { "ends_on", "Конец" },
  { "valid_from", "С" }, { "valid_to", "По" },
  { "ip", "Адрес в сети" }, { "device", "Устройство" }, { "created_at", "Создано" }, { "last_login_at", "Последний вход" },
}

fields.CORRECTION = {
  { name = "text", type = "text", label = "Что исправить", required = true, max_length = 2000, multiline = true },
}
fields.ERASURE = { { name = "agree", type = "boolean", label = "Я понимаю, что это нельзя отменить" } }
fields.DECIDE = {
  { name = "verdict", type = "enum", label = "Решение", required = true, options = { "done", "rejected" } },
  { name = "reason", type = "text", label = "Ответ", max_length = 1000, multiline = true },
}
fields.STATES = {
  { value = "pending", label = "Ждёт" }, { value = "done", label = "Исполнен" }, { value = "rejected", label = "Отказано" },
  { value = "cancelled", label = "Отозван" },
}
fields.LIST = { { name = "state", type = "enum", label = "Состояние", options = fields.STATES }, form.PAGING[1], form.PAGING[2] }

return fields
