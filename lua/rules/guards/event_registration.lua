--- Guards of the machine `event_registration`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.has_a_place = shared.needs("has_a_place", "no_place", "Свободных мест нет.")
guards.presence_is_proved = shared.needs("presence_is_proved", "presence_unproved", "Отметьте присутствие кодом или по списку.")
return guards
