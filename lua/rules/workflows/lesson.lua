--- Lesson: from the plan to the signed page of the journal.
return {
  title = "Занятие",
  overridable = { "title", "states.*.label", "states.*.tone", "states.*.icon", "transitions.*", "guards.*" }, -- the states are the table's
  initial = "planned",
  own = { "teacher" }, -- only the teachers of the lesson
  permission = "lesson.plan",
  reads = { -- what the guards look at, and the record of a decision keeps; a layer that asks more adds to it
    object = { organization_id = "организация", organization_ids = "организации" },
    facts = {
      bookings_unconfirmed = "неподтверждённая бронь", conflicts = "пересечения", group_state = "состояние группы",
      signed_at = "когда подписано", unmarked = "без отметки", has_begun = "время наступило",
    },
  },
  conditions = { -- the guards in words
    own_organization = "партнёр — только в своей организации", bookings_are_confirmed = "все брони подтверждены",
    has_no_conflicts = "нет пересечений", time_has_come = "время занятия наступило", attendance_is_marked = "посещаемость отмечена всем",
    may_still_be_opened = "журнал ещё можно открыть", group_is_completed = "группа завершена",
  },
  states = {
    planned = { "Запланировано", tone = "neu", icon = "calendar" },
    published = { "Опубликовано", tone = "info", icon = "calendar-check" },
    held = { "Проведено", tone = "vio", icon = "chalkboard" },
    signed = { "Журнал подписан", tone = "ok", icon = "signature" },
    cancelled = { "Отменено", tone = "bad", icon = "calendar-x", final = true },
    locked = { "Закрыто", tone = "neu", icon = "lock", final = true },
  },
  transitions = {
    { "publish", from = { "planned" }, to = "published", by = { "staff", "partner" }, label = "Опубликовать", icon = "calendar-check",
      guards = { "own_organization", "bookings_are_confirmed", "has_no_conflicts" },
      guard_text = "все брони подтверждены; нет конфликтов преподавателя/помещения/группы/оборудования; партнёр — только в своей организации" },
    { "move", from = { "planned" }, to = "planned", by = { "staff", "partner" }, label = "Перенести", icon = "calendar-time",
      guards = { "own_organization", "has_no_conflicts" },
      guard_text = "нет конфликтов; прежнее место и время — в истории занятия; уведомления, если опубликовано; "
        .. "партнёр — только в своей организации" },
    { "move", name = "move_published", from = { "published" }, to = "published", by = { "staff", "partner" }, label = "Перенести", icon = "calendar-time",
      guards = { "own_organization", "has_no_conflicts" },
      guard_text = "нет конфликтов; прежнее место и время — в истории занятия; уведомления, если опубликовано; "
        .. "партнёр — только в своей организации" },
    { "cancel", from = { "planned", "published" }, to = "cancelled", by = { "staff", "partner" }, label = "Отменить", icon = "calendar-x",
      tone = "bad", reason = true, guards = { "own_organization" },
      guard_text = "причина, уведомления; партнёр — только в своей организации" },
    { "hold", from = { "published" }, to = "held", by = { "teacher", "system" }, label = "Провести", icon = "chalkboard",
      guards = { "time_has_come" }, guard_text = "время занятия наступило" },
    { "sign", from = { "held" }, to = "signed", by = { "teacher" }, label = "Подписать журнал", icon = "signature", tone = "ok",
      guards = { "attendance_is_marked" }, guard_text = "посещаемость отмечена всем" },
    { "unsign", permission = "journal.open", from = { "signed" }, to = "held", by = { "staff" }, label = "Открыть для правки", icon = "lock-open", reason = true,
      guards = { "may_still_be_opened" }, guard_text = "в пределах N дней; запись в журнал аудита" },
    { "lock", from = { "signed" }, to = "locked", by = { "system" }, label = "Закрыть", icon = "lock",
      guards = { "group_is_completed" }, guard_text = "группа завершена" },
  },
}
