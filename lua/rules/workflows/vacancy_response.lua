--- Отклик на вакансию. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Отклик на вакансию",
  overridable = { "title", "states.*", "transitions.*" },
  initial = "sent",
  own = { "learner" }, -- act on their own objects only
  states = {
    sent = { "Отправлен", tone = "info", icon = "send" },
    viewed = { "Просмотрен", tone = "vio", icon = "eye" },
    invited = { "Приглашение", tone = "info", icon = "user-plus" },
    interview = { "Собеседование", tone = "vio", icon = "users" },
    offer = { "Предложение", tone = "info", icon = "certificate" },
    hired = { "Трудоустроен", tone = "ok", icon = "user-check", final = true },
    declined = { "Отказ", tone = "bad", icon = "x", final = true },
    withdrawn = { "Отозван", tone = "neu", icon = "arrow-back-up", final = true },
  },
  transitions = {
    { "view", from = { "sent" }, to = "viewed", by = { "customer" }, label = "Просмотр", icon = "eye" },
    { "invite", from = { "sent", "viewed" }, to = "invited", by = { "customer" }, label = "Пригласить", icon = "user-plus" },
    { "interview", from = { "invited" }, to = "interview", by = { "customer" }, label = "Собеседование", icon = "users" },
    { "offer", from = { "invited", "interview" }, to = "offer", by = { "customer" }, label = "Предложение", icon = "certificate" },
    { "hire", from = { "offer" }, to = "hired", by = { "customer", "learner" }, label = "Трудоустроен", icon = "user-check" },
    { "decline", from = { "sent", "viewed", "invited", "interview", "offer" }, to = "declined", by = { "customer", "learner" }, label = "Отказ",
      icon = "x" },
    { "withdraw", from = { "sent", "viewed", "invited" }, to = "withdrawn", by = { "learner" }, label = "Отозвать", icon = "arrow-back-up" },
  },
}
