--- Questions about the load of workshops and sites.
local fields = {}

local ROOMS = {
  { name = "competence", type = "text", label = "Компетенция", max_length = 20 },
  { name = "organization", type = "id", label = "Организация" },
  { name = "site", type = "id", label = "Площадка" },
}

local function with(list)
  local all = table.move(ROOMS, 1, #ROOMS, 1, {})
  return table.move(list, 1, #list, #all + 1, all)
end

--- What counts as a workshop here.
fields.KINDS = { "workshop", "lab", "computer" }

fields.LOAD = with({
  { name = "week", type = "date", label = "День недели, которую показать" },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60, pattern = "^%d+%.?[%de+-]*~%d+$", message = "Ссылка на продолжение списка не подходит" },
})

fields.WINDOWS = with({
  { name = "places", type = "integer", label = "Рабочих мест не меньше", min = 1, max = 5000 },
  { name = "days", type = "integer", label = "Рабочих дней подряд", min = 1, max = 30, default = 1 },
  { name = "from", type = "date", label = "Не раньше" },
  { name = "to", type = "date", label = "Не позже" },
  { name = "starts", type = "time", label = "С какого часа", default = "09:00" },
  { name = "ends", type = "time", label = "До какого часа", default = "15:00" },
  { name = "near", type = "id", label = "От площадки" },
  { name = "km", type = "integer", label = "Не дальше, км", min = 1, max = 1000 },
})

fields.SPAN_MAX_DAYS = 92
fields.ROWS = 20

return fields
