--- Bookings of rooms for events, exams and maintenance, requests between organisations.
local service = require("domain.bookings.service")
local store = require("domain.bookings.store")
local bookings = {}

bookings.find = store.find
bookings.timers = { { name = "bookings.tick", every_s = 300, run = service.tick } }

return bookings
