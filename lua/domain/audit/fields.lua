--- Filters of the journal of actions, and words for what it says.
local fields = {}

fields.LIST = {
  { name = "q", type = "text", label = "Кто: почта или фамилия", max_length = 100 },
  { name = "action", type = "text", label = "Действие", max_length = 60 },
  { name = "entity", type = "text", label = "Объект", max_length = 40 },
  { name = "id", type = "integer", label = "Номер объекта", min = 1 },
  { name = "text", type = "text", label = "Слово в изменениях", min_length = 3, max_length = 100 },
  { name = "ip", type = "text", label = "Адрес", max_length = 45, pattern = "^[%x:.]+$", message = "Адрес записывают так: 10.0.0.7" },
  { name = "from", type = "date", label = "С" },
  { name = "to", type = "date", label = "По" },
  { name = "limit", type = "integer", label = "Сколько", min = 1, max = 200 },
  { name = "cursor", type = "text", label = "Продолжение", max_length = 60 },
}

fields.EXPORT = {
  { name = "format", type = "enum", label = "Вид файла", required = true, default = "xlsx",
    options = { { value = "xlsx", label = "Excel (XLSX)" }, { value = "csv", label = "CSV" } } },
  { name = "reason", type = "text", label = "Зачем нужна выгрузка", required = true, max_length = 500, hint = "Останется в журнале" },
}

fields.ENTITIES = {
  { value = "application", label = "Заявка" }, { value = "group", label = "Группа" }, { value = "order", label = "Приказ" },
  { value = "lesson", label = "Занятие" }, { value = "enrollment", label = "Слушатель" }, { value = "person", label = "Человек" },
  { value = "user_account", label = "Учётная запись" }, { value = "consent", label = "Согласие" }, { value = "file", label = "Файл" },
  { value = "mail_message", label = "Письмо" }, { value = "mail_template", label = "Шаблон письма" }, { value = "audit_event", label = "Журнал действий" },
  { value = "ref_item", label = "Элемент справочника" }, { value = "ref_book", label = "Справочник" },
  { value = "production_calendar", label = "Производственный календарь" }, { value = "published_change", label = "Публикация" },
  { value = "site_setting", label = "Настройка" },
  { value = "organization", label = "Организация" }, { value = "page", label = "Страница сайта" }, { value = "site_menu", label = "Меню сайта" },
  { value = "role", label = "Роль" }, { value = "regional_priority", label = "Приоритетная компетенция" },
  { value = "job", label = "Задание" }, { value = "outbox_event", label = "Событие" },
  { value = "signin_provider", label = "Внешний вход" }, { value = "data_request", label = "Запрос о данных" },
  { value = "site", label = "Площадка" }, { value = "room", label = "Помещение" },
  { value = "staff_resource", label = "Карточка преподавателя" }, { value = "equipment", label = "Оборудование" },
  { value = "software", label = "Программное обеспечение" }, { value = "consumable", label = "Расходный материал" },
  { value = "ict_resource", label = "ИКТ-ресурс" }, { value = "info_resource", label = "Справочный ресурс" },
}

--- Actions that are not transitions of a machine.
fields.ACTIONS = {
  ["user.login"] = "Вход", ["user.login_failed"] = "Неудачный вход", ["user.logout"] = "Выход", ["user.register"] = "Регистрация",
  ["user.confirm"] = "Подтверждение почты", ["user.ask_reset"] = "Запрос нового пароля", ["user.reset_password"] = "Новый пароль",
  ["user.switch_grant"] = "Смена роли", ["user.add"] = "Добавление учётной записи", ["person.update"] = "Изменение профиля",
  ["person.guardian"] = "Законный представитель", ["person.view_special"] = "Просмотр СНИЛС", ["consent.give"] = "Согласие дано",
  ["consent.withdraw"] = "Согласие отозвано", ["application.create"] = "Создание заявки", ["application.assign"] = "Назначение ответственного",
  ["application.note"] = "Заметка", ["application.document_add"] = "Документ приложен", ["application.document_send"] = "Документ отправлен",
  ["application.document_remove"] = "Документ убран", ["application.document_confirm"] = "Документ принят",
  ["application.document_reject"] = "Документ отклонён", ["application.export"] = "Выгрузка заявок", ["file.read"] = "Чтение файла",
  ["ref.create"] = "Элемент справочника добавлен", ["ref.update"] = "Элемент справочника изменён", ["ref.archive"] = "Убран в архив",
  ["ref.unarchive"] = "Возвращён из архива", ["ref.delete"] = "Элемент справочника удалён", ["ref.import"] = "Загрузка справочника",
  ["ref.create_book"] = "Новый справочник", ["ref.rename_book"] = "Справочник переименован", ["ref.delete_book"] = "Справочник удалён",
  ["ref.calendar"] = "Производственный календарь", ["published.put"] = "Опубликовано", ["published.reload"] = "Перезагрузка правил",
  ["published.refuse"] = "Публикация отклонена",
  ["setting.put"] = "Настройка изменена", ["setting.reset"] = "Настройка по умолчанию", ["system.backup"] = "Резервная копия",
  ["job.retry"] = "Задание повторено", ["job.cancel"] = "Задание отменено",
  ["mail.resend"] = "Повторная отправка письма", ["audit.verify"] = "Проверка журнала", ["audit.export"] = "Выгрузка журнала",
  ["mail.test"] = "Проверочное письмо", ["mail.cancel"] = "Письмо отменено", ["outbox.retry"] = "Событие повторено", ["outbox.cancel"] = "Событие отменено",
  ["role.create"] = "Новая роль", ["role.change"] = "Изменение прав роли", ["role.archive"] = "Роль в архив",
  ["user.invite"] = "Приглашение", ["user.block"] = "Блокировка", ["user.unblock"] = "Разблокировка", ["user.force_reset"] = "Сброс пароля",
  ["user.grant"] = "Роль дана", ["user.end_grant"] = "Роль завершена", ["user.sets"] = "Наборы прав", ["user.export"] = "Выгрузка пользователей",
  ["user.import"] = "Загрузка пользователей", ["person.merge"] = "Объединение записей", ["person.find_by_snils"] = "Поиск по СНИЛС",
  ["preview.start"] = "Начат просмотр чужими глазами", ["preview.end"] = "Закончен просмотр чужими глазами",
  ["organization.create"] = "Организация добавлена", ["organization.register"] = "Заявка на регистрацию организации",
  ["organization.join"] = "Запрос доступа в организацию", ["organization.update"] = "Изменение карточки организации",
  ["organization.member_start"] = "Принят в организацию", ["organization.member_change"] = "Изменено, кем работает",
  ["organization.member_end"] = "Завершил работу в организации", ["organization.invite"] = "Приглашение отправлено",
  ["organization.invite_revoke"] = "Приглашение отозвано", ["organization.invite_accept"] = "Приглашение принято",
  ["organization.claim_accept"] = "Запрос доступа принят", ["organization.claim_reject"] = "В доступе отказано",
  ["organization.contact_add"] = "Контакт добавлен", ["organization.contact_remove"] = "Контакт убран",
  ["organization.agreement_add"] = "Соглашение добавлено", ["organization.agreement_end"] = "Соглашение расторгнуто",
}

for _, entity in ipairs({ "site", "room", "staff_resource", "equipment", "software", "consumable", "ict_resource", "info_resource" }) do
  for action, words in pairs({ create = "Карточка добавлена", update = "Карточка изменена", photo_add = "Снимок добавлен", photo_remove = "Снимок убран",
    units_add = "Единица добавлена", units_change = "Единица изменена", moves_add = "Движение записано", travel_add = "Время в пути записано",
    travel_remove = "Время в пути убрано", qualifications_add = "Повышение квалификации записано", qualifications_remove = "Повышение квалификации убрано" }) do
    fields.ACTIONS[entity .. "." .. action] = words
  end
end
fields.ACTIONS["resource.import"] = "Загрузка ресурсов"

--- Names of changed fields.
fields.NAMES = {
  state = "состояние", responsible = "ответственный", document = "документ", kind = "вид", role = "роль", grant = "роль", version = "редакция",
  is_internal = "только сотрудникам", relation = "кем приходится", guardian = "представитель", last_name = "фамилия", first_name = "имя",
  middle_name = "отчество", birth_date = "дата рождения", snils = "СНИЛС", phone = "телефон", address = "адрес", gender = "пол",
  citizenship = "гражданство", education_level = "образование", citizen_category = "категория", has_middle_name = "есть отчество",
  name = "название", title = "название", book = "справочник", parent = "входит в", sort = "порядок", valid_from = "действует с",
  valid_to = "действует по", external = "внешние коды", day = "день", holiday = "праздник", new = "новых", changed = "изменено", wrong = "с ошибками",
  filter = "условия", application = "заявка", sealed = "скреплено", broken = "нарушено", code = "код", persons = "человек", capacity = "кем", user = "кто",
  email = "почта", short_name = "название", full_name = "полное название", number = "номер", is_partner = "партнёр",
  is_customer = "заказчик", inn = "ИНН", kpp = "КПП", ogrn = "ОГРН", legal_address = "юридический адрес", director_name = "руководитель",
}


return fields
