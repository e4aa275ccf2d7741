--- Tests of the lesson.
local function test(name, facts, when, expect, today)
  return { name, given = { facts = facts, object = { organization_id = 7 }, today = today }, when = when, expect = expect }
end

return {
  test("Занятие без конфликтов публикуют", {}, { "publish", from = "planned", by = "staff" }, { to = "published" }),
  test("Неподтверждённая бронь не пускает", { bookings_unconfirmed = 1 }, { "publish", from = "planned", by = "staff" },
    { refused = "bookings_unconfirmed" }),
  test("Конфликт не пускает", { conflicts = 1 }, { "publish", from = "planned", by = "partner" }, { refused = "foreign_organization" }),
  test("Пересечение не пускает сотрудника", { conflicts = 1 }, { "move", from = "published", by = "staff" },
    { refused = "lesson_conflict" }),
  test("Перенос в плане", {}, { "move", from = "planned", by = "staff" }, { to = "planned" }),
  test("Отменяют с причиной", {}, { "cancel", from = "published", by = "staff", reason = "Болезнь" }, { to = "cancelled" }),
  test("Проводят, когда время пришло", { has_begun = true }, { "hold", from = "published", by = "teacher" }, { to = "held" }),
  test("Раньше времени не провести", {}, { "hold", from = "published", by = "teacher" }, { refused = "too_early" }),
  test("Подписывают с отметками всем", { unmarked = 0 }, { "sign", from = "held", by = "teacher" }, { to = "signed" }),
  test("Без отметок не подписать", { unmarked = 2 }, { "sign", from = "held", by = "teacher" }, { refused = "attendance_missing", text = "2" }),
  test("Тридцать дней журнал можно открыть", { signed_at = "2026-01-11" }, { "unsign", from = "signed", by = "staff", reason = "Ошибка" },
    { to = "held" }, "2026-02-10"),
  test("Позже журнал не открыть", { signed_at = "2026-01-10" }, { "unsign", from = "signed", by = "staff", reason = "Ошибка" },
    { refused = "too_late" }, "2026-02-10"),
  test("Закрывается с группой", { group_state = "completed" }, { "lock", from = "signed", by = "system" }, { to = "locked" }),
  test("Группа ещё учится", { group_state = "studying" }, { "lock", from = "signed", by = "system" }, { refused = "group_not_completed" }),
}
