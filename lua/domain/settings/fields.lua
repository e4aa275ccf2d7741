--- Input of the pages of settings and secrets, and titles of the groups.
local fields = {}

--- Titles by module; a module without one stands under its own name.
fields.TITLES = {
  accounts = "Вход и учётные записи",
  people = "Люди и согласия",
  applications = "Заявки",
  groups = "Группы",
  lessons = "Расписание",
  journal = "Журнал",
  orders = "Приказы",
  site = "Публичный сайт",
  notifications = "Уведомления",
  system = "Обслуживание",
  signin = "Внешний вход",
  search = "Поиск",
  organizations = "Организации",
  users = "Пользователи",
  cabinet = "Кабинеты",
  personal = "Персональные данные",
  privacy = "Мои данные",
}

fields.ORIGINS = {
  default = "по умолчанию",
  region = "config.lua региона",
  environment = "переменная окружения",
}

fields.SECRET = {
  { name = "name", type = "text", label = "Секрет", required = true, max_length = 100 },
  {
    name = "value",
    type = "text",
    label = "Новое значение",
    required = true,
    multiline = true,
    secret = true,
    max_length = 20000,
  },
}
fields.FORGET = { fields.SECRET[1] }
fields.PUT = {
  { name = "value", type = "json", label = "Значение" },
  { name = "version", type = "integer", label = "Редакция", min = 0, required = true },
}

return fields
