--- Forms by which a process is changed without programming.
local flow = require("domain.rules.flow")
local fields = {}

--- Icons to choose from: enough for a state, in words.
fields.ICONS = {
  { value = "clock-pause", label = "Часы: ждёт" }, { value = "inbox", label = "Лоток: поступило" }, { value = "eye", label = "Глаз: рассматривают" },
  { value = "file-alert", label = "Лист с восклицанием: нужны бумаги" }, { value = "file-check", label = "Лист с галочкой: бумаги проверяют" },
  { value = "send", label = "Самолётик: отправлено" }, { value = "phone", label = "Телефон: звонят" }, { value = "building", label = "Здание: в организации" },
  { value = "signature", label = "Подпись" }, { value = "calendar", label = "Календарь: назначено" }, { value = "user-check", label = "Человек с галочкой" },
  { value = "school", label = "Учёба" }, { value = "certificate", label = "Документ об обучении" }, { value = "check", label = "Галочка: удалось" },
  { value = "x", label = "Крестик: отказ" }, { value = "ban", label = "Запрет" }, { value = "hourglass", label = "Песочные часы: время вышло" },
  { value = "archive", label = "Архив" }, { value = "pencil", label = "Карандаш: черновик" }, { value = "arrow-back-up", label = "Возврат" },
}

fields.TRANSITION_TONES = { { value = "ok", label = "Зелёная: согласие" }, { value = "bad", label = "Красная: отказ" } }

local VERSION = { name = "version", type = "integer", label = "Версия черновика", required = true, min = 0 }
local ORGANIZATION = { name = "organization_id", type = "integer", label = "Организация", min = 0 }
local LABEL = { name = "label", type = "text", label = "Название", required = true, max_length = 60 }
local TONE = { name = "tone", type = "enum", label = "Цвет", required = true, options = flow.TONES }
local ICON = { name = "icon", type = "text", label = "Значок", required = true, max_length = 40, pattern = "^[a-z0-9%-]+$", message = "Выберите значок из списка" }
local FINAL = { name = "final", type = "boolean", label = "Конечное: дальше дело не идёт" }

fields.STATE = { LABEL, TONE, ICON, FINAL, VERSION, ORGANIZATION }

fields.NEW_STATE = {
  LABEL, TONE, ICON, FINAL,
  { name = "code", type = "text", label = "Код", max_length = 30, pattern = "^[a-z][a-z0-9_]*$",
    message = "Код: латинские строчные буквы, цифры и подчёркивание, первая — буква" },
  { name = "in_from", type = "list", label = "Из каких состояний", required = true, min = 1 },
  { name = "in_label", type = "text", label = "Что написано на кнопке", required = true, max_length = 40 },
  { name = "in_by", type = "list", label = "Кто нажимает", required = true, min = 1 },
  { name = "out", type = "list", label = "Куда дальше" },
  { name = "out_only", type = "boolean", label = "Только отсюда" },
  VERSION, ORGANIZATION,
}

fields.TRANSITION = {
  { name = "label", type = "text", label = "Что написано на кнопке", required = true, max_length = 40 },
  { name = "from", type = "list", label = "Из каких состояний", required = true, min = 1 },
  { name = "to", type = "text", label = "В какое состояние", required = true, max_length = 40 },
  { name = "by", type = "list", label = "Кто может", required = true, min = 1 },
  { name = "guards", type = "list", label = "Какие условия должны выполняться" },
  { name = "documents", type = "list", label = "Какие документы предложить запросить" },
  { name = "tone", type = "enum", label = "Цвет кнопки", options = fields.TRANSITION_TONES },
  { name = "reason", type = "boolean", label = "Спрашивать причину" },
  VERSION, ORGANIZATION,
}

fields.TEXT = {
  { name = "part", type = "text", label = "Файл", required = true, max_length = 80 },
  { name = "text", type = "text", label = "Текст", max_length = 200000, multiline = true, secret = true },
  VERSION, ORGANIZATION,
}

fields.PUBLISH = {
  { name = "reason", type = "text", label = "Что меняется и почему", required = true, max_length = 2000, multiline = true },
  { name = "share", type = "integer", label = "Для каких новых дел", min = 1, max = 100, default = 100 },
  { name = "force", type = "boolean", label = "Опубликовать, хотя испытания не прошли" },
  { name = "active_version", type = "integer", label = "Версия действующих правил", required = true, min = 0 },
}

fields.SWITCH = {
  { name = "reason", type = "text", label = "Причина", required = true, max_length = 2000, multiline = true },
  { name = "version", type = "integer", label = "Версия действующих правил", required = true, min = 0 },
  { name = "hash", type = "text", label = "К какой версии", max_length = 64 },
}

fields.RUN = {
  { name = "hash", type = "text", label = "Что прогнать", max_length = 64 },
  { name = "months", type = "integer", label = "По каким делам", min = 1, max = 120, default = 12 },
}

fields.MOVE = {
  { name = "set_hash", type = "text", label = "Набор, который смотрели", required = true, max_length = 64 },
  { name = "reason", type = "text", label = "Причина", required = true, max_length = 2000, multiline = true },
}

fields.DROP = { VERSION, ORGANIZATION }

return fields
