--- Guards of the machine `demo_exam`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.kit_is_chosen = shared.needs("kit_is_chosen", "no_kit", "Выберите комплект оценочной документации.")
guards.place_is_accredited = shared.needs("place_is_accredited", "not_accredited", "Площадка не аккредитована на эту дату.")
guards.participants_are_listed = shared.needs("participants_are_listed", "no_participants", "Внесите участников.")
guards.checklist_is_done = shared.needs("checklist_is_done", "checklist_open", "Пройдите чек-лист площадки.")
guards.chief_is_named = shared.needs("chief_is_named", "no_chief", "Назначьте главного эксперта.")
guards.scores_are_entered = shared.needs("scores_are_entered", "scores_open", "Баллы внесены не по всем участникам.")
guards.protocol_is_signed = shared.needs("protocol_is_signed", "protocol_required", "Подпишите протокол.")
return guards
