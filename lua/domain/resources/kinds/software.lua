--- Software: licences counted by simultaneous use.
return {
  code = "software", table = "software", icon = "device-desktop", title = "Программное обеспечение", one = "Программа для занятий",
    new = "Новое программное обеспечение",
  match = { "name", "licence_no" }, plans = true,
  facts = { "vendor", "edition", "licence_kind", "licence_no", "seats", "valid_to", "is_registered", "rooms" },
  labels = { rooms = "Где установлено" },
  fields = {
    { name = "name", type = "text", label = "Название", required = true, max_length = 200 },
    { name = "vendor", type = "text", label = "Производитель", max_length = 200 },
    { name = "edition", type = "text", label = "Версия", max_length = 60 },
    { name = "licence_kind", type = "enum", label = "Лицензия", default = "perpetual", options = {
      { value = "perpetual", label = "Бессрочная" }, { value = "subscription", label = "Подписка" }, { value = "free", label = "Свободная" } } },
    { name = "licence_no", type = "text", label = "Номер лицензии", max_length = 100 },
    { name = "seats", type = "integer", label = "Одновременных мест", required = true, min = 1, max = 100000, column = false, extra = "qty" },
    { name = "valid_to", type = "date", label = "Лицензия по" },
    { name = "is_registered", type = "boolean", label = "В реестре российского ПО" },
    { name = "room_ids", type = "list", items = "id", label = "Где установлено", max = 200, ref = "room", column = false, extra = "rooms" },
    { name = "note", type = "text", label = "Примечание", multiline = true, max_length = 2000 },
  },
  columns = {
    { key = "name", label = "Название", sort = "name", sub = "vendor", lead = true }, { key = "organization", label = "Организация" },
    { key = "licence_kind", label = "Лицензия" }, { key = "seats", label = "Мест", num = true }, { key = "valid_to", label = "По", nowrap = true, due = true },
  },
  filters = {
    { name = "licence_kind", type = "list" },
    { name = "overdue", type = "boolean", label = "Лицензия истекла" },
  },
  check = function(input, add)
    if input.licence_kind == "subscription" and not input.valid_to then add("valid_to", "У подписки есть срок: укажите его.") end
  end,
  uses = "software",
}
