--- Guards of the machine `organization`. Pure; the facts are gathered by domain/organizations/binding.
local guards = {}

function guards.requisites_are_valid(ctx)
  local faults = ctx.facts.faults or {}
  if #faults == 0 then return true end
  return false, { code = "requisites_invalid", field = faults[1].field, text = "Реквизиты не проходят проверку: " .. faults[1].message .. "." }
end

function guards.no_duplicate(ctx)
  local other = ctx.facts.duplicate
  if not other then return true end
  return false, { code = "duplicate", field = "inn", extra = { organization_id = tostring(other.id) },
    text = ("С этими ИНН и КПП уже есть «%s» (№ %d)."):format(other.short_name, other.id) }
end

--- Its people work as a partner's or a customer's; without a side they would have no cabinet.
function guards.has_a_side(ctx)
  if ctx.object.is_partner or ctx.object.is_customer then return true end
  return false, { code = "side_required", field = "is_partner", text = "Отметьте в карточке, партнёр это или заказчик." }
end

function guards.nothing_is_open(ctx)
  local f = ctx.facts
  if (f.open_applications or 0) == 0 and (f.open_groups or 0) == 0 then return true end
  return false, { code = "still_open", text = ("У организации есть незаконченные дела: заявок — %d, групп — %d. Сначала завершите их."):format(
    f.open_applications or 0, f.open_groups or 0) }
end

return guards
