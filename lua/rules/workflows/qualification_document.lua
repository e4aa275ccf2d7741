--- Документ о квалификации. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Документ о квалификации",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  law = { "learner_has_passed", "has_an_act", "has_a_request" }, -- stands whatever a region says
  initial = "reserved",
  reads = {
    facts = { handing_is_recorded = "выдача записана", has_a_request = "заявление", has_an_act = "акт",
      learner_has_passed = "слушатель аттестован" },
  },
  conditions = { learner_has_passed = "слушатель аттестован",
    handing_is_recorded = "записаны дата, способ и подпись или трек-номер", has_an_act = "есть акт",
    has_a_request = "есть заявление и подтверждение" },
  states = {
    reserved = { "Номер зарезервирован", tone = "neu", icon = "lock" },
    prepared = { "Подготовлен", tone = "info", icon = "file-check" },
    signed = { "Подписан", tone = "info", icon = "signature" },
    issued = { "Выдан", tone = "ok", icon = "certificate" },
    uploaded = { "Внесён в ФИС ФРДО", tone = "ok", icon = "certificate" },
    duplicate_issued = { "Выдан дубликат", tone = "neu", icon = "certificate", final = true },
    annulled = { "Аннулирован", tone = "bad", icon = "ban", final = true },
  },
  transitions = {
    { "prepare", from = { "reserved" }, to = "prepared", by = { "staff" }, label = "Сформировать", icon = "file-check",
      guards = { "learner_has_passed" }, guard_text = "слушатель аттестован" },
    { "sign", from = { "prepared" }, to = "signed", by = { "director" }, label = "Подписать", icon = "signature" },
    { "issue", from = { "signed" }, to = "issued", by = { "staff" }, label = "Выдать", icon = "certificate",
      guards = { "handing_is_recorded" },
      guard_text = "дата и способ выдачи, подпись получателя / трек-номер" },
    { "frdo", from = { "issued" }, to = "uploaded", by = { "staff", "system" }, label = "Отметить внесение в ФРДО",
      icon = "certificate" },
    { "spoil", from = { "reserved", "prepared" }, to = "annulled", by = { "staff" }, label = "Испорчен бланк", icon = "ban",
      guards = { "has_an_act" }, guard_text = "акт; номер не переиспользуется" },
    { "duplicate", from = { "issued", "uploaded" }, to = "duplicate_issued", by = { "staff" }, label = "Выдать дубликат",
      icon = "certificate", guards = { "has_a_request" }, guard_text = "заявление; подтверждение утраты/обмена" },
    { "annul", from = { "issued", "uploaded" }, to = "annulled", by = { "director" }, label = "Аннулировать", icon = "ban" },
  },
}
