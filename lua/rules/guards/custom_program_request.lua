--- Guards of the machine `custom_program_request`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.has_modules = shared.needs("has_modules", "no_modules", "Выберите хотя бы один модуль.")
guards.prerequisites_are_met = shared.needs("prerequisites_are_met", "prerequisites_missing", "Не закрыты пререквизиты выбранных модулей.")
guards.hours_are_enough = shared.needs("hours_are_enough", "too_few_hours", "Для повышения квалификации нужно не меньше 16 часов.")
return guards
