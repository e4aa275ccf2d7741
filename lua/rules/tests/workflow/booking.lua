--- Tests of the machine `booking`: the organisation 2 owns the room, 3 asks for it.
local ROOM = { owner_id = 2, organization_id = 2, organization_ids = { 2, 3 } }

local function test(name, facts, when, expect)
  return { name, given = { facts = facts, object = ROOM }, when = when, expect = expect }
end

return {
  test("Свободное помещение подтверждают", { overlaps = 0, resource_is_open = true }, { "confirm", from = "requested", by = "staff" }, { to = "confirmed" }),
  test("Занятое не подтвердить", { overlaps = 1, resource_is_open = true }, { "confirm", from = "requested", by = "staff" },
    { refused = "overlap", guard = "has_no_overlap" }),
  test("Вне часов работы площадки не подтвердить", { overlaps = 0, resource_is_open = false }, { "confirm", from = "requested", by = "staff" },
    { refused = "resource_closed", guard = "resource_is_open" }),
  test("Отклоняют с причиной", {}, { "decline", from = "requested", by = "staff" }, { refused = "reason_required" }),
  test("Отклоняют", {}, { "decline", from = "requested", by = "staff", reason = "Ремонт" }, { to = "declined" }),
  test("Запрос отменяют", {}, { "cancel", from = "requested", by = "staff" }, { to = "cancelled" }),
  test("Подтверждённую бронь отменяют", {}, { "cancel", from = "confirmed", by = "staff" }, { to = "cancelled" }),
  test("Бронь начинается сама", {}, { "start", from = "confirmed", by = "system" }, { to = "in_use" }),
  test("Бронь кончается сама", {}, { "finish", from = "in_use", by = "system" }, { to = "finished" }),
}
