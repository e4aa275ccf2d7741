--- Вакансия. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Вакансия",
  overridable = { "title", "states.*", "transitions.*" },
  initial = "draft",
  states = {
    draft = { "Черновик", tone = "neu", icon = "pencil" },
    moderation = { "На модерации", tone = "vio", icon = "eye" },
    published = { "Опубликована", tone = "ok", icon = "check" },
    paused = { "Приостановлена", tone = "warn", icon = "player-pause" },
    rejected = { "Отклонена", tone = "bad", icon = "x" },
    closed = { "Закрыта", tone = "neu", icon = "archive", final = true },
    expired = { "Истёк срок", tone = "neu", icon = "hourglass" },
    imported = { "Импортирована", tone = "info", icon = "transfer" },
    source_gone = { "Снята в источнике", tone = "neu", icon = "archive", final = true },
  },
  transitions = {
    { "submit", from = { "draft", "rejected" }, to = "moderation", by = { "customer" }, label = "На модерацию", icon = "eye" },
    { "import", from = { "draft" }, to = "imported", by = { "system" }, label = "Импорт", icon = "transfer" },
    { "approve", from = { "moderation" }, to = "published", by = { "staff" }, label = "Опубликовать", icon = "check" },
    { "reject", from = { "moderation" }, to = "rejected", by = { "staff" }, label = "Отклонить", icon = "x" },
    { "pause", from = { "published" }, to = "paused", by = { "customer", "staff" }, label = "Приостановить", icon = "player-pause" },
    { "resume", from = { "paused" }, to = "published", by = { "customer", "staff" }, label = "Возобновить", icon = "check" },
    { "expire", from = { "published" }, to = "expired", by = { "system" }, label = "Истёк срок", icon = "hourglass" },
    { "renew", from = { "expired" }, to = "moderation", by = { "customer" }, label = "Продлить", icon = "eye" },
    { "close", from = { "published", "paused", "expired" }, to = "closed", by = { "customer", "staff" }, label = "Закрыть", icon = "archive" },
    { "gone", from = { "imported" }, to = "source_gone", by = { "system" }, label = "Снята в источнике", icon = "archive" },
  },
}
