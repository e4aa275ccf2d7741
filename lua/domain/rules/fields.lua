--- Input of rules.
local form = require("kit.form")
local fields = {}

local ORGANIZATION = { name = "organization_id", type = "integer", label = "Организация", min = 0, default = 0 }
local FILES = { name = "files", type = "json", label = "Файлы" }
local REASON = { name = "reason", type = "text", label = "Причина", required = true, max_length = 2000, multiline = true }
local VERSION = { name = "version", type = "integer", label = "Версия", required = true, min = 0 }
local HASH = { name = "hash", type = "text", label = "Версия правил", max_length = 64 }

fields.LAYER = { ORGANIZATION }
fields.DRAFT = { ORGANIZATION, { name = "files", type = "json", label = "Файлы", required = true }, VERSION }
fields.DROP = { ORGANIZATION, VERSION }
fields.CHECK = { ORGANIZATION, FILES }
fields.KEEP = { ORGANIZATION, FILES, { name = "comment", type = "text", label = "Что изменено", required = true, max_length = 2000, multiline = true } }
fields.PUBLISH = { ORGANIZATION, FILES, HASH, VERSION, REASON,
  { name = "share", type = "integer", label = "Доля новых дел, %", min = 1, max = 100, default = 100 },
  { name = "force", type = "boolean", label = "Публиковать, хотя испытания не прошли", default = false } }
fields.SWITCH = { ORGANIZATION, VERSION, REASON }
fields.ROLLBACK = { ORGANIZATION, VERSION, REASON, HASH }
fields.DIFF = { ORGANIZATION, { name = "from", type = "text", label = "Было", max_length = 64 }, { name = "to", type = "text", label = "Стало", max_length = 64 } }
fields.MOVE = { { name = "set_hash", type = "text", label = "Набор, который смотрели", required = true, max_length = 64 }, REASON }
fields.DRY_RUN = { ORGANIZATION, FILES, HASH, { name = "months", type = "integer", label = "За сколько месяцев", min = 1, max = 120, default = 12 } }
fields.CASES = { form.PAGING[1], form.PAGING[2], { name = "unsure", type = "boolean", label = "Только то, чего не хватает в записях" } }

return fields
