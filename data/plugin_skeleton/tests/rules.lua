--- Испытания: ./copp plugin test __id__. Имя, функция, что на входе, чего ждём.
return {
  { name = "обычное занятие проходит", fn = "rules.check",
    input = { held_on = "2026-12-01", starts = "09:00", minutes = 90 }, expect = { ok = true } },
  { name = "слишком длинное — нет", fn = "rules.check",
    input = { held_on = "2026-12-01", starts = "09:00", minutes = 300 }, expect = { deny = true, code = "too_long" } },
}
