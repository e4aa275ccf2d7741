--- Запрос доступа к портфолио. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Запрос доступа к портфолио",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  initial = "requested",
  own = { "learner" }, -- act on their own objects only
  reads = {
    facts = { term_is_set = "срок доступа" },
  },
  conditions = { term_is_set = "указан срок доступа" },
  states = {
    requested = { "Запрошен", tone = "info", icon = "inbox" },
    granted = { "Доступ открыт", tone = "ok", icon = "check" },
    declined = { "Отклонён", tone = "bad", icon = "x", final = true },
    revoked = { "Отозван", tone = "bad", icon = "ban", final = true },
    expired = { "Истёк", tone = "neu", icon = "hourglass", final = true },
  },
  transitions = {
    { "grant", from = { "requested" }, to = "granted", by = { "learner" }, label = "Разрешить", icon = "check", guards = { "term_is_set" },
      guard_text = "срок доступа" },
    { "decline", from = { "requested" }, to = "declined", by = { "learner" }, label = "Отклонить", icon = "x" },
    { "expire", from = { "requested", "granted" }, to = "expired", by = { "system" }, label = "Истёк", icon = "hourglass" },
    { "revoke", from = { "granted" }, to = "revoked", by = { "learner" }, label = "Отозвать", icon = "ban" },
  },
}
