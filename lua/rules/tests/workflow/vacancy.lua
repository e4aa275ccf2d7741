--- Tests of the machine `vacancy`.
return {
  { "На модерацию: можно", when = { "submit", from = "draft", by = "customer" }, expect = { to = "moderation" } },
  { "Импорт: можно", when = { "import", from = "draft", by = "system" }, expect = { to = "imported" } },
  { "Опубликовать: можно", when = { "approve", from = "moderation", by = "staff" }, expect = { to = "published" } },
  { "Отклонить: можно", when = { "reject", from = "moderation", by = "staff" }, expect = { to = "rejected" } },
  { "Приостановить: можно", when = { "pause", from = "published", by = "customer" }, expect = { to = "paused" } },
  { "Возобновить: можно", when = { "resume", from = "paused", by = "customer" }, expect = { to = "published" } },
  { "Истёк срок: можно", when = { "expire", from = "published", by = "system" }, expect = { to = "expired" } },
  { "Продлить: можно", when = { "renew", from = "expired", by = "customer" }, expect = { to = "moderation" } },
  { "Закрыть: можно", when = { "close", from = "published", by = "customer" }, expect = { to = "closed" } },
  { "Снята в источнике: можно", when = { "gone", from = "imported", by = "system" }, expect = { to = "source_gone" } },
}
