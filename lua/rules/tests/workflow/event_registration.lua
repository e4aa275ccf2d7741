--- Tests of the machine `event_registration`.
return {
  { "Подтвердить: можно", given = { facts = { has_a_place = true } },
    when = { "confirm", from = "pending", by = "staff" }, expect = { to = "registered" } },
  { "Подтвердить: отказ, no_place", given = { facts = { has_a_place = false } },
    when = { "confirm", from = "pending", by = "staff" }, expect = { refused = "no_place", guard = "has_a_place" } },
  { "В лист ожидания: можно", when = { "wait", from = "pending", by = "system" }, expect = { to = "waitlisted" } },
  { "Отклонить: можно", when = { "reject", from = "pending", by = "staff" }, expect = { to = "rejected" } },
  { "Место освободилось: можно", when = { "promote", from = "waitlisted", by = "system" }, expect = { to = "registered" } },
  { "Отменить: можно", when = { "cancel", from = "pending", by = "learner" }, expect = { to = "cancelled" } },
  { "Отметить присутствие: можно", given = { facts = { presence_is_proved = true } },
    when = { "checkin", from = "registered", by = "staff" }, expect = { to = "attended" } },
  { "Отметить присутствие: отказ, presence_unproved", given = { facts = { presence_is_proved = false } },
    when = { "checkin", from = "registered", by = "staff" }, expect = { refused = "presence_unproved", guard = "presence_is_proved" } },
  { "Не явился: можно", when = { "noshow", from = "registered", by = "system" }, expect = { to = "no_show" } },
}
