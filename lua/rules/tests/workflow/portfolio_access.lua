--- Tests of the machine `portfolio_access`.
return {
  { "Разрешить: можно", given = { facts = { term_is_set = true } },
    when = { "grant", from = "requested", by = "learner" }, expect = { to = "granted" } },
  { "Разрешить: отказ, term_required", given = { facts = { term_is_set = false } },
    when = { "grant", from = "requested", by = "learner" }, expect = { refused = "term_required", guard = "term_is_set" } },
  { "Отклонить: можно", when = { "decline", from = "requested", by = "learner" }, expect = { to = "declined" } },
  { "Истёк: можно", when = { "expire", from = "requested", by = "system" }, expect = { to = "expired" } },
  { "Отозвать: можно", when = { "revoke", from = "granted", by = "learner" }, expect = { to = "revoked" } },
}
