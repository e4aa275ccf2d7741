--- Forms of registration, log-in and passwords.
local fields = {}

fields.PASSWORD_MIN = 8
fields.PASSWORD_MAX = 1024 -- a cap against endless hashing; any characters, nothing is cut off

local EMAIL = { name = "email", type = "email", label = "Электронная почта", required = true, max_length = 254 }
local NEW_PASSWORD = { name = "password", type = "text", label = "Пароль", required = true, secret = true,
  hint = "Не короче 8 знаков. Длинная фраза надёжнее набора символов." }

fields.REGISTER = {
  { name = "last_name", type = "name", label = "Фамилия", required = true, max_length = 100 },
  { name = "first_name", type = "name", label = "Имя", required = true, max_length = 100 },
  EMAIL,
  NEW_PASSWORD,
}

fields.LOGIN = {
  { name = "email", type = "text", label = "Электронная почта", required = true, max_length = 254 },
  { name = "password", type = "text", label = "Пароль", required = true, secret = true },
}

--- A code of the phone or a recovery code.
fields.CODE = {
  { name = "code", type = "text", label = "Код", required = true, max_length = 40 },
}

fields.CHANGE_PASSWORD = {
  { name = "current", type = "text", label = "Нынешний пароль", secret = true },
  NEW_PASSWORD,
}

fields.RESET = { EMAIL }
fields.NEW_PASSWORD = { NEW_PASSWORD }

--- Body of POST /api/v1/auth/token.
fields.TOKEN = {
  { name = "email", type = "text", label = "Электронная почта", required = true, max_length = 254 },
  { name = "password", type = "text", label = "Пароль", required = true, secret = true },
  { name = "otp", type = "text", label = "Код второго фактора", max_length = 40 },
  { name = "grant_id", type = "integer", label = "Роль, в которой работать", min = 1 },
}

fields.GRANT = {
  { name = "grant_id", type = "integer", label = "Роль", required = true, min = 1 },
}

--- What people see of a role.
fields.ROLES = {
  learner = "Слушатель",
  teacher = "Преподаватель",
  partner = "Организация-партнёр",
  customer = "Работодатель",
  staff = "Сотрудник ЦОПП",
  coordinator = "Координатор",
  admin = "Администратор",
}


return fields
