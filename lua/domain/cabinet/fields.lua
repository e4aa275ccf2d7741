--- The menu of the cabinets: one line a page. A page is shown to whoever holds `needs` (a permission, or a list of which one is
--- enough); `roles` narrows it to these roles. A role that an administrator has made sees the lines without `roles` whose
--- permission it holds.
---   id = what a page names as `nav`, label, href, icon, group = a key of GROUPS,
---   private = a page of the account itself: no preview shows it, count = a counter of counters.lua, hot = the counter calls to act.
local fields = {}

--- Titles of the groups; the menu shows them in the order of ORDER.
fields.GROUPS = { main = false, work = "Работа", programs = "Программы", resources = "Ресурсы", site = "Сайт", service = "Сервис", system = "Система" }
fields.ORDER = { "main", "work", "programs", "resources", "site", "service", "system" }
--- An administrator comes for the system.
fields.ORDER_OF = { admin = { "main", "system", "site", "work", "programs", "resources", "service" } }

fields.MENU = {
  { id = "home", label = "Главная", href = "/cabinet", icon = "home", group = "main" },
  { id = "applications", label = "Мои заявки", href = "/cabinet/applications", icon = "file-text", group = "main",
    roles = { "learner" }, count = "own" },
  { id = "applications", label = "Заявки", href = "/cabinet/applications", icon = "inbox", group = "work", needs = "application.list",
    count = "submitted", hot = true },
  { id = "schedule", label = "Расписание", href = "/cabinet/schedule", icon = "calendar-week", group = "main", roles = { "learner", "teacher" } },
  { id = "groups", label = "Журналы", href = "/cabinet/groups", icon = "notebook", group = "main", roles = { "teacher" }, count = "unsigned", hot = true },
  { id = "grades", label = "Оценки", href = "/cabinet/grades", icon = "checklist", group = "main", roles = { "learner" } },
  { id = "groups", label = "Группы", href = "/cabinet/groups", icon = "users-group", group = "work", needs = "group.read",
    roles = { "staff", "partner", "coordinator", "admin" } },
  { id = "schedule", label = "Расписание", href = "/cabinet/schedule", icon = "calendar-week", group = "work", needs = "lesson.read",
    roles = { "staff", "partner", "coordinator", "admin" } },
  { id = "bookings", label = "Брони", href = "/cabinet/bookings", icon = "calendar-event", group = "resources", needs = "room.book",
    roles = { "staff", "partner" } },
  { id = "orders", label = "Приказы", href = "/cabinet/orders", icon = "file-certificate", group = "work", needs = "order.read",
    roles = { "staff", "coordinator" }, count = "orders" },
  { id = "programs", label = "Программы", href = "/programs", icon = "book", group = "programs",
    roles = { "learner", "teacher", "staff", "partner", "customer", "coordinator" } },
  { id = "competences", label = "Приоритетные компетенции", href = "/cabinet/competences", icon = "compass", group = "programs",
    needs = "competence.prioritize" },
  { id = "organizations", label = "Партнёры и заказчики", href = "/cabinet/organizations", icon = "building", group = "work", needs = "organization.list",
    count = "organizations", hot = true },
  { id = "organization", label = "Моя организация", href = "/cabinet/organization", icon = "building", group = "service", roles = { "partner", "customer" } },
  { id = "staff", label = "Кадры", href = "/cabinet/resources/staff", icon = "users", group = "resources", needs = "staff_resource.read",
    roles = { "staff", "partner", "coordinator", "admin" } },
  { id = "resources", label = "Помещения и ресурсы", href = "/cabinet/resources", icon = "building-warehouse", group = "resources", needs = "resource.read" },
  { id = "workload", label = "Загрузка мастерских", href = "/cabinet/workload", icon = "chart-histogram", group = "resources", needs = "workload.read" },
  { id = "data_requests", label = "Запросы о данных", href = "/cabinet/data-requests", icon = "shield-check", group = "service", needs = "data_request.read" },
  { id = "children", label = "Мои дети", href = "/cabinet/children", icon = "users", group = "service", private = true, roles = { "learner" } },
  { id = "data", label = "Мои данные", href = "/cabinet/data", icon = "shield-lock", group = "service", private = true,
    roles = { "learner", "teacher", "partner", "customer", "staff", "coordinator", "admin" } },
  { id = "profile", label = "Профиль", href = "/cabinet/profile", icon = "user", group = "service", private = true, roles = { "learner", "teacher" } },
  { id = "pages", label = "Страницы сайта", href = "/admin/pages", icon = "news", group = "site", needs = "site.manage" },
  { id = "menus", label = "Меню сайта", href = "/admin/menus/header", icon = "sitemap", group = "site", needs = "site.manage" },
  { id = "embed", label = "Для других сайтов", href = "/admin/embed", icon = "code", group = "site", needs = "site.manage" },
  { id = "mail", label = "Шаблоны писем", href = "/admin/mail", icon = "mail", group = "site", needs = "mail.template" },
  { id = "users", label = "Пользователи", href = "/admin/users", icon = "users", group = "system", needs = "user.manage" },
  { id = "roles", label = "Роли и права", href = "/admin/roles", icon = "shield", group = "system", needs = "user.manage" },
  { id = "refs", label = "Справочники", href = "/admin/refs", icon = "list-details", group = "system", needs = "ref.read" },
  { id = "signin", label = "Внешний вход", href = "/admin/integrations/signin", icon = "login-2", group = "system", needs = "signin.manage" },
  { id = "brand", label = "Оформление", href = "/admin/brand", icon = "palette", group = "site", needs = "brand.manage" },
  { id = "settings", label = "Настройки", href = "/admin/settings", icon = "settings", group = "system", needs = "setting.manage" },
  { id = "integrations", label = "Внешние системы", href = "/admin/integrations", icon = "plug-connected", group = "system", needs = "setting.manage" },
  { id = "plugins", label = "Плагины", href = "/admin/plugins", icon = "plug-connected", group = "system", needs = "plugin.manage" },
  { id = "rules", label = "Правила", href = "/admin/rules", icon = "route", group = "system", needs = "rule.read" },
  { id = "running", label = "Что выполняется", href = "/admin/running", icon = "list", group = "system", needs = "plugin.manage" },
  { id = "system", label = "Состояние", href = "/admin/system", icon = "server", group = "system", needs = "system.read" },
  { id = "audit", label = "Журнал действий", href = "/admin/audit", icon = "history", group = "system", needs = "audit.read" },
  { id = "outbox", label = "Исходящая почта", href = "/admin/outbox", icon = "mail-forward", group = "system", needs = "mail.read",
    count = "mail" },
}

--- Colour of the initials by role.
fields.TONES = { staff = "v", partner = "g", teacher = "o", admin = "n", coordinator = "v" }

--- The phone's bar: so many items, with these words where the label is long.
fields.BOTTOM_ITEMS = 4
fields.SHORT = { ["Мои заявки"] = "Заявки", ["Журнал действий"] = "Журнал", ["Исходящая почта"] = "Почта", ["Пользователи"] = "Люди",
  ["Помещения и ресурсы"] = "Ресурсы", ["Роли и права"] = "Роли" }

return fields
