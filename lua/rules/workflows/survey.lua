--- Опрос. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Опрос",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  initial = "draft",
  reads = {
    facts = { has_questions = "есть вопросы" },
  },
  conditions = { has_questions = "есть хотя бы один вопрос" },
  states = {
    draft = { "Черновик", tone = "neu", icon = "pencil" },
    scheduled = { "Запланирован", tone = "info", icon = "calendar" },
    open = { "Открыт", tone = "ok", icon = "check" },
    closed = { "Закрыт", tone = "neu", icon = "archive" },
    archived = { "В архиве", tone = "neu", icon = "archive", final = true },
  },
  transitions = {
    { "schedule", from = { "draft" }, to = "scheduled", by = { "staff", "admin", "partner" }, label = "Запланировать", icon = "calendar" },
    { "open", from = { "draft", "scheduled" }, to = "open", by = { "staff", "admin", "partner", "system" }, label = "Открыть", icon = "check",
      guards = { "has_questions" }, guard_text = "≥1 вопрос; после открытия структура неизменна" },
    { "close", from = { "open" }, to = "closed", by = { "staff", "admin", "partner", "system" }, label = "Закрыть", icon = "archive" },
    { "reopen", from = { "closed" }, to = "open", by = { "staff", "admin" }, label = "Продлить", icon = "check" },
    { "archive", from = { "draft", "closed" }, to = "archived", by = { "staff", "admin" }, label = "В архив", icon = "archive" },
  },
}
