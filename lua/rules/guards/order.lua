--- Guards of the machine `order`. Facts: persons (how many), basis_text, effective_on.
local shared = require("rules.guards.shared")
local guards = {}

guards.author_does_not_sign = shared.other_than_author("Приказ подписывает не тот, кто его готовил. Передайте его другому руководителю.")

function guards.persons_are_listed(ctx)
  if (tonumber(ctx.facts.persons) or 0) > 0 then return true end
  return false, { code = "no_persons", text = "В приказе нет ни одного человека. Добавьте состав." }
end

function guards.basis_is_given(ctx)
  local basis = ctx.facts.basis_text
  if basis and basis:find("%S") then return true end
  return false, { code = "no_basis", field = "basis_text", text = "Укажите основание приказа." }
end

function guards.signatory_is_authorized(ctx)
  local grant = ctx.user.grant
  local has_right = grant and grant.sets and grant.sets.director
  local is_own = has_right and (not grant.organization_id or grant.organization_id == ctx.object.organization_id)
  if is_own then return true end
  return false, { code = "not_a_signatory", status = 403, text = "Подписать приказ может руководитель организации, которая его издаёт." }
end

--- The unique number is the database's: order_doc_number_key.
function guards.date_precedes_effect(ctx)
  local dated_on, effective_on = ctx.data.dated_on or ctx.today, ctx.facts.effective_on
  if ctx.preview or not effective_on or dated_on <= effective_on then return true end
  return false, { code = "after_effective", field = "dated_on", text = "Дата приказа позже даты вступления в силу. Исправьте одну из них." }
end

return guards
