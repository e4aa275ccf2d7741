--- A learner in a group.
return {
  title = "Слушатель в группе",
  overridable = { "title", "states.*.label", "states.*.tone", "states.*.icon", "transitions.*", "guards.*" }, -- the states are the table's
  law = { "has_order", "has_protocol", "has_blank_number" }, -- stands whatever a region says
  initial = "enrolled",
  permission = "group.manage",
  reads = { -- what the guards look at, and the record of a decision keeps; a layer that asks more adds to it
    facts = {
      attendance_percent = "посещаемость, %", debts = "долги", retakes = "пересдачи", has_order = "приказ",
      has_protocol = "протокол комиссии", blank_number = "номер бланка",
    },
  },
  conditions = { -- the guards in words
    has_order = "есть приказ", attendance_is_enough = "посещаемость не ниже порога", has_no_debts = "нет задолженностей",
    has_protocol = "есть протокол комиссии", retakes_are_left = "пересдачи ещё возможны", has_blank_number = "указан номер бланка",
  },
  states = {
    enrolled = { "Зачислен", tone = "ok", icon = "user-check" },
    studying = { "Обучается", tone = "brand", icon = "school" },
    admitted = { "Допущен к итоговой аттестации", tone = "vio", icon = "clipboard-check" },
    passed = { "Аттестован", tone = "ok", icon = "check" },
    failed = { "Не аттестован", tone = "bad", icon = "x" },
    graduated = { "Выпущен с документом", tone = "ok", icon = "certificate", final = true },
    expelled = { "Отчислен", tone = "bad", icon = "user-x", final = true },
    transferred = { "Переведён", tone = "neu", icon = "transfer", final = true },
  },
  transitions = {
    { "start", from = { "enrolled" }, to = "studying", by = { "system" }, label = "Начало", icon = "school" },
    { "expel", from = { "enrolled", "studying", "admitted", "failed" }, to = "expelled", by = { "staff" }, label = "Отчислить",
      icon = "user-x", tone = "bad", guards = { "has_order" }, guard_text = "приказ" },
    { "transfer", from = { "enrolled", "studying" }, to = "transferred", by = { "staff" }, label = "Перевести", icon = "transfer",
      guards = { "has_order" }, guard_text = "приказ" },
    { "admit", from = { "studying" }, to = "admitted", by = { "staff" }, label = "Допустить", icon = "clipboard-check",
      guards = { "attendance_is_enough", "has_no_debts" },
      guard_text = "посещаемость ≥ порога; промежуточные аттестации без задолженностей" },
    { "pass", permission = "journal.write", from = { "admitted" }, to = "passed", by = { "staff", "teacher" }, label = "Аттестован", icon = "check", tone = "ok",
      guards = { "has_protocol" }, guard_text = "протокол" },
    { "fail", permission = "journal.write", from = { "admitted" }, to = "failed", by = { "staff", "teacher" }, label = "Не аттестован", icon = "x", tone = "bad",
      guards = { "has_protocol" }, guard_text = "протокол" },
    { "retake", from = { "failed" }, to = "admitted", by = { "staff" }, label = "Пересдача", icon = "refresh",
      guards = { "retakes_are_left" }, guard_text = "не более N раз" },
    { "graduate", from = { "passed" }, to = "graduated", by = { "staff" }, label = "Выдать документ", icon = "certificate", tone = "ok",
      guards = { "has_order", "has_blank_number" }, guard_text = "приказ; номер бланка" },
  },
}
