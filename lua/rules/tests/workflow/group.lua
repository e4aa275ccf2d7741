--- Tests of the study group.
local OBJECT = { organization_id = 7, starts_on = "2026-03-01", ends_on = "2026-04-01", capacity_min = 5, capacity_max = 12, seats_taken = 6 }

local function test(name, facts, when, expect, changes)
  local object = {}
  for key, value in pairs(OBJECT) do object[key] = value end
  for key, value in pairs(changes or {}) do object[key] = value end
  return { name, given = { facts = facts, object = object }, when = when, expect = expect }
end

return {
  test("Набор открывают по опубликованной программе", { program_published = true }, { "open", from = "planned", by = "staff" },
    { to = "recruiting" }),
  test("Программа не опубликована", {}, { "open", from = "planned", by = "staff" }, { refused = "program_not_published" }),
  test("Без дат набор не открыть", { program_published = true }, { "open", from = "planned", by = "staff" },
    { refused = "incomplete" }, { starts_on = false }),
  test("Без мест набор не открыть", { program_published = true }, { "open", from = "planned", by = "staff" },
    { refused = "incomplete" }, { capacity_max = 0 }),
  test("Набор завершают приказом", { has_enroll_order = true }, { "form", from = "recruiting", by = "staff" }, { to = "formed" }),
  test("Набор без приказа не завершить", {}, { "form", from = "recruiting", by = "staff" }, { refused = "order_required" }),
  test("Слушателей мало", { has_enroll_order = true }, { "form", from = "recruiting", by = "system" },
    { refused = "too_few_learners", text = "В группе 2" },
    { seats_taken = 2 }),
  test("Дополнительный набор", {}, { "reopen", from = "formed", by = "staff" }, { to = "recruiting" }),
  test("Учатся по расписанию", { has_enroll_order = true, hours_unplanned = 0 }, { "start", from = "formed", by = "system" }, { to = "studying" }),
  test("Расписание не покрывает план", { has_enroll_order = true, hours_unplanned = 4 }, { "start", from = "formed", by = "staff" },
    { refused = "hours_unplanned", text = "4 ч" }),
  test("К аттестации — когда план выполнен", { lessons_open = 0, has_admission_order = true }, { "attest", from = "studying", by = "staff" },
    { to = "attestation" }),
  test("Остались занятия", { lessons_open = 2, has_admission_order = true }, { "attest", from = "studying", by = "staff" },
    { refused = "lessons_open" }),
  test("Без приказа о допуске к аттестации нельзя", { lessons_open = 0 }, { "attest", from = "studying", by = "staff" },
    { refused = "order_required" }),
  test("Завершают с протоколом и приказом", { learners_unfinished = 0, has_expel_order = true }, { "complete", from = "attestation", by = "staff" },
    { to = "completed" }),
  test("Итоги не у всех", { learners_unfinished = 1, has_expel_order = true }, { "complete", from = "attestation", by = "staff" },
    { refused = "protocol_required" }),
  test("Без приказа об отчислении не завершить", { learners_unfinished = 0 }, { "complete", from = "attestation", by = "staff" },
    { refused = "order_required" }),
  test("Закрывают, когда документы выданы", { documents_missing = 0 }, { "close", from = "completed", by = "staff" },
    { to = "closed" }),
  test("Документы выданы не всем", { documents_missing = 3 }, { "close", from = "completed", by = "staff" }, { refused = "documents_missing" }),
  test("Пустую группу расформировывают", {}, { "cancel", from = "recruiting", by = "staff" }, { to = "cancelled" }, { seats_taken = 0 }),
  test("Группу со слушателями не расформировать", {}, { "cancel", from = "formed", by = "staff" }, { refused = "has_learners" }),
}
