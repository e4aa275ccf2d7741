--- Words and inputs of the pages of plugins.
local fields = {}

fields.STATES = {
  enabled = { "Включён", "ok" }, disabled = { "Выключен", "neu" }, suspended = { "Приостановлен", "bad" }, waiting = { "Ждёт согласия", "warn" },
  broken = { "С ошибкой", "bad" },
}
fields.CODES = {
  time = "превышено время", memory = "превышена память", output = "слишком большой ответ", runtime = "ошибка в коде", answer = "ответ не по правилам",
  markup = "недопустимая разметка",
  asks = "слишком много обращений", load = "не загрузился",
  result = "ответ нельзя передать", depth = "слишком глубокая вложенность",
}
fields.MODES = { filter = "проверка", event = "событие", slot = "раздел страницы", route = "маршрут", job = "задание", timer = "по времени" }

fields.ENABLE = { { name = "consent", type = "text", label = "Согласие", required = true, max_length = 64 } }
fields.UNINSTALL = { { name = "confirm", type = "text", label = "Имя плагина", required = true, max_length = 30 } }
fields.RELEASE = { { name = "what", type = "enum", label = "Что сделать", required = true,
  options = { { value = "waiting", label = "Повторить" }, { value = "skipped", label = "Пропустить" } } } }
fields.TRANSITION = {
  { name = "action", type = "enum", label = "Действие", required = true, options = { "enable", "disable", "resume" } },
  { name = "consent", type = "text", label = "Отпечаток того, чего плагин просит", max_length = 64 },
}

return fields
