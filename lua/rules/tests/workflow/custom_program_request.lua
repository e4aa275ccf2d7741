--- Tests of the machine `custom_program_request`.
return {
  { "Подать: можно", given = { facts = { has_modules = true, prerequisites_are_met = true, hours_are_enough = true } },
    when = { "submit", from = "draft", by = "learner" }, expect = { to = "submitted" } },
  { "Подать: отказ, no_modules", given = { facts = { has_modules = false, prerequisites_are_met = true, hours_are_enough = true } },
    when = { "submit", from = "draft", by = "learner" }, expect = { refused = "no_modules", guard = "has_modules" } },
  { "Подать: отказ, prerequisites_missing", given = { facts = { has_modules = true, prerequisites_are_met = false, hours_are_enough = true } },
    when = { "submit", from = "draft", by = "learner" }, expect = { refused = "prerequisites_missing", guard = "prerequisites_are_met" } },
  { "Подать: отказ, too_few_hours", given = { facts = { has_modules = true, prerequisites_are_met = true, hours_are_enough = false } },
    when = { "submit", from = "draft", by = "learner" }, expect = { refused = "too_few_hours", guard = "hours_are_enough" } },
  { "Отозвать: можно", when = { "withdraw", from = "draft", by = "learner" }, expect = { to = "withdrawn" } },
  { "Взять в работу: можно", when = { "take", from = "submitted", by = "staff" }, expect = { to = "in_review" } },
  { "Предложить изменения: можно", when = { "adjust", from = "in_review", by = "staff" }, expect = { to = "adjusted" } },
  { "Принять изменения: можно", when = { "accept_changes", from = "adjusted", by = "learner" }, expect = { to = "in_review" } },
  { "Одобрить: можно", when = { "approve", from = "in_review", by = "staff" }, expect = { to = "approved" } },
  { "Отклонить: можно", when = { "reject", from = "in_review", by = "staff" }, expect = { to = "rejected" } },
  { "Создать программу: можно", when = { "convert", from = "approved", by = "staff" }, expect = { to = "converted" } },
}
