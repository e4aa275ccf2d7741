--- Guards of the machine `bulk_application`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.has_rows = shared.needs("has_rows", "no_rows", "В заявке нет ни одной строки.")
guards.organization_is_active = shared.needs("organization_is_active", "organization_unconfirmed", "Организация ещё не подтверждена.")
guards.rows_are_valid = shared.needs("rows_are_valid", "rows_invalid", "Исправьте строки с ошибками или отметьте их «данные позже».")

function guards.comment_is_given(ctx)
  if ctx.preview or (ctx.reason or ""):find("%S") then return true end
  return false, { code = "comment_required", field = "reason", text = "Напишите комментарий." }
end
guards.places_are_found = shared.needs("places_are_found", "no_places", "Подберите группы и сроки.")

function guards.reason_is_given(ctx)
  if ctx.preview or (ctx.reason or ""):find("%S") then return true end
  return false, { code = "reason_required", field = "reason", text = "Напишите причину." }
end
guards.has_a_group = shared.needs("has_a_group", "no_group", "Создайте хотя бы одну группу.")
guards.rows_are_over = shared.needs("rows_are_over", "rows_open", "Не все строки завершены.")
return guards
