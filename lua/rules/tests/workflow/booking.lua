--- Tests of the machine `booking`.
return {
  { "Подтвердить: можно", given = { facts = { resource_is_open = true } },
    when = { "confirm", from = "requested", by = "partner" }, expect = { to = "confirmed" } },
  { "Подтвердить: отказ, overlap", given = { facts = { resource_is_open = true, overlaps = 1 } },
    when = { "confirm", from = "requested", by = "partner" }, expect = { refused = "overlap", guard = "has_no_overlap" } },
  { "Подтвердить: отказ, resource_closed", given = { facts = { resource_is_open = false } },
    when = { "confirm", from = "requested", by = "partner" }, expect = { refused = "resource_closed", guard = "resource_is_open" } },
  { "Отклонить: можно", when = { "decline", from = "requested", by = "partner" }, expect = { to = "declined" } },
  { "Отменить: можно", when = { "cancel", from = "requested", by = "staff" }, expect = { to = "cancelled" } },
  { "Начало: можно", when = { "start", from = "confirmed", by = "system" }, expect = { to = "in_use" } },
  { "Окончание: можно", when = { "finish", from = "in_use", by = "system" }, expect = { to = "finished" } },
}
