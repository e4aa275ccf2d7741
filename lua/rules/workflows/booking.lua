--- Бронь ресурса. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Бронь ресурса",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  initial = "requested",
  reads = {
    facts = { overlaps = "пересечения", resource_is_open = "ресурс работает" },
  },
  conditions = { has_no_overlap = "нет пересечений", resource_is_open = "ресурс в это время работает" },
  states = {
    requested = { "Запрошена", tone = "info", icon = "inbox" },
    confirmed = { "Подтверждена", tone = "ok", icon = "check" },
    in_use = { "Используется", tone = "brand", icon = "school" },
    finished = { "Завершена", tone = "ok", icon = "check", final = true },
    declined = { "Отклонена", tone = "bad", icon = "x", final = true },
    cancelled = { "Отменена", tone = "neu", icon = "ban", final = true },
  },
  transitions = {
    { "confirm", from = { "requested" }, to = "confirmed", by = { "partner", "staff", "system" }, label = "Подтвердить", icon = "check",
      guards = { "has_no_overlap", "resource_is_open" }, guard_text = "нет пересечений; часы работы ресурса" },
    { "decline", from = { "requested" }, to = "declined", by = { "partner", "staff" }, label = "Отклонить", icon = "x" },
    { "cancel", from = { "requested", "confirmed" }, to = "cancelled", by = { "staff", "partner" }, label = "Отменить", icon = "ban" },
    { "start", from = { "confirmed" }, to = "in_use", by = { "system" }, label = "Начало", icon = "school" },
    { "finish", from = { "in_use" }, to = "finished", by = { "system" }, label = "Окончание", icon = "check" },
  },
}
