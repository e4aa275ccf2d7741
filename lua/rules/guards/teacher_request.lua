--- Guards of the machine `teacher_request`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.campaign_is_open = shared.needs("campaign_is_open", "campaign_closed", "Сбор заявок закрыт.")
guards.people_are_whole = shared.needs("people_are_whole", "incomplete", "Заполните ФИО, должность, СНИЛС и предмет по каждому человеку.")
guards.quota_fits = shared.needs("quota_fits", "quota_exceeded", "Сумма квот больше, чем мест.")
return guards
