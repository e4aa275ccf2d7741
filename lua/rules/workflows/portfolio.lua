--- Портфолио. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Портфолио",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  law = { "consent_to_share_is_given", "is_adult_or_guardian_consents", "consent_to_publish_is_given" }, -- stands whatever a region says
  initial = "private",
  own = { "learner" }, -- act on their own objects only
  reads = {
    facts = { consent_to_publish_is_given = "согласие на распространение",
      consent_to_share_is_given = "согласие на передачу",
      is_adult_or_guardian_consents = "18 лет или согласие представителя" },
  },
  conditions = { consent_to_share_is_given = "есть отдельное согласие на передачу данных",
    is_adult_or_guardian_consents = "есть 18 лет или согласие представителя",
    consent_to_publish_is_given = "есть согласие на распространение" },
  states = {
    private = { "Закрыто", tone = "neu", icon = "lock" },
    on_request = { "По запросу", tone = "info", icon = "lock" },
    employers = { "Открыто работодателям", tone = "ok", icon = "users" },
    public = { "Публичная ссылка", tone = "ok", icon = "users" },
    blocked = { "Скрыто модератором", tone = "bad", icon = "ban" },
  },
  transitions = {
    { "open_employers", from = { "private", "on_request", "public" }, to = "employers", by = { "learner" },
      label = "Открыть работодателям", icon = "users", guards = { "consent_to_share_is_given", "is_adult_or_guardian_consents" },
      guard_text = "отдельное согласие на передачу/распространение; ≥ 18 лет или согласие представителя" },
    { "by_request", from = { "private", "employers", "public" }, to = "on_request", by = { "learner" }, label = "По запросу", icon = "lock" },
    { "open_public", from = { "private", "employers", "on_request" }, to = "public", by = { "learner" }, label = "Публичная ссылка",
      icon = "users", guards = { "consent_to_publish_is_given" },
      guard_text = "согласие на распространение (ст. 10.1 152-ФЗ)" },
    { "close", from = { "on_request", "employers", "public" }, to = "private", by = { "learner", "system" }, label = "Закрыть", icon = "lock",
      guard_text = "в т.ч. автоматически при отзыве согласия" },
    { "block", from = { "private", "on_request", "employers", "public" }, to = "blocked", by = { "staff" }, label = "Скрыть", icon = "ban" },
    { "unblock", from = { "blocked" }, to = "private", by = { "staff" }, label = "Разблокировать", icon = "lock" },
  },
}
