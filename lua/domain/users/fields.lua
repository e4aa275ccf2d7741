--- Lists and forms of users.
local fields = {}

fields.STATES = {
  { value = "active", label = "Действует" }, { value = "registered", label = "Не подтверждён" }, { value = "locked", label = "Закрыт от подбора пароля" },
  { value = "blocked", label = "Заблокирован" }, { value = "deleted", label = "Удалён" },
}
fields.TONES = { active = "ok", registered = "warn", locked = "warn", blocked = "bad", deleted = "neu" }
fields.LOGINS = {
  { value = "week", label = "Входил за неделю" }, { value = "quarter", label = "Не входил три месяца" }, { value = "never", label = "Ни разу не входил" },
}

fields.LIST = {
  { name = "q", type = "text", label = "Поиск", max_length = 100 },
  { name = "role", type = "text", label = "Роль", max_length = 31 },
  { name = "organization", type = "id", label = "Организация", min = 1 },
  { name = "state", type = "enum", label = "Состояние", options = fields.STATES },
  { name = "login", type = "enum", label = "Вход", options = fields.LOGINS },
  { name = "sort", type = "text", label = "Порядок", max_length = 20 },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 600 },
}

local EMAIL = { name = "email", type = "email", label = "Электронная почта", required = true, max_length = 254, aliases = { "Почта", "E-mail", "Email" } }
local NAMES = {
  { name = "last_name", type = "name", label = "Фамилия", required = true, max_length = 100 },
  { name = "first_name", type = "name", label = "Имя", required = true, max_length = 100 },
  { name = "middle_name", type = "name", label = "Отчество", max_length = 100 },
}

local function joined(...)
  local all = {}
  for _, list in ipairs({ ... }) do
    for _, field in ipairs(list) do all[#all + 1] = field end
  end
  return all
end

--- A role with its dates. `sets`: permission sets on top.
fields.GRANT = {
  { name = "role", type = "text", label = "Роль", required = true, max_length = 31 },
  { name = "organization_id", type = "id", label = "Организация", min = 1, hint = "Для партнёров и работодателей" },
  { name = "sets", type = "list", label = "Наборы прав", max = 20 },
  { name = "valid_from", type = "date", label = "С какого дня" },
  { name = "valid_to", type = "date", label = "По какой день", hint = "Пусто: без срока" },
}

--- Body of POST /api/v1/users: an invitation.
fields.NEW = joined({ EMAIL }, NAMES, fields.GRANT)

fields.SETS = {
  { name = "sets", type = "list", label = "Наборы прав", max = 20 },
  { name = "reason", type = "text", label = "Причина", required = true, max_length = 500 },
}

fields.REASON = {
  { name = "version", type = "integer", label = "Версия", min = 1 },
  { name = "reason", type = "text", label = "Причина", required = true, max_length = 500 },
}

--- Body of POST /api/v1/users/{id}/merge: `duplicate_id` is the person who goes into this one.
fields.MERGE = {
  { name = "duplicate_id", type = "uuid", label = "Вторая запись", required = true },
  { name = "reason", type = "text", label = "Причина", required = true, max_length = 500 },
}

fields.EXPORT = {
  { name = "reason", type = "text", label = "Зачем выгружаете", required = true, max_length = 500 },
}

--- Columns of a table of users (XLSX, CSV).
fields.IMPORT = joined({ EMAIL }, NAMES, {
  { name = "role", type = "text", label = "Роль", required = true, max_length = 60 },
  { name = "inn", type = "inn", label = "ИНН организации", aliases = { "ИНН" } },
  { name = "snils", type = "snils", label = "СНИЛС" },
  { name = "valid_to", type = "date", label = "По какой день", aliases = { "Действует по" } },
})
fields.IMPORT_ROWS_MAX = 20000

--- Names of tables for people: what moves when duplicates are put together.
fields.TABLES = {
  application = "Заявки", enrollment = "Обучение в группах", order_line = "Строки приказов", consent = "Согласия", guardian_link = "Представители",
  person_name_history = "Прежние имена", staff_resource = "Карточки преподавателя", role_grant = "Роли", booking = "Занятость в расписании",
}

return fields
