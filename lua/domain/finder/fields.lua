--- What the search of the cabinets takes, and the acts that it offers beside what it finds.
local fields = {}

fields.SEARCH = {
  { name = "q", type = "text", label = "Что искать", max_length = 100 },
  { name = "limit", type = "integer", label = "Сколько каждого вида", min = 1, max = 20 },
}

--- label, href, icon, needs = permission, words = further words by which it is found.
fields.ACTIONS = {
  { label = "Новая группа", href = "/cabinet/groups/new", icon = "users-plus", needs = "group.create", words = "создать добавить набор" },
  { label = "Новое занятие", href = "/cabinet/lessons/new", icon = "calendar-plus", needs = "lesson.plan", words = "поставить в расписание создать" },
  { label = "Просроченные заявки", href = "/cabinet/applications?overdue=1", icon = "alarm", needs = "application.decide", words = "срок горят" },
  { label = "Мои заявки в работе", href = "/cabinet/applications?responsible=mine", icon = "user-check", needs = "application.decide",
    words = "порученные" },
  { label = "Выгрузить заявки в Excel", href = "/cabinet/applications/export.xlsx", icon = "download", needs = "application.export",
    words = "скачать экспорт xlsx" },
  { label = "Подать заявку", href = "/programs", icon = "send", roles = { "learner" }, words = "записаться учиться" },
  { label = "Уведомления", href = "/cabinet/notifications", icon = "bell", words = "новости" },
  { label = "Настройка уведомлений", href = "/cabinet/notifications/settings", icon = "settings", words = "письма тихие часы сводка" },
  { label = "Мой профиль", href = "/cabinet/profile", icon = "user", words = "данные снилс" },
  { label = "Выйти", href = "/logout", icon = "logout", words = "выход сменить пользователя" },
}

return fields
