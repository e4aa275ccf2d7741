--- Учётная запись. The module that will hold such cases is not there yet: the rules are.
return {
  title = "Учётная запись",
  overridable = { "title", "states.*", "transitions.*", "guards.*" },
  law = { "nothing_must_be_kept" }, -- stands whatever a region says
  initial = "registered",
  reads = {
    facts = { must_be_kept = "основания хранения" },
  },
  conditions = { nothing_must_be_kept = "закон не требует хранить данные" },
  states = {
    registered = { "Зарегистрирована (почта не подтверждена)", tone = "info", icon = "user-check" },
    active = { "Активна", tone = "ok", icon = "check" },
    locked = { "Временно заблокирована", tone = "warn", icon = "lock" },
    blocked = { "Заблокирована администратором", tone = "bad", icon = "ban" },
    deleted = { "Удалена (обезличена)", tone = "neu", icon = "trash", final = true },
  },
  transitions = {
    { "confirm", from = { "registered" }, to = "active", by = { "self", "system" }, label = "Подтвердить почту / ЕСИА",
      icon = "check" },
    { "purge", from = { "registered" }, to = "deleted", by = { "system" }, label = "Не подтверждена за 7 дней", icon = "trash" },
    { "lock", from = { "active" }, to = "locked", by = { "system" }, label = "N неудачных входов", icon = "lock" },
    { "unlock", from = { "locked" }, to = "active", by = { "system", "self", "admin" }, label = "Истёк срок / сброс пароля",
      icon = "check" },
    { "block", from = { "active", "locked" }, to = "blocked", by = { "admin" }, label = "Заблокировать", icon = "ban" },
    { "unblock", from = { "blocked" }, to = "active", by = { "admin" }, label = "Разблокировать", icon = "check" },
    { "erase", from = { "active", "blocked" }, to = "deleted", by = { "admin", "system" }, label = "Удалить и обезличить",
      icon = "trash", guards = { "nothing_must_be_kept" },
      guard_text = "нет юридических оснований хранения; учебные документы сохраняются" },
  },
}
