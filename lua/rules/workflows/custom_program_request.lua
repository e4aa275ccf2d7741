--- Заявка на программу, собранную из модулей. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Заявка на программу, собранную из модулей",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  initial = "draft",
  own = { "learner" }, -- act on their own objects only
  reads = {
    facts = { has_modules = "выбраны модули", hours_are_enough = "часов достаточно",
      prerequisites_are_met = "пререквизиты закрыты" },
  },
  conditions = { has_modules = "выбран хотя бы один модуль", prerequisites_are_met = "пререквизиты закрыты",
    hours_are_enough = "для повышения квалификации не меньше 16 часов" },
  states = {
    draft = { "Черновик", tone = "neu", icon = "pencil" },
    submitted = { "Подана", tone = "info", icon = "inbox" },
    in_review = { "Проверка совместимости", tone = "vio", icon = "eye" },
    adjusted = { "Предложены изменения", tone = "warn", icon = "file-alert" },
    approved = { "Одобрена", tone = "ok", icon = "check" },
    converted = { "Создана программа / ИУП", tone = "ok", icon = "check", final = true },
    rejected = { "Отклонена", tone = "bad", icon = "x", final = true },
    withdrawn = { "Отозвана", tone = "neu", icon = "arrow-back-up", final = true },
  },
  transitions = {
    { "submit", from = { "draft" }, to = "submitted", by = { "learner", "customer" }, label = "Подать", icon = "inbox",
      guards = { "has_modules", "prerequisites_are_met", "hours_are_enough" },
      guard_text = "≥1 модуль; пререквизиты закрыты; часы ≥ 16 (ДПО ПК) если вид — ПК" },
    { "withdraw", from = { "draft", "submitted", "in_review", "adjusted" }, to = "withdrawn", by = { "learner", "customer" },
      label = "Отозвать", icon = "arrow-back-up" },
    { "take", from = { "submitted" }, to = "in_review", by = { "staff" }, label = "Взять в работу", icon = "eye" },
    { "adjust", from = { "in_review" }, to = "adjusted", by = { "staff" }, label = "Предложить изменения", icon = "file-alert" },
    { "accept_changes", from = { "adjusted" }, to = "in_review", by = { "learner", "customer" }, label = "Принять изменения",
      icon = "eye" },
    { "approve", from = { "in_review" }, to = "approved", by = { "staff" }, label = "Одобрить", icon = "check" },
    { "reject", from = { "in_review" }, to = "rejected", by = { "staff" }, label = "Отклонить", icon = "x" },
    { "convert", from = { "approved" }, to = "converted", by = { "staff" }, label = "Создать программу", icon = "check" },
  },
}
