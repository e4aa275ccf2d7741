--- Menus by role. An item: id (what a page names as `nav`), label, href, icon; `count` names a counter of the store;
--- `hot` draws the counter as a call to act; `short` is the word in the phone's bar.
local fields = {}

local SCHEDULE = { id = "schedule", label = "Расписание", href = "/cabinet/schedule", icon = "calendar-week" }
local GROUPS = { id = "groups", label = "Группы", href = "/cabinet/groups", icon = "users-group" }
local ORDERS = { id = "orders", label = "Приказы", href = "/cabinet/orders", icon = "file-certificate" }
local CATALOGUE = { id = "programs", label = "Программы", href = "/programs", icon = "book" }

fields.MENUS = {
  learner = {
    { items = {
      { id = "home", label = "Главная", href = "/cabinet", icon = "home" },
      { id = "applications", label = "Мои заявки", short = "Заявки", href = "/cabinet/applications", icon = "file-text", count = "own" },
      SCHEDULE,
      { id = "grades", label = "Оценки", href = "/cabinet/grades", icon = "checklist" },
    } },
    { title = "Сервис", items = { { id = "profile", label = "Профиль", href = "/cabinet/profile", icon = "user" }, CATALOGUE } },
  },
  teacher = {
    { items = {
      { id = "home", label = "Сегодня", href = "/cabinet", icon = "home", count = "unsigned", hot = true },
      SCHEDULE,
      { id = "groups", label = "Журналы", href = "/cabinet/groups", icon = "notebook" },
    } },
    { title = "Сервис", items = { { id = "profile", label = "Профиль", href = "/cabinet/profile", icon = "user" }, CATALOGUE } },
  },
  staff = {
    { title = "Работа", items = {
      { id = "applications", label = "Заявки", href = "/cabinet/applications", icon = "inbox", count = "submitted", hot = true },
      GROUPS, ORDERS, SCHEDULE,
    } },
    { title = "Программы", items = { CATALOGUE } },
  },
  partner = {
    { title = "Работа", items = {
      { id = "applications", label = "Заявки", href = "/cabinet/applications", icon = "inbox", count = "submitted", hot = true },
      GROUPS, SCHEDULE,
    } },
    { title = "Программы", items = { CATALOGUE } },
  },
  customer = {
    { items = { { id = "home", label = "Главная", href = "/cabinet", icon = "home" }, CATALOGUE } },
  },
  coordinator = {
    { items = { { id = "applications", label = "Заявки", href = "/cabinet/applications", icon = "inbox" }, GROUPS, SCHEDULE, CATALOGUE } },
  },
  admin = {
    { title = "Система", items = {
      { id = "audit", label = "Журнал действий", short = "Журнал", href = "/admin/audit", icon = "history" },
      { id = "outbox", label = "Исходящая почта", short = "Почта", href = "/admin/outbox", icon = "mail-forward", count = "mail" },
    } },
    { title = "Работа", items = { { id = "applications", label = "Заявки", href = "/cabinet/applications", icon = "inbox" }, GROUPS, SCHEDULE } },
  },
}

--- Where /cabinet leads; roles that are not here have a home of their own.
fields.HOMES = { staff = "/cabinet/applications", partner = "/cabinet/applications", coordinator = "/cabinet/applications",
  admin = "/admin/audit" }

--- Colour of the initials by role.
fields.TONES = { staff = "v", partner = "g", teacher = "o", admin = "n", coordinator = "v" }

fields.BOTTOM_ITEMS = 4

return fields
