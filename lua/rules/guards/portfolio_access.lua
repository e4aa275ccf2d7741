--- Guards of the machine `portfolio_access`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.term_is_set = shared.needs("term_is_set", "term_required", "Укажите, до какого дня открыть доступ.")
return guards
