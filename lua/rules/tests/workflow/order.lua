--- Tests of the order (приказ).
local DIRECTOR = { id = 2, grant = { role = "staff", sets = { director = true } } }

local function test(name, facts, when, expect, more)
  local given = more or {}
  given.facts, given.object = facts, given.object or { organization_id = 7, created_by = 5 }
  return { name, given = given, when = when, expect = expect }
end

return {
  test("На подпись идёт приказ с людьми и основанием", { persons = 3, basis_text = "Заявления" }, { "send", from = "draft", by = "staff" },
    { to = "on_sign" }),
  test("Без людей приказа нет", { persons = 0, basis_text = "Заявления" }, { "send", from = "draft", by = "staff" },
    { refused = "no_persons" }),
  test("Без основания приказа нет", { persons = 1, basis_text = " " }, { "send", from = "draft", by = "staff" }, { refused = "no_basis" }),
  test("Подписывает директор", {}, { "sign", from = "on_sign", by = "director" }, { to = "signed" }, { user = DIRECTOR }),
  test("Автор своего приказа не подписывает", {}, { "sign", from = "on_sign", by = "director" }, { refused = "author_is_approver" },
    { user = DIRECTOR, object = { organization_id = 7, created_by = 2 } }),
  test("Чужой директор не подписывает", {}, { "sign", from = "on_sign", by = "director" }, { refused = "not_a_signatory" },
    { user = { id = 3, grant = { role = "staff", organization_id = 8, sets = { director = true } } } }),
  test("Возвращают с причиной", {}, { "reject", from = "on_sign", by = "director", reason = "Ошибка" }, { to = "rejected" }),
  test("Возвращённый исправляют", {}, { "fix", from = "rejected", by = "staff" }, { to = "draft" }),
  test("Регистрируют до вступления в силу", { effective_on = "2026-02-20" }, { "register", from = "signed", by = "staff" },
    { to = "registered" }),
  test("Дата приказа позже вступления в силу", { effective_on = "2026-02-01" }, { "register", from = "signed", by = "staff" },
    { refused = "after_effective" }),
  test("Аннулируют с причиной", {}, { "annul", from = "registered", by = "director", reason = "Ошибочный" }, { to = "annulled" }),
}
