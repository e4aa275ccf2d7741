--- Order (приказ): the only ground for enrolment and expulsion.
return {
  title = "Приказ",
  overridable = { "title", "states.*.label", "states.*.tone", "states.*.icon", "transitions.*", "guards.*" }, -- the states are the table's
  law = { "author_does_not_sign", "signatory_is_authorized", "persons_are_listed", "basis_is_given" }, -- stands whatever a region says
  initial = "draft",
  permission = "order.create",
  reads = { -- what the guards look at, and the record of a decision keeps; a layer that asks more adds to it
    object = { organization_id = "организация", created_by = "кто готовил" },
    facts = { basis_text = "основание", effective_on = "дата вступления", persons = "сколько людей" },
    data = { dated_on = "дата приказа" },
  },
  conditions = { -- the guards in words
    persons_are_listed = "в приказе есть люди", basis_is_given = "указано основание", signatory_is_authorized = "подписант уполномочен",
    author_does_not_sign = "подписывает не автор проекта", date_precedes_effect = "дата приказа не позже даты вступления",
  },
  states = {
    draft = { "Проект", tone = "neu", icon = "pencil" },
    on_sign = { "На подписании", tone = "vio", icon = "signature" },
    signed = { "Подписан", tone = "info", icon = "rubber-stamp" },
    registered = { "Зарегистрирован", tone = "ok", icon = "check" },
    rejected = { "Возвращён", tone = "bad", icon = "arrow-back-up" },
    annulled = { "Аннулирован", tone = "bad", icon = "ban", final = true },
  },
  transitions = {
    { "send", from = { "draft" }, to = "on_sign", by = { "staff" }, label = "На подпись", icon = "send",
      guards = { "persons_are_listed", "basis_is_given" }, guard_text = "состав не пуст; основание указано" },
    { "sign", permission = "order.sign", from = { "on_sign" }, to = "signed", by = { "director" }, label = "Подписать", icon = "signature", tone = "ok",
      guards = { "signatory_is_authorized", "author_does_not_sign" }, guard_text = "подписант уполномочен и не автор проекта" },
    { "reject", permission = "order.sign", from = { "on_sign" }, to = "rejected", by = { "director" }, label = "Вернуть", icon = "arrow-back-up", tone = "bad" },
    { "fix", from = { "rejected" }, to = "draft", by = { "staff" }, label = "Исправить", icon = "edit" },
    { "register", from = { "signed" }, to = "registered", by = { "staff" }, label = "Зарегистрировать", icon = "rubber-stamp",
      guards = { "date_precedes_effect" }, effects = { "take_effect" },
      guard_text = "номер уникален в пределах года и журнала; дата ≤ дата вступления" },
    { "annul", permission = "order.sign", from = { "signed", "registered" }, to = "annulled", by = { "director" },
      label = "Аннулировать", icon = "ban", tone = "bad",
      reason = true, effects = { "undo" }, guard_text = "новым приказом" },
  },
}
