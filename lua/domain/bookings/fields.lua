--- Bookings of rooms for what is not a lesson, and the list of requests.
local form = require("kit.form")
local fields = {}

fields.PURPOSES = { { value = "event", label = "Мероприятие" }, { value = "exam", label = "Экзамен" }, { value = "maintenance", label = "Обслуживание" } }
fields.PURPOSE_WORDS = { event = "Мероприятие", exam = "Экзамен", maintenance = "Обслуживание", lesson = "Занятие", absence = "Отсутствие" }

fields.BOOKING = {
  { name = "room_id", type = "id", label = "Помещение", required = true },
  { name = "purpose", type = "enum", label = "Для чего", options = fields.PURPOSES, required = true },
  { name = "held_on", type = "date", label = "Дата", required = true },
  { name = "starts", type = "time", label = "Начало", required = true },
  { name = "minutes", type = "integer", label = "Минут", required = true, min = 5, max = 1440 },
  { name = "note", type = "text", label = "Что будет", required = true, max_length = 300 },
}

fields.LIST = {
  { name = "side", type = "enum", label = "Чьи", options = { { value = "in", label = "Входящие" }, { value = "out", label = "Мои запросы" } } },
  { name = "state", type = "enum", label = "Состояние", options = { "requested", "confirmed", "in_use", "finished", "declined", "cancelled" } },
  form.PAGING[1], form.PAGING[2],
}

return fields
