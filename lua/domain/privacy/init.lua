--- «Мои данные», as other modules see them.
local service = require("domain.privacy.service")
local privacy = {}

privacy.may_read_file = service.may_read_file
privacy.jobs = service.jobs
privacy.timers = { { name = "privacy.erase_due", every_s = 3600, run = service.erase_due } }
privacy.settings = {
  { key = "erasure_days", type = "integer", min = 1, max = 30, default = 14, label = "Дней до удаления данных",
    reason = "За это время человек может передумать. Закон даёт на удаление не больше 30 дней." },
}

return privacy
