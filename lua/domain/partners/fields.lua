--- Query of the list of partners.
local fields = {}

fields.LIST = {
  { name = "q", type = "text", label = "Поиск", max_length = 200 },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 100 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 600 },
}
fields.ROOM_ICONS = { workshop = "tools", lab = "flask", computer = "device-desktop" }

return fields
