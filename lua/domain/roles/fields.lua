--- Forms of roles and permission sets.
local fields = {}

fields.SCOPES = {
  { value = "own", label = "своё" }, { value = "organization", label = "своя организация" }, { value = "all", label = "всё" },
}
fields.SCOPE_WORDS = { none = "нет", own = "своё", organization = "своя организация", all = "всё" }

fields.KINDS = { { value = "role", label = "Роль" }, { value = "set", label = "Набор прав" } }

--- Body of POST /api/v1/roles.
fields.NEW = {
  { name = "kind", type = "enum", label = "Что создать", required = true, options = fields.KINDS, default = "role" },
  { name = "name", type = "text", label = "Название", required = true, max_length = 60 },
  { name = "code", type = "text", label = "Код", required = true, max_length = 31, pattern = "^[a-z][a-z0-9_]+$",
    message = "Латинские строчные буквы, цифры и знак подчёркивания; первой стоит буква", hint = "Латиницей, например intern. Потом не меняется." },
  { name = "note", type = "text", label = "Для кого", max_length = 200 },
  { name = "base", type = "text", label = "Как кто действует", max_length = 31,
    hint = "Какие шаги заявок, групп и занятий доступны роли" },
  { name = "cabinet", type = "text", label = "Чей кабинет открывается", max_length = 31 },
  { name = "inherits", type = "boolean", label = "Начать с прав этой роли (кроме управления пользователями)" },
}

--- Body of PATCH /api/v1/roles/{code}. `rules`: permission → none, own, organization or all; what is absent stays.
fields.CHANGE = {
  { name = "name", type = "text", label = "Название", max_length = 60 },
  { name = "note", type = "text", label = "Для кого", max_length = 200 },
  { name = "rules", type = "json", label = "Права" },
  { name = "reason", type = "text", label = "Причина", max_length = 500 },
  { name = "version", type = "integer", label = "Версия", required = true, min = 1 },
}

--- Body of the actions that say nothing but why.
fields.REASON = {
  { name = "reason", type = "text", label = "Причина", required = true, max_length = 500 },
  { name = "version", type = "integer", label = "Версия", required = true, min = 1 },
}

return fields
