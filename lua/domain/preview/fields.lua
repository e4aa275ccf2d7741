--- What an administrator looks at: a role (with an organisation where it needs one), or a grant of a user.
local fields = {}

fields.START = {
  { name = "role", type = "text", label = "Роль", max_length = 31 },
  { name = "organization_id", type = "id", label = "Организация", min = 1 },
  { name = "grant_id", type = "id", label = "Роль пользователя", min = 1 },
  { name = "reason", type = "text", label = "Зачем", required = true, max_length = 300, hint = "Останется в журнале действий" },
}

return fields
