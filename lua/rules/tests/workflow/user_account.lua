--- Tests of the machine `user_account`.
return {
  { "Подтвердить почту / ЕСИА: можно", when = { "confirm", from = "registered", by = "self" }, expect = { to = "active" } },
  { "Не подтверждена за 7 дней: можно", when = { "purge", from = "registered", by = "system" }, expect = { to = "deleted" } },
  { "N неудачных входов: можно", when = { "lock", from = "active", by = "system" }, expect = { to = "locked" } },
  { "Истёк срок / сброс пароля: можно", when = { "unlock", from = "locked", by = "system" }, expect = { to = "active" } },
  { "Заблокировать: можно", when = { "block", from = "active", by = "admin" }, expect = { to = "blocked" } },
  { "Разблокировать: можно", when = { "unblock", from = "blocked", by = "admin" }, expect = { to = "active" } },
  { "Удалить и обезличить: можно", when = { "erase", from = "active", by = "admin" }, expect = { to = "deleted" } },
  { "Удалить и обезличить: отказ, must_be_kept", given = { facts = { must_be_kept = true } },
    when = { "erase", from = "active", by = "admin" }, expect = { refused = "must_be_kept", guard = "nothing_must_be_kept" } },
}
