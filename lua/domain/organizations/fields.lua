--- Input of organisations: requisites, people, agreements, filters.
local form = require("kit.form")
local fields = {}

fields.SIDES = { { value = "partner", label = "Партнёр" }, { value = "customer", label = "Заказчик" } }
fields.CAPACITIES = { { value = "curator", label = "Куратор" }, { value = "member", label = "Сотрудник" }, { value = "expert", label = "Эксперт" } }
fields.CAPACITY_NAMES = { curator = "Куратор", member = "Сотрудник", expert = "Эксперт" }
fields.AGREEMENTS = {
  { value = "network", label = "Сетевая форма" }, { value = "cooperation", label = "Сотрудничество" },
  { value = "training", label = "Обучение" }, { value = "practice", label = "Практика" },
}
fields.STATES = {
  { value = "pending", label = "Заявка на регистрацию" }, { value = "checking", label = "Проверка данных" }, { value = "active", label = "Действует" },
  { value = "suspended", label = "Приостановлена" }, { value = "rejected", label = "Отказано" }, { value = "closed", label = "Закрыта" },
}

local INN = { name = "inn", type = "inn", label = "ИНН", required = true, hint = "10 цифр; у предпринимателя 12" }
local KPP = { name = "kpp", type = "kpp", label = "КПП", hint = "9 знаков. У предпринимателя нет" }
local OGRN = { name = "ogrn", type = "ogrn", label = "ОГРН", required = true, hint = "13 цифр; ОГРНИП — 15" }

-- Requisites by which an organisation is known.
local NAMED = {
  INN, KPP, OGRN,
  { name = "full_name", type = "text", label = "Полное название", required = true, max_length = 500 },
  { name = "short_name", type = "text", label = "Короткое название", required = true, max_length = 200, hint = "Как называть в списках: ООО «Завод»" },
}

local PLACES = {
  { name = "legal_address", type = "text", label = "Юридический адрес", max_length = 500 },
  { name = "actual_address", type = "text", label = "Фактический адрес", max_length = 500 },
  { name = "phone", type = "phone", label = "Телефон" },
  { name = "email", type = "email", label = "Почта организации", max_length = 254 },
  { name = "site_url", type = "text", label = "Сайт", max_length = 200, pattern = "^https?://[^%s]+$", message = "Адрес начинается с https://" },
}

local DIRECTOR = {
  { name = "director_name", type = "text", label = "Руководитель", max_length = 200, hint = "Фамилия, имя, отчество" },
  { name = "director_post", type = "text", label = "Должность руководителя", max_length = 200 },
  { name = "director_basis", type = "text", label = "Действует на основании", max_length = 200, hint = "Например, Устава" },
}

local function joined(...)
  local all = {}
  for _, list in ipairs({ ... }) do
    for _, field in ipairs(list) do all[#all + 1] = field end
  end
  return all
end

local KIND = { name = "kind", type = "text", label = "Вид организации", required = true, max_length = 40 }
local POST = { name = "post", type = "text", label = "Ваша должность", max_length = 200 }
local VERSION = { name = "version", type = "integer", label = "Версия", min = 1 }

--- What a newcomer tells about his organisation.
fields.REGISTER = joined(NAMED, {
  { name = "legal_address", type = "text", label = "Юридический адрес", max_length = 500 },
  { name = "kind", type = "text", label = "Вид организации", max_length = 40 },
  POST,
})

--- What the staff changes in a card.
fields.CARD = joined({ KIND }, NAMED, PLACES, DIRECTOR, {
  { name = "okved_main", type = "text", label = "Основной ОКВЭД", max_length = 10 },
  { name = "municipality", type = "text", label = "Муниципалитет", max_length = 200 },
  { name = "is_partner", type = "boolean", label = "Партнёр" },
  { name = "is_customer", type = "boolean", label = "Заказчик" },
  { name = "parent_id", type = "id", label = "Головная организация (номер)" },
  VERSION,
})

--- What a curator changes himself: the rest was checked by the staff.
fields.OWN = joined(PLACES, DIRECTOR, {
  { name = "municipality", type = "text", label = "Муниципалитет", max_length = 200 }, VERSION,
})

fields.CREATE = joined({ KIND }, NAMED, {
  { name = "is_partner", type = "boolean", label = "Партнёр" }, { name = "is_customer", type = "boolean", label = "Заказчик" },
  { name = "legal_address", type = "text", label = "Юридический адрес", max_length = 500 },
  { name = "parent_id", type = "id", label = "Головная организация (номер)" },
  { name = "curator_email", type = "email", label = "Почта будущего куратора", max_length = 254, hint = "Отправим приглашение. Можно пригласить и позже" },
})

fields.JOIN = {
  { name = "organization_id", type = "id", label = "Организация", required = true },
  { name = "post", type = "text", label = "Ваша должность", max_length = 200 },
  { name = "comment", type = "text", label = "Кому и зачем нужен доступ", max_length = 1000, multiline = true },
}
fields.DECIDE = {
  { name = "verdict", type = "enum", label = "Решение", required = true, options = { "accept", "reject" } },
  { name = "capacity", type = "enum", label = "Кем", options = fields.CAPACITIES },
  { name = "reason", type = "text", label = "Причина", max_length = 1000, multiline = true },
}
fields.INVITE = {
  { name = "email", type = "email", label = "Электронная почта", required = true, max_length = 254 },
  { name = "capacity", type = "enum", label = "Кем", required = true, options = fields.CAPACITIES },
  { name = "post", type = "text", label = "Должность", max_length = 200 },
}
fields.MEMBER = {
  { name = "capacity", type = "enum", label = "Кем", options = fields.CAPACITIES },
  { name = "post", type = "text", label = "Должность", max_length = 200 },
  VERSION,
}
fields.CONTACT = {
  { name = "name", type = "text", label = "Кто", required = true, max_length = 200 },
  { name = "post", type = "text", label = "Должность", max_length = 200 },
  { name = "phone", type = "phone", label = "Телефон" },
  { name = "email", type = "email", label = "Почта", max_length = 254 },
}
fields.AGREEMENT = {
  { name = "kind", type = "enum", label = "О чём", required = true, options = fields.AGREEMENTS },
  { name = "number", type = "text", label = "Номер", required = true, max_length = 60 },
  { name = "signed_on", type = "date", label = "Дата подписания", required = true },
  { name = "valid_to", type = "date", label = "Действует по", hint = "Пусто: бессрочно" },
  { name = "subject", type = "text", label = "Предмет", max_length = 500 },
}
fields.FILE_TYPES = { "application/pdf", "image/jpeg", "image/png" }
fields.FILE_ACCEPT = ".pdf,.jpg,.jpeg,.png"
fields.FILE_MAX_BYTES = 10 << 20

--- An invited person who has no account yet.
fields.ACCEPT = {
  { name = "last_name", type = "name", label = "Фамилия", required = true, max_length = 100 },
  { name = "first_name", type = "name", label = "Имя", required = true, max_length = 100 },
  { name = "password", type = "text", label = "Пароль", required = true, secret = true },
}

fields.LIST = {
  { name = "q", type = "text", label = "Поиск", max_length = 200 },
  { name = "side", type = "enum", label = "Сторона", options = fields.SIDES },
  { name = "kind", type = "list", label = "Вид" },
  { name = "state", type = "list", label = "Состояние" },
  { name = "sort", type = "text", label = "Порядок", max_length = 20 },
  form.PAGING[1], form.PAGING[2],
}

--- Data of the action "close".
fields.DATA = { close = { { name = "successor_id", type = "id", label = "Правопреемник (номер)" } } }

return fields
