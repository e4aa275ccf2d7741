--- Tests of the organisation.
local function test(name, facts, when, expect, object)
  return { name, given = { facts = facts, object = object or { is_partner = true } }, when = when, expect = expect }
end

return {
  test("Заявку берут на проверку", {}, { "take", from = "pending", by = "staff" }, { to = "checking" }),
  test("С верными реквизитами подтверждают", { faults = {} }, { "approve", from = "checking", by = "admin" }, { to = "active" }),
  test("Неверный ИНН не проходит", { faults = { { field = "inn", message = "контрольная сумма ИНН не сходится" } } }, { "approve", from = "checking", by = "staff" },
    { refused = "requisites_invalid", text = "контрольная сумма" }),
  test("Такая организация уже есть", { duplicate = { id = 12, short_name = "Колледж А" } }, { "approve", from = "checking", by = "staff" },
    { refused = "duplicate", text = "Колледж А" }),
  test("Ни партнёр, ни заказчик", {}, { "approve", from = "checking", by = "staff" },
    { refused = "side_required" }, { is_partner = false, is_customer = false }),
  test("Отказывают с причиной", {}, { "reject", from = "checking", by = "staff" }, { refused = "reason_required" }),
  test("Отказ", {}, { "reject", from = "checking", by = "staff", reason = "Нет лицензии" }, { to = "rejected" }),
  test("Приостанавливают с причиной", {}, { "suspend", from = "active", by = "staff", reason = "Проверка" }, { to = "suspended" }),
  test("Возобновляют", {}, { "resume", from = "suspended", by = "staff" }, { to = "active" }),
  test("Закрывают без незаконченных дел", { open_applications = 0, open_groups = 0 }, { "close", from = "active", by = "admin", reason = "Ликвидация" },
    { to = "closed" }),
  test("С открытыми группами не закрыть", { open_groups = 2 }, { "close", from = "suspended", by = "admin", reason = "Ликвидация" },
    { refused = "still_open", text = "групп — 2" }),
}
