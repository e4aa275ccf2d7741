--- Guards of the machine `qualification_document`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.learner_has_passed = shared.needs("learner_has_passed", "not_passed", "Слушатель не аттестован.")
guards.handing_is_recorded = shared.needs("handing_is_recorded", "handing_unrecorded", "Запишите дату и способ выдачи, подпись получателя или трек-номер.")
guards.has_an_act = shared.needs("has_an_act", "act_required", "Нужен акт о порче бланка.")
guards.has_a_request = shared.needs("has_a_request", "request_required", "Нужно заявление и подтверждение утраты или обмена.")
return guards
