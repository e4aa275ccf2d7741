--- Tests of the machine `portfolio`.
return {
  { "Открыть работодателям: можно", given = { facts = { consent_to_share_is_given = true, is_adult_or_guardian_consents = true } },
    when = { "open_employers", from = "private", by = "learner" }, expect = { to = "employers" } },
  { "Открыть работодателям: отказ, consent_required", given = { facts = { consent_to_share_is_given = false, is_adult_or_guardian_consents = true } },
    when = { "open_employers", from = "private", by = "learner" }, expect = { refused = "consent_required", guard = "consent_to_share_is_given" } },
  { "Открыть работодателям: отказ, guardian_consent_required", given = { facts = { consent_to_share_is_given = true, is_adult_or_guardian_consents = false } },
    when = { "open_employers", from = "private", by = "learner" }, expect = { refused = "guardian_consent_required", guard = "is_adult_or_guardian_consents" } },
  { "По запросу: можно", when = { "by_request", from = "private", by = "learner" }, expect = { to = "on_request" } },
  { "Публичная ссылка: можно", given = { facts = { consent_to_publish_is_given = true } },
    when = { "open_public", from = "private", by = "learner" }, expect = { to = "public" } },
  { "Публичная ссылка: отказ, consent_required", given = { facts = { consent_to_publish_is_given = false } },
    when = { "open_public", from = "private", by = "learner" }, expect = { refused = "consent_required", guard = "consent_to_publish_is_given" } },
  { "Закрыть: можно", when = { "close", from = "on_request", by = "learner" }, expect = { to = "private" } },
  { "Скрыть: можно", when = { "block", from = "private", by = "staff" }, expect = { to = "blocked" } },
  { "Разблокировать: можно", when = { "unblock", from = "blocked", by = "staff" }, expect = { to = "private" } },
}
