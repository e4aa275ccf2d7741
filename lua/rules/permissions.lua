--- Who may do what: permission → { function, kind, words, role or permission set = scope }.
--- `function` is the line of rules/features (several: "F10 F19") beyond whose letters the table does not go; kinds: view (what is
--- published or narrowed by its module), read, write, decide, configure. Scopes: kit/access. Whoever is not named may not; `director`,
--- `registrar` … are permission sets. An administrator changes all this at /admin/roles. `special`: personal data of the strictest
--- kind, never shown in a preview. `locked`: not to be changed in the browser, since everybody needs it.
return {
  -- applications of citizens
  ["application.list"] = { "F19", "read", "Видеть список заявок", staff = "all", partner = "organization", coordinator = "all", admin = "all" },
  ["application.read"] = { "F10 F19", "read", "Открывать заявку", staff = "all", partner = "organization", learner = "own",
    coordinator = "all", admin = "all" },
  ["application.read_applicant"] = { "F10 F19", "read", "Видеть данные заявителя", staff = "all", partner = "organization", learner = "own" },
  ["application.create"] = { "F10", "write", "Подавать заявку", learner = "own" },
  ["application.decide"] = { "F19", "decide", "Решать по заявкам", staff = "all", partner = "organization" },
  ["application.enroll"] = { "F19 F20", "decide", "Зачислять и отчислять по заявкам", staff = "all" },
  ["application.note"] = { "F19", "write", "Оставлять заметки к заявкам", staff = "all", partner = "organization" },
  ["application.export"] = { "F19", "read", "Выгружать список заявок", staff = "all" },

  -- programmes and intakes (the catalogue is public)
  ["program.read"] = { "F09", "view", "Смотреть каталог программ", guest = "all", user = "all", locked = true },
  ["program.edit"] = { "F14", "write", "Составлять программы", staff = "all", partner = "organization", teacher = "own" },
  ["intake.manage"] = { "F14 F19", "write", "Объявлять наборы", staff = "all", partner = "organization" },

  -- groups, orders, journal
  ["group.read"] = { "F20", "view", "Видеть группы", staff = "all", partner = "organization", teacher = "all", learner = "all", customer = "all",
    coordinator = "all", admin = "all" },
  ["group.read_learners"] = { "F20", "read", "Видеть слушателей группы", staff = "all", partner = "organization", teacher = "own", admin = "all" },
  ["group.create"] = { "F20", "write", "Создавать группы", staff = "all", partner = "organization" },
  ["group.manage"] = { "F20", "write", "Вести группы", staff = "all", partner = "organization" },
  ["order.read"] = { "F20", "read", "Видеть приказы", staff = "all", partner = "organization", coordinator = "all", admin = "all" },
  ["order.create"] = { "F20", "write", "Готовить приказы", staff = "all" },
  ["order.sign"] = { "F20", "decide", "Подписывать приказы", director = "all" },
  ["order.print"] = { "F20", "read", "Печатать приказы", staff = "all", partner = "organization", admin = "all" },
  ["journal.read"] = { "F20", "read", "Видеть журнал", staff = "all", partner = "organization", teacher = "own", coordinator = "all", admin = "all" },
  ["journal.write"] = { "F20", "write", "Заполнять журнал", staff = "all", teacher = "own" },
  ["journal.open"] = { "F20", "decide", "Открывать подписанный журнал", staff = "all" },
  ["journal.history"] = { "F20", "read", "Видеть правки журнала", staff = "all", admin = "all" },

  -- timetable
  ["lesson.read"] = { "F21", "view", "Видеть расписание", staff = "all", partner = "all", teacher = "all", learner = "all", customer = "all",
    coordinator = "all", admin = "all" },
  ["lesson.plan"] = { "F21", "write", "Составлять расписание", staff = "all", partner = "organization" },
  ["lesson.override"] = { "F21", "decide", "Ставить занятие вопреки предупреждению", staff = "all" },
  ["workload.read"] = { "D5", "view", "Видеть загрузку мастерских сети", staff = "all", partner = "all", teacher = "all", customer = "all", coordinator = "all",
    admin = "all" },
  ["room.book"] = { "D5 F21", "write", "Занимать аудитории", staff = "all", partner = "organization" },

  -- people
  ["person.read"] = { "F20", "read", "Видеть людей", staff = "all", admin = "all", partner = "organization", teacher = "own", learner = "own" },
  ["person.read_special"] = { "F20", "read", "Видеть СНИЛС и другие особые данные", staff = "all", learner = "own", special = true },
  ["person.edit"] = { "F20", "write", "Править данные людей", staff = "all", learner = "own" },

  -- organisations and resources
  ["organization.read"] = { "F16", "view", "Видеть организации", user = "all", locked = true },
  ["data_request.read"] = { "F29 F19", "read", "Видеть запросы об исправлении и удалении данных", staff = "all", admin = "all" },
  ["data_request.decide"] = { "F19", "decide", "Отвечать на запросы об исправлении данных", staff = "all" },
  ["organization.list"] = { "F16", "read", "Видеть базу партнёров и заказчиков", staff = "all", coordinator = "all", admin = "all" },
  ["organization.manage"] = { "F16", "write", "Вести организации", staff = "all", curator = "organization", admin = "all" },
  ["organization.members"] = { "F16", "write", "Вести людей организации: приглашать, менять, прощаться", staff = "all", curator = "organization", admin = "all" },
  ["organization.moderate"] = { "F05", "decide", "Проверять и подтверждать организации", staff = "all", admin = "all" },
  ["resource.read"] = { "F18 D1 D2 D3", "view", "Видеть ресурсы", staff = "all", partner = "organization", teacher = "all", coordinator = "all", admin = "all" },
  ["resource.manage"] = { "F17 F18 D1 D2 D3", "write", "Вести ресурсы", staff = "all", partner = "organization" },
  ["resource.moderate"] = { "F17 F18 D1 D2 D3", "decide", "Проверять карточки ресурсов", staff = "all" },
  ["staff_resource.read"] = { "F17", "read", "Видеть карточки преподавателей", staff = "all", partner = "organization", teacher = "own", coordinator = "all",
    admin = "all" },

  -- the public site
  ["site.manage"] = { "F01", "configure", "Вести страницы и меню сайта", admin = "all" },
  ["competence.prioritize"] = { "F09", "write", "Вести приоритетные компетенции региона", staff = "all", admin = "all" },

  -- the system
  ["signin.manage"] = { "F29", "configure", "Настраивать вход через внешние сервисы", admin = "all" },
  ["user.manage"] = { "F29", "configure", "Управлять пользователями и ролями", admin = "all" },
  ["ref.read"] = { "F30", "view", "Смотреть справочники", staff = "all", coordinator = "all", admin = "all" },
  ["ref.manage"] = { "F30", "configure", "Вести справочники", admin = "all" },
  ["setting.manage"] = { "F29", "configure", "Менять настройки и секреты интеграций", admin = "all" },
  ["system.read"] = { "F29", "configure", "Видеть состояние системы и фоновые задания", admin = "all" },
  ["system.manage"] = { "F29", "configure", "Перезагружать правила, запускать копии и задания", admin = "all" },
  ["plugin.manage"] = { "F29", "configure", "Включать и настраивать плагины", admin = "all" },
  ["brand.manage"] = { "F02", "configure", "Менять оформление", admin = "all" },
  ["audit.read"] = { "F29", "configure", "Читать журнал действий", admin = "all" },
  ["mail.template"] = { "F29", "configure", "Менять шаблоны писем", admin = "all" },
  ["mail.read"] = { "F33", "configure", "Видеть исходящую почту", admin = "all" },
  ["job.read"] = { "F08", "read", "Видеть фоновые задания", admin = "all", staff = "own" },
  ["rule.read"] = { "F30", "view", "Смотреть правила", admin = "all", staff = "all" },
  ["rule.manage"] = { "F30", "configure", "Менять правила", admin = "all" },
  ["rule.force"] = { "F30", "configure", "Публиковать правила, не прошедшие испытаний", admin = "all" },
}
