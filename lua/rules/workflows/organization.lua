--- Organisation: registered by itself or by the staff, checked by hand, then at work. `guard_text` is what people read; the
--- functions stand in rules/guards, the effects in domain/organizations/binding.
return {
  title = "Организация",
  overridable = { "title", "states.*.label", "states.*.tone", "states.*.icon", "transitions.*", "guards.*" }, -- the states are the table's
  law = { "requisites_are_valid", "no_duplicate" }, -- stands whatever a region says
  initial = "pending",
  permission = "organization.moderate",
  reads = { -- what the guards look at, and the record of a decision keeps; a layer that asks more adds to it
    object = { is_customer = "заказчик", is_partner = "партнёр" },
    facts = {
      duplicate = "такая же организация", faults = "ошибки реквизитов", open_applications = "открытые заявки",
      open_groups = "открытые группы",
    },
  },
  conditions = { -- the guards in words
    requisites_are_valid = "реквизиты верны", no_duplicate = "нет такой же организации", has_a_side = "партнёр или заказчик",
    nothing_is_open = "нет открытых заявок и групп",
  },
  states = {
    pending = { "Заявка на регистрацию", tone = "info", icon = "inbox" },
    checking = { "Проверка данных", tone = "vio", icon = "eye" },
    active = { "Действует", tone = "ok", icon = "check" },
    suspended = { "Приостановлена", tone = "warn", icon = "player-pause" },
    rejected = { "Отказано", tone = "bad", icon = "x", final = true },
    closed = { "Закрыта", tone = "neu", icon = "archive", final = true },
  },
  transitions = {
    { "take", from = { "pending" }, to = "checking", by = { "staff", "admin" }, label = "Проверить", icon = "eye" },
    { "approve", from = { "checking" }, to = "active", by = { "staff", "admin" }, label = "Подтвердить", icon = "check", tone = "ok",
      guards = { "requisites_are_valid", "no_duplicate", "has_a_side" }, effects = { "let_in", "mail_approved" },
      guard_text = "ИНН/ОГРН валидны; нет дубля по ИНН+КПП; партнёр или заказчик" },
    { "reject", from = { "checking" }, to = "rejected", by = { "staff", "admin" }, label = "Отказать", icon = "x", tone = "bad", reason = true,
      effects = { "mail_rejected", "turn_away" } },
    { "suspend", from = { "active" }, to = "suspended", by = { "staff", "admin" }, label = "Приостановить", icon = "player-pause",
      tone = "bad", reason = true, effects = { "mail_suspended" } },
    { "resume", from = { "suspended" }, to = "active", by = { "staff", "admin" }, label = "Возобновить", icon = "check", effects = { "mail_resumed" } },
    { "close", from = { "active", "suspended" }, to = "closed", by = { "admin" }, label = "Закрыть", icon = "archive", tone = "bad", reason = true,
      guards = { "nothing_is_open" }, effects = { "part_with_all" }, guard_text = "нет активных заявок и групп" },
  },
}
