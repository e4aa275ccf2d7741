--- Guards of the machine `program`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.constructor_is_content = shared.needs("constructor_is_content", "constructor_refuses",
  "Программа не прошла проверок конструктора: часы, итоговая аттестация, результаты, база и кадры.")

function guards.remarks_are_given(ctx)
  if ctx.preview or (ctx.reason or ""):find("%S") then return true end
  return false, { code = "remarks_required", field = "reason", text = "Напишите замечания." }
end
guards.experts_are_named = shared.needs("experts_are_named", "too_few_experts", "Назначьте больше экспертов.")
guards.expertise_recommends = shared.needs("expertise_recommends", "not_recommended", "Экспертиза не рекомендовала программу.")
guards.author_does_not_approve = shared.other_than_author("Программу утверждает не тот, кто её составил.")

function guards.no_active_groups(ctx)
  if (tonumber(ctx.facts.active_groups) or 0) == 0 then return true end
  return false, { code = "has_groups", text = "По программе учатся группы." }
end
return guards
