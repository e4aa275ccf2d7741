--- Мероприятие. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Мероприятие",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  initial = "draft",
  reads = {
    facts = { registration_is_over = "мест нет или срок прошёл" },
  },
  conditions = { registration_is_over = "места кончились или срок прошёл" },
  states = {
    draft = { "Черновик", tone = "neu", icon = "pencil" },
    published = { "Опубликовано", tone = "ok", icon = "check" },
    reg_open = { "Регистрация открыта", tone = "ok", icon = "user-plus" },
    reg_closed = { "Регистрация закрыта", tone = "neu", icon = "lock" },
    running = { "Проводится", tone = "brand", icon = "school" },
    finished = { "Завершено", tone = "ok", icon = "check" },
    archived = { "В архиве", tone = "neu", icon = "archive", final = true },
    cancelled = { "Отменено", tone = "neu", icon = "ban", final = true },
  },
  transitions = {
    { "publish", from = { "draft" }, to = "published", by = { "staff", "partner" }, label = "Опубликовать", icon = "check" },
    { "cancel", from = { "draft", "published", "reg_open", "reg_closed" }, to = "cancelled", by = { "staff", "partner" }, label = "Отменить",
      icon = "ban", guard_text = "уведомить записавшихся" },
    { "open", from = { "published" }, to = "reg_open", by = { "staff", "partner", "system" }, label = "Открыть регистрацию",
      icon = "user-plus" },
    { "close", from = { "reg_open" }, to = "reg_closed", by = { "staff", "partner", "system" }, label = "Закрыть регистрацию",
      icon = "lock", guards = { "registration_is_over" }, guard_text = "места кончились или дедлайн" },
    { "reopen", from = { "reg_closed" }, to = "reg_open", by = { "staff", "partner" }, label = "Возобновить", icon = "user-plus" },
    { "start", from = { "reg_open", "reg_closed", "published" }, to = "running", by = { "system", "staff" }, label = "Начать", icon = "school" },
    { "finish", from = { "running" }, to = "finished", by = { "system", "staff" }, label = "Завершить", icon = "check" },
    { "archive", from = { "finished" }, to = "archived", by = { "staff", "system" }, label = "В архив", icon = "archive" },
  },
}
