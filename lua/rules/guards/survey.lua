--- Guards of the machine `survey`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.has_questions = shared.needs("has_questions", "no_questions", "Добавьте хотя бы один вопрос.")
return guards
