--- Запись на мероприятие. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Запись на мероприятие",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  initial = "pending",
  own = { "learner" }, -- act on their own objects only
  reads = {
    facts = { has_a_place = "есть место", presence_is_proved = "присутствие подтверждено" },
  },
  conditions = { has_a_place = "есть место",
    presence_is_proved = "присутствие подтверждено кодом или списком" },
  states = {
    pending = { "Ожидает подтверждения", tone = "info", icon = "inbox" },
    registered = { "Записан", tone = "info", icon = "user-check" },
    waitlisted = { "Лист ожидания", tone = "neu", icon = "clock-pause" },
    attended = { "Посетил", tone = "ok", icon = "user-check", final = true },
    no_show = { "Не явился", tone = "bad", icon = "user-x", final = true },
    cancelled = { "Отменена", tone = "neu", icon = "ban", final = true },
    rejected = { "Отклонена", tone = "bad", icon = "x", final = true },
  },
  transitions = {
    { "confirm", from = { "pending" }, to = "registered", by = { "staff", "system" }, label = "Подтвердить", icon = "user-check",
      guards = { "has_a_place" }, guard_text = "есть место" },
    { "wait", from = { "pending" }, to = "waitlisted", by = { "system" }, label = "В лист ожидания", icon = "clock-pause" },
    { "reject", from = { "pending" }, to = "rejected", by = { "staff" }, label = "Отклонить", icon = "x" },
    { "promote", from = { "waitlisted" }, to = "registered", by = { "system" }, label = "Место освободилось", icon = "user-check" },
    { "cancel", from = { "pending", "registered", "waitlisted" }, to = "cancelled", by = { "learner", "staff" }, label = "Отменить",
      icon = "ban" },
    { "checkin", from = { "registered" }, to = "attended", by = { "staff", "partner" }, label = "Отметить присутствие",
      icon = "user-check", guards = { "presence_is_proved" }, guard_text = "QR или список" },
    { "noshow", from = { "registered" }, to = "no_show", by = { "system", "staff" }, label = "Не явился", icon = "user-x" },
  },
}
