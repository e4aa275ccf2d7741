--- Tests of the machine `survey`.
return {
  { "Запланировать: можно", when = { "schedule", from = "draft", by = "staff" }, expect = { to = "scheduled" } },
  { "Открыть: можно", given = { facts = { has_questions = true } }, when = { "open", from = "draft", by = "staff" }, expect = { to = "open" } },
  { "Открыть: отказ, no_questions", given = { facts = { has_questions = false } },
    when = { "open", from = "draft", by = "staff" }, expect = { refused = "no_questions", guard = "has_questions" } },
  { "Закрыть: можно", when = { "close", from = "open", by = "staff" }, expect = { to = "closed" } },
  { "Продлить: можно", when = { "reopen", from = "closed", by = "staff" }, expect = { to = "open" } },
  { "В архив: можно", when = { "archive", from = "draft", by = "staff" }, expect = { to = "archived" } },
}
