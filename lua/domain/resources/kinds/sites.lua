--- Sites: addresses where rooms are, with their zone, hours and bells.
return {
  code = "sites", table = "site", icon = "building", title = "Площадки", one = "Площадка", new = "Новая площадка",
  match = { "name" }, plans = true,
  facts = { "address", "zone", "hours", "is_accessible", "access_note" },
  labels = { hours = "Часы работы", rooms = "Помещений" },
  fields = {
    { name = "name", type = "text", label = "Название", required = true, max_length = 200 },
    { name = "address", type = "text", label = "Адрес", required = true, max_length = 500, wide = true },
    { name = "zone", type = "text", label = "Часовой пояс", required = true, max_length = 60, ref = "zone", hint = "Занятия здесь идут по этому времени" },
    { name = "latitude", type = "decimal", label = "Широта", min = -90, max = 90 },
    { name = "longitude", type = "decimal", label = "Долгота", min = -180, max = 180 },
    { name = "opens", type = "time", label = "Открывается", default = "08:00" },
    { name = "closes", type = "time", label = "Закрывается", default = "21:30" },
    { name = "works_saturday", type = "boolean", label = "Работает по субботам", default = true },
    { name = "is_accessible", type = "boolean", label = "Доступна для людей с инвалидностью" },
    { name = "access_note", type = "text", label = "Как попасть людям с инвалидностью", max_length = 500 },
    { name = "bells", type = "text", label = "Звонки", multiline = true, max_length = 2000, column = false, extra = "bells", rows = 8,
      hint = "Пара в строке: смена, начало и конец. Например, «1 смена 09:00–10:30»" },
    { name = "note", type = "text", label = "Примечание", multiline = true, max_length = 2000 },
  },
  columns = {
    { key = "name", label = "Площадка", sort = "name", sub = "address", lead = true }, { key = "organization", label = "Организация" },
    { key = "hours", label = "Часы работы", nowrap = true }, { key = "rooms", label = "Помещений", num = true },
  },
  check = function(input, add)
    if input.opens and input.closes and input.closes <= input.opens then add("closes", "Площадка закрывается раньше, чем открывается.") end
  end,
  parts = { "travel" }, uses = "site",
}
