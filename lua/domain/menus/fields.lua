--- Menus of the site: what there is before an administrator changes anything, and what an item may be.
local fields = {}

fields.CODES = { header = "Верхнее меню", footer = "Нижнее меню" }
fields.ORDER = { "header", "footer" }

--- An item: label, href, items (one level more). Columns of the foot are items without href.
fields.DEFAULTS = {
  header = {
    { label = "Программы", href = "/programs" },
    { label = "Мероприятия", href = "/events" },
    { label = "Профориентация", href = "/career" },
    { label = "Вакансии", href = "/vacancies" },
    { label = "Работодателям", href = "/employers" },
    { label = "О центре", href = "/about", items = {
      { label = "О центре", href = "/about" },
      { label = "Приоритетные компетенции", href = "/competences" },
      { label = "Партнёры", href = "/partners" },
      { label = "Расписание занятий", href = "/timetable" },
      { label = "Новости", href = "/news" },
      { label = "Сведения об образовательной организации", href = "/sveden" },
      { label = "Документы", href = "/documents" },
      { label = "Контакты", href = "/contacts" },
    } },
  },
  footer = {
    { label = "Гражданам", items = {
      { label = "Все программы", href = "/programs" }, { label = "Мероприятия", href = "/events" }, { label = "Расписание занятий", href = "/timetable" },
      { label = "Профориентация", href = "/career" }, { label = "Вакансии", href = "/vacancies" },
      { label = "Регистрация", href = "/register/citizen" }, { label = "Вход в кабинет", href = "/login" },
    } },
    { label = "О центре", items = {
      { label = "О центре", href = "/about" }, { label = "Приоритетные компетенции", href = "/competences" },
      { label = "Партнёры", href = "/partners" }, { label = "Сведения об образовательной организации", href = "/sveden" },
      { label = "Документы", href = "/documents" }, { label = "Персональные данные и cookie", href = "/privacy" },
    } },
  },
}

fields.MAX_ITEMS, fields.MAX_CHILDREN = 8, 12
fields.LABEL = { name = "label", type = "text", label = "Название", required = true, max_length = 80 }
fields.HREF = { name = "href", type = "text", label = "Куда ведёт", max_length = 500 }

--- Pages of the product that a menu can name.
fields.PLACES = {
  { "/", "Главная" }, { "/programs", "Программы" }, { "/competences", "Приоритетные компетенции" }, { "/events", "Мероприятия" },
  { "/career", "Профориентация" }, { "/vacancies", "Вакансии" }, { "/employers", "Работодателям" }, { "/about", "О центре" },
  { "/partners", "Партнёры" }, { "/timetable", "Расписание занятий" }, { "/news", "Новости" }, { "/documents", "Документы" }, { "/contacts", "Контакты" },
  { "/sveden", "Сведения об образовательной организации" }, { "/privacy", "Персональные данные и cookie" }, { "/search", "Поиск" },
  { "/register/citizen", "Регистрация" }, { "/login", "Вход" },
}

return fields
