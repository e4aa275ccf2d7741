--- Guards of the machine `material`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.material_is_whole = shared.needs("material_is_whole", "incomplete", "Приложите файл, напишите аннотацию, укажите права и лицензию.")
guards.needs_no_expertise = shared.needs("needs_no_expertise", "expertise_required", "Этому виду материала нужна экспертиза.")
guards.expertise_recommends = shared.needs("expertise_recommends", "not_recommended", "Экспертиза материал не рекомендовала.")
return guards
