--- Согласие на обработку ПДн. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Согласие на обработку ПДн",
  overridable = { "title", "states.*", "transitions.*" },
  initial = "given",
  states = {
    given = { "Дано", tone = "ok", icon = "check" },
    withdrawn = { "Отозвано", tone = "neu", icon = "arrow-back-up", final = true },
    expired = { "Срок истёк", tone = "neu", icon = "hourglass", final = true },
    superseded = { "Заменено новой редакцией", tone = "neu", icon = "refresh", final = true },
  },
  transitions = {
    { "withdraw", from = { "given" }, to = "withdrawn", by = { "self" }, label = "Отозвать", icon = "arrow-back-up",
      guard_text = "прекратить обработку и уничтожить в срок до 30 дней, если нет иных оснований" },
    { "expire", from = { "given" }, to = "expired", by = { "system" }, label = "Истёк срок", icon = "hourglass" },
    { "supersede", from = { "given" }, to = "superseded", by = { "system" }, label = "Новая редакция", icon = "refresh" },
  },
}
