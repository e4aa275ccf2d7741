--- Tests of the machine `vacancy_response`.
return {
  { "Просмотр: можно", when = { "view", from = "sent", by = "customer" }, expect = { to = "viewed" } },
  { "Пригласить: можно", when = { "invite", from = "sent", by = "customer" }, expect = { to = "invited" } },
  { "Собеседование: можно", when = { "interview", from = "invited", by = "customer" }, expect = { to = "interview" } },
  { "Предложение: можно", when = { "offer", from = "invited", by = "customer" }, expect = { to = "offer" } },
  { "Трудоустроен: можно", when = { "hire", from = "offer", by = "customer" }, expect = { to = "hired" } },
  { "Отказ: можно", when = { "decline", from = "sent", by = "customer" }, expect = { to = "declined" } },
  { "Отозвать: можно", when = { "withdraw", from = "sent", by = "learner" }, expect = { to = "withdrawn" } },
}
