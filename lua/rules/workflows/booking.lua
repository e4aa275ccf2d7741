--- Booking of a room: asked for by another organisation, confirmed by the owner; used and finished by the clock.
return {
  title = "Бронь ресурса",
  overridable = { "title", "states.*.label", "states.*.tone", "states.*.icon", "transitions.*", "guards.*" }, -- the states are the table's
  initial = "requested",
  permission = "room.book",
  reads = { -- what the guards look at, and the record of a decision keeps; a layer that asks more adds to it
    object = { owner_id = "владелец помещения", organization_id = "организация", organization_ids = "организации" },
    facts = { overlaps = "пересечения", resource_is_open = "ресурс работает" },
  },
  conditions = { -- the guards in words
    owner_decides = "решает владелец помещения", has_no_overlap = "нет пересечений", resource_is_open = "ресурс в это время работает",
  },
  states = {
    requested = { "Запрошена", tone = "vio", icon = "hourglass" },
    confirmed = { "Подтверждена", tone = "ok", icon = "calendar-check" },
    in_use = { "Используется", tone = "info", icon = "player-play" },
    finished = { "Завершена", tone = "neu", icon = "check", final = true },
    declined = { "Отклонена", tone = "bad", icon = "x", final = true },
    cancelled = { "Отменена", tone = "neu", icon = "calendar-x", final = true },
  },
  transitions = {
    { "confirm", from = { "requested" }, to = "confirmed", by = { "partner", "staff", "system" }, label = "Подтвердить", icon = "check", tone = "ok",
      guards = { "owner_decides", "has_no_overlap", "resource_is_open" }, guard_text = "нет пересечений; часы работы ресурса; решает владелец" },
    { "decline", from = { "requested" }, to = "declined", by = { "partner", "staff" }, label = "Отклонить", icon = "x", tone = "bad", reason = true,
      guards = { "owner_decides" }, guard_text = "решает владелец помещения" },
    { "cancel", from = { "requested", "confirmed" }, to = "cancelled", by = { "staff", "partner" }, label = "Отменить", icon = "calendar-x", tone = "bad" },
    { "start", from = { "confirmed" }, to = "in_use", by = { "system" }, label = "Начало", icon = "player-play" },
    { "finish", from = { "in_use" }, to = "finished", by = { "system" }, label = "Окончание", icon = "check" },
  },
}
