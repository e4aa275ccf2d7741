--- Guards of the machine `expertise`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.experts_agreed = shared.needs("experts_agreed", "too_few_experts", "Согласилось меньше экспертов, чем нужно.")

function guards.no_conflict_of_interest(ctx)
  if (tonumber(ctx.facts.conflicts) or 0) == 0 then return true end
  return false, { code = "conflict_of_interest", text = "У эксперта конфликт интересов." }
end
guards.verdicts_diverge = shared.needs("verdicts_diverge", "no_divergence", "Итоги экспертов не расходятся.")

function guards.no_third_expert_yet(ctx)
  if not ctx.facts.third_expert then return true end
  return false, { code = "third_expert_was", text = "Третий эксперт уже назначался." }
end
guards.score_is_enough = shared.needs("score_is_enough", "score_too_low", "Средний балл ниже проходного.")

function guards.nothing_blocks(ctx)
  if (tonumber(ctx.facts.blocking) or 0) == 0 then return true end
  return false, { code = "blocked", text = "Есть блокирующие «нет»." }
end
return guards
