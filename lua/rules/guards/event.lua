--- Guards of the machine `event`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.registration_is_over = shared.needs("registration_is_over", "still_open", "Места ещё есть, и срок не прошёл.")
return guards
