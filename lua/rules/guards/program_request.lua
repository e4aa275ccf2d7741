--- Guards of the machine `program_request`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.request_is_whole = shared.needs("request_is_whole", "incomplete", "Укажите компетенции или трудовые функции, численность и желаемый срок.")

function guards.reason_is_given(ctx)
  if ctx.preview or (ctx.reason or ""):find("%S") then return true end
  return false, { code = "reason_required", field = "reason", text = "Напишите причину, а если есть похожая программа — ссылку на неё." }
end
guards.developer_is_named = shared.needs("developer_is_named", "no_developer", "Назовите разработчика: организацию или сотрудника.")
guards.has_a_draft = shared.needs("has_a_draft", "no_draft", "Создайте проект программы.")
guards.expertise_is_passed = shared.needs("expertise_is_passed", "no_expertise", "Программа ещё не прошла экспертизу.")

function guards.remarks_are_given(ctx)
  if ctx.preview or (ctx.reason or ""):find("%S") then return true end
  return false, { code = "remarks_required", field = "reason", text = "Напишите замечания." }
end
return guards
