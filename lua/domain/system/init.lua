--- State of the platform, background jobs, backups by the clock.
local backups = require("domain.system.backups")
local system = {}

system.settings = {
  {
    key = "backup_dir",
    type = "text",
    default = "",
    label = "Каталог резервных копий",
    max_length = 300,
    pattern = "^/",
    message = "Нужен полный путь, начинается с /",
    reason = "Полный путь на сервере, куда может писать пользователь платформы; лучше на другом диске. Пусто — копии по расписанию не делаются.",
  },
  {
    key = "backup_hour",
    type = "integer",
    default = 3,
    min = 0,
    max = 23,
    label = "Час резервной копии",
    reason = "Ночью нагрузка меньше; время региона.",
  },
  {
    key = "backup_keep",
    type = "integer",
    default = 7,
    min = 1,
    max = 365,
    label = "Сколько копий хранить",
    reason = "Старые удаляются, когда новая готова.",
  },
}

system.timers = { { name = "system.backup_clock", every_s = 600, fn = backups.tick } }
system.jobs = { [backups.JOB] = backups.run }

return system
