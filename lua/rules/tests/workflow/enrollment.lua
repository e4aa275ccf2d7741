--- Tests of the learner in a group.
local function test(name, facts, when, expect) return { name, given = { facts = facts }, when = when, expect = expect } end

return {
  test("Начинает учиться с группой", {}, { "start", from = "enrolled", by = "system" }, { to = "studying" }),
  test("Отчисляют приказом", {}, { "expel", from = "studying", by = "staff", reason = "По заявлению" }, { refused = "order_required" }),
  test("Приказ об отчислении есть", { has_order = true }, { "expel", from = "studying", by = "staff", reason = "По заявлению" },
    { to = "expelled" }),
  test("Переводят приказом", { has_order = true }, { "transfer", from = "enrolled", by = "staff" }, { to = "transferred" }),
  test("Половина занятий — порог допуска", { attendance_percent = 50, debts = 0 }, { "admit", from = "studying", by = "staff" },
    { to = "admitted" }),
  test("Посещал меньше порога", { attendance_percent = 49.5 }, { "admit", from = "studying", by = "staff" },
    { refused = "attendance_too_low", text = "49 %" }),
  test("Долги мешают допуску", { attendance_percent = 90, debts = 1 }, { "admit", from = "studying", by = "staff" }, { refused = "has_debts" }),
  test("Аттестуют протоколом", { has_protocol = true }, { "pass", from = "admitted", by = "staff" }, { to = "passed" }),
  test("Без протокола не аттестовать", {}, { "pass", from = "admitted", by = "staff" }, { refused = "protocol_required" }),
  test("Не аттестуют тоже протоколом", { has_protocol = true }, { "fail", from = "admitted", by = "staff" }, { to = "failed" }),
  test("Две пересдачи", { retakes = 1 }, { "retake", from = "failed", by = "staff" }, { to = "admitted" }),
  test("Третьей пересдачи нет", { retakes = 2 }, { "retake", from = "failed", by = "staff" }, { refused = "no_retakes_left" }),
  test("Выпускают с приказом и бланком", { has_order = true, blank_number = "123" }, { "graduate", from = "passed", by = "staff" },
    { to = "graduated" }),
  test("Без бланка не выпустить", { has_order = true }, { "graduate", from = "passed", by = "staff" }, { refused = "blank_required" }),
}
