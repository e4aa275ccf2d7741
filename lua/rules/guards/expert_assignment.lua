--- Guards of the machine `expert_assignment`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.criteria_are_scored = shared.needs("criteria_are_scored", "criteria_open", "Оценены не все критерии.")
guards.low_scores_are_explained = shared.needs("low_scores_are_explained", "comment_required", "Объясните низкие баллы.")
guards.sheet_is_signed = shared.needs("sheet_is_signed", "not_signed", "Подпишите лист.")
return guards
