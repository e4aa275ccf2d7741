--- Tests of the machine `event`.
return {
  { "Опубликовать: можно", when = { "publish", from = "draft", by = "staff" }, expect = { to = "published" } },
  { "Отменить: можно", when = { "cancel", from = "draft", by = "staff" }, expect = { to = "cancelled" } },
  { "Открыть регистрацию: можно", when = { "open", from = "published", by = "staff" }, expect = { to = "reg_open" } },
  { "Закрыть регистрацию: можно", given = { facts = { registration_is_over = true } },
    when = { "close", from = "reg_open", by = "staff" }, expect = { to = "reg_closed" } },
  { "Закрыть регистрацию: отказ, still_open", given = { facts = { registration_is_over = false } },
    when = { "close", from = "reg_open", by = "staff" }, expect = { refused = "still_open", guard = "registration_is_over" } },
  { "Возобновить: можно", when = { "reopen", from = "reg_closed", by = "staff" }, expect = { to = "reg_open" } },
  { "Начать: можно", when = { "start", from = "reg_open", by = "system" }, expect = { to = "running" } },
  { "Завершить: можно", when = { "finish", from = "running", by = "system" }, expect = { to = "finished" } },
  { "В архив: можно", when = { "archive", from = "finished", by = "staff" }, expect = { to = "archived" } },
}
