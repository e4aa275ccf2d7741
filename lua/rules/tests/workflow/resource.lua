--- Tests of the card of a resource.
local function test(name, facts, when, expect, data)
  return { name, given = { facts = facts, data = data, object = { organization_id = 7 } }, when = when, expect = expect }
end

return {
  test("Карточку посылают на модерацию", {}, { "submit", from = "draft", by = "partner" }, { to = "moderation" }),
  test("Центр принимает", {}, { "approve", from = "moderation", by = "staff" }, { to = "active" }),
  test("Возвращают с причиной", {}, { "reject", from = "moderation", by = "staff", reason = "Нет фото" }, { to = "rejected" }),
  test("Свободный ресурс снимают с работы", { hits = 0 }, { "hold", from = "active", by = "staff", reason = "Поверка" },
    { to = "maintenance" }),
  test("Затронутые занятия сначала смотрят", { hits = 2 }, { "hold", from = "active", by = "staff", reason = "Поверка" },
    { refused = "lessons_hit", text = "2 занятия" }),
  test("Увиденное подтверждают", { hits = 2 }, { "hold", from = "active", by = "staff", reason = "Поверка" },
    { to = "maintenance" }, { lessons = 2 }),
  test("Возвращают в работу", {}, { "restore", from = "maintenance", by = "partner" }, { to = "active" }),
  test("Без броней списывают", { ahead = 0 }, { "retire", from = "active", by = "staff", reason = "Износ" }, { to = "archived" }),
  test("С бронями не списать", { ahead = 5 }, { "retire", from = "active", by = "staff", reason = "Износ" },
    { refused = "still_booked", text = "5 броней" }),
  test("Правки проверяют, где так решено", { edits_are_checked = true }, { "edit", from = "active", by = "partner" },
    { to = "moderation" }),
  test("Правки не проверяют, где так решено", {}, { "edit", from = "active", by = "partner" }, { refused = "not_checked" }),
}
