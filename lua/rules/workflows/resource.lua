--- Card of a resource (people, rooms, equipment, software, stock, references): written by its organisation, checked by the staff
--- where the region wants it, taken out of work and back, written off.
return {
  title = "Карточка ресурса",
  overridable = { "title", "states.*.label", "states.*.tone", "states.*.icon", "transitions.*", "guards.*" }, -- the states are the table's
  initial = "draft",
  permission = "resource.manage",
  reads = { -- what the guards look at, and the record of a decision keeps; a layer that asks more adds to it
    object = { organization_id = "организация", organization_ids = "организации" },
    facts = { ahead = "занятия впереди", edits_are_checked = "правки проверяет центр", hits = "задетые занятия" },
    data = { lessons = "сколько занятий видели" },
  },
  conditions = { -- the guards in words
    lessons_were_shown = "задетые занятия показаны", nothing_is_booked = "нет будущих броней",
    edits_are_checked = "регион проверяет правки",
  },
  states = {
    draft = { "Черновик", tone = "neu", icon = "pencil" },
    moderation = { "На модерации", tone = "vio", icon = "eye" },
    active = { "Доступен", tone = "ok", icon = "check" },
    maintenance = { "Обслуживание / недоступен", tone = "warn", icon = "tool" },
    rejected = { "Возвращена", tone = "bad", icon = "arrow-back-up" },
    archived = { "Списан / архив", tone = "neu", icon = "archive", final = true },
  },
  transitions = {
    { "submit", from = { "draft", "rejected" }, to = "moderation", by = { "partner", "staff", "system" }, label = "На модерацию", icon = "send" },
    { "approve", from = { "moderation" }, to = "active", by = { "staff", "system" }, permission = "resource.moderate", label = "Принять",
      icon = "check", tone = "ok" },
    { "reject", from = { "moderation" }, to = "rejected", by = { "staff" }, permission = "resource.moderate", label = "Вернуть", icon = "arrow-back-up",
      tone = "bad", reason = true },
    { "hold", from = { "active" }, to = "maintenance", by = { "partner", "staff" }, label = "Вывести из работы", icon = "tool", tone = "bad", reason = true,
      guards = { "lessons_were_shown" }, guard_text = "показать затронутые занятия" },
    { "restore", from = { "maintenance" }, to = "active", by = { "partner", "staff" }, label = "Вернуть в работу", icon = "check" },
    { "retire", from = { "active", "maintenance" }, to = "archived", by = { "partner", "staff" }, label = "Списать", icon = "archive", tone = "bad", reason = true,
      guards = { "nothing_is_booked" }, guard_text = "нет будущих броней" },
    { "edit", from = { "active" }, to = "moderation", by = { "partner" }, label = "Изменить", icon = "pencil",
      guards = { "edits_are_checked" }, guard_text = "если регион требует повторной модерации" },
  },
}
