--- Letters of the platform: what each is for and what its template (views/mail/<id>.txt) may name. An administrator edits the
--- templates at /admin/mail; a name that is not declared here is refused there. The samples fill previews and test letters.
---   names: name → { label, type = text|number|date|list, sample, item = names of a list's item }
---   letters: id, group, label, about, names = list of names
--- Every letter may name base_url, region.name, region.full, region.phone, region.email, region.address.
local APPLICATION = { "application.number", "application.program", "application.first_name", "application.organization", "application.starts_on",
  "application.public_id" }

local function application(...)
  local list = { table.unpack(APPLICATION) }
  for _, name in ipairs({ ... }) do list[#list + 1] = name end
  return list
end

return {
  names = {
    base_url = { "Адрес этого сайта", "text", "https://copp.example.org" },
    ["region.name"] = { "Регион", "text", "Светлогорская область" },
    ["region.full"] = { "Полное имя центра", "text", "Центр опережающей профессиональной подготовки" },
    ["region.phone"] = { "Телефон центра", "text", "8 800 000-00-00" },
    ["region.email"] = { "Почта центра", "text", "copp@example.org" },
    ["region.address"] = { "Адрес центра", "text", "г. Светлогорск, ул. Мастеров, 12" },

    first_name = { "Имя получателя; бывает пустым", "text", "Анна" },
    token = { "Одноразовый ключ ссылки", "text", "fwGg3d9sQm1x" },
    path = { "Путь ссылки на этом сайте", "text", "/login?confirm=fwGg3d9sQm1x" },
    hours = { "Сколько часов действует ссылка", "number", 24 },
    days = { "Сколько дней действует ссылка", "number", 3 },
    email = { "Адрес почты, о котором речь", "text", "novyi@example.org" },
    name = { "Имя того, кто просит", "text", "Петров П. П." },
    post = { "Его должность; бывает пустой", "text", "мастер участка" },
    comment = { "Его комментарий; бывает пустым", "text", "Заменяю И. И. Иванову" },
    by = { "Кто приглашает; бывает пустым", "text", "Иванова И. И." },
    organization = { "Организация", "text", "Колледж А" },
    reason = { "Причина; бывает пустой", "text", "Не хватает копии диплома" },
    text = { "Текст", "text", "Принесите, пожалуйста, оригинал справки." },
    title = { "Заголовок", "text", "Занятие перенесено: Сварка в защитном газе" },
    link = { "Путь страницы на этом сайте; бывает пустым", "text", "/cabinet/schedule" },
    minor = { "Имя несовершеннолетнего", "text", "Пётр" },
    guardian = { "Имя представителя", "text", "Мария Ивановна" },
    due_at = { "День удаления", "date", "2027-01-15" },
    is_done = { "Исправлено ли (для условия)", "text", "да" },
    is_reset = { "Сбросил ли администратор (для условия)", "text", "да" },
    count = { "Сколько уведомлений", "number", 3 },
    more = { "Сколько не поместилось; 0 — все здесь", "number", 1 },
    lines = { "Уведомления", "list", {
      { title = "Заявка № 2026-000123 одобрена", text = "Сварщик. Начало 7 декабря.", link = "/cabinet/applications" },
      { title = "Занятие отменено: Охрана труда", text = "", link = "/cabinet/schedule" },
    }, item = { title = { "Заголовок", "text" }, text = { "Текст; бывает пустым", "text" }, link = { "Путь страницы; бывает пустым", "text" } } },

    ["application.number"] = { "Номер заявки", "text", "2026-000123" },
    ["application.program"] = { "Программа", "text", "Сварщик ручной дуговой сварки" },
    ["application.first_name"] = { "Имя заявителя", "text", "Анна" },
    ["application.organization"] = { "Кто обучает", "text", "Колледж А" },
    ["application.starts_on"] = { "Первый день занятий", "date", "2026-12-07" },
    ["application.public_id"] = { "Ключ заявки для ссылки", "text", "6f0c3a52-8d0b-4c55-9b0e-0f4f5a1f2b11" },
    ["application.address"] = { "Где занятия; бывает пустым", "text", "г. Светлогорск, ул. Мастеров, 12" },
    ["application.docs_due_on"] = { "До какого дня ждём документы", "date", "2026-12-04" },
    ["application.sla_due_at"] = { "До какого дня решим", "date", "2026-12-02" },
    ["application.closes_on"] = { "Последний день приёма", "date", "2026-12-20" },
    ["application.group_code"] = { "Группа; бывает пустой", "text", "СВ-26-1" },
    ["application.program_slug"] = { "Имя программы для ссылки", "text", "svarshchik" },
    ["application.waiting_place"] = { "Место в очереди", "number", 4 },
    documents = { "Документы, которых не хватает", "list", {
      { title = "Паспорт", comment = "" }, { title = "Документ об образовании", comment = "нет второй страницы" },
    }, item = { title = { "Название документа", "text" }, comment = { "Что не так; бывает пустым", "text" } } },
  },

  letters = {
    { id = "confirm", group = "Вход", label = "Подтверждение адреса", about = "После регистрации: ссылка, по которой адрес подтверждают.",
      names = { "first_name", "path", "hours" } },
    { id = "already_registered", group = "Вход", label = "Адрес уже зарегистрирован",
      about = "Когда адрес, который вписали в форму, занят. На странице ответ тот же, что и для нового.", names = { "first_name" } },
    { id = "invite", group = "Вход", label = "Приглашение на платформу", about = "Тому, кого завёл администратор: ссылка, чтобы задать пароль.",
      names = { "first_name", "token", "hours" } },
    { id = "reset", group = "Вход", label = "Новый пароль", about = "Тому, кто забыл пароль.", names = { "first_name", "token", "hours" } },
    { id = "password_changed", group = "Вход", label = "Пароль изменён", about = "После каждой смены пароля.", names = {} },
    { id = "email_old", group = "Вход", label = "Смена адреса: на прежний", about = "Ссылка, по которой соглашаются на новый адрес.",
      names = { "email", "token", "hours" } },
    { id = "email_new", group = "Вход", label = "Смена адреса: на новый", about = "Ссылка, по которой новый адрес подтверждают.",
      names = { "email", "token", "hours" } },
    { id = "otp_on", group = "Вход", label = "Второй шаг входа включён", about = "После включения.", names = {} },
    { id = "otp_off", group = "Вход", label = "Второй шаг входа отключён", about = "После отключения самим или администратором.", names = { "is_reset" } },

    { id = "application_submitted", group = "Заявки", label = "Заявка подана", about = "Заявителю, сразу.", names = application("application.sla_due_at") },
    { id = "application_documents", group = "Заявки", label = "Нужны документы", about = "Заявителю: список и срок.",
      names = application("application.docs_due_on", "documents") },
    { id = "application_approved", group = "Заявки", label = "Заявка одобрена", about = "Заявителю.", names = application("application.address") },
    { id = "application_promoted", group = "Заявки", label = "Место освободилось", about = "Тому, кто ждал в листе ожидания.", names = application() },
    { id = "application_waitlisted", group = "Заявки", label = "Лист ожидания", about = "Заявителю, когда мест нет.",
      names = application("application.waiting_place") },
    { id = "application_rejected", group = "Заявки", label = "Отказ", about = "Заявителю, с причиной.",
      names = application("application.closes_on", "application.program_slug", "reason") },
    { id = "application_expired", group = "Заявки", label = "Срок прошёл", about = "Заявителю, когда заявка закрылась сама.",
      names = application("application.program_slug") },
    { id = "application_enrolled", group = "Заявки", label = "Зачисление", about = "Слушателю, по приказу.", names = application("application.group_code") },
    { id = "application_note", group = "Заявки", label = "Комментарий центра", about = "Заявителю.", names = application("text") },

    { id = "organization_invitation", group = "Организации", label = "Приглашение в организацию", about = "Тому, кого зовёт куратор или центр.",
      names = { "organization", "by", "token", "days" } },
    { id = "organization_join", group = "Организации", label = "Просят доступ", about = "Кураторам организации.",
      names = { "first_name", "organization", "name", "email", "post", "comment" } },
    { id = "organization_let_in", group = "Организации", label = "Доступ открыт", about = "Тому, кого приняли.", names = { "first_name", "organization" } },
    { id = "organization_turned_away", group = "Организации", label = "В доступе отказано", about = "Тому, кому отказали.",
      names = { "first_name", "organization", "reason" } },
    { id = "organization_approved", group = "Организации", label = "Организация подтверждена", about = "Кураторам.", names = { "first_name", "organization" } },
    { id = "organization_rejected", group = "Организации", label = "Организация не подтверждена", about = "Кураторам, с причиной.",
      names = { "first_name", "organization", "reason" } },
    { id = "organization_suspended", group = "Организации", label = "Работа приостановлена", about = "Кураторам, с причиной.",
      names = { "first_name", "organization", "reason" } },
    { id = "organization_resumed", group = "Организации", label = "Снова работает", about = "Кураторам.", names = { "first_name", "organization" } },
    { id = "already_registered_organization", group = "Организации", label = "Адрес уже зарегистрирован",
      about = "Тому, кто регистрирует организацию с занятым адресом.", names = { "first_name" } },

    { id = "guardian_request", group = "Представители", label = "Просьба к представителю", about = "Тому, кого назвал несовершеннолетний.",
      names = { "guardian", "minor", "token", "days" } },
    { id = "guardian_offer", group = "Представители", label = "Представитель назвал себя", about = "Несовершеннолетнему от 14 лет.",
      names = { "guardian", "minor", "token", "days" } },

    { id = "correction_answered", group = "Мои данные", label = "Ответ об исправлении", about = "Тому, кто просил исправить данные.",
      names = { "is_done", "reason" } },
    { id = "erasure_asked", group = "Мои данные", label = "Данные будут удалены", about = "Тому, кто попросил удалить данные.", names = { "due_at" } },
    { id = "erasure_refused", group = "Мои данные", label = "Данные не удалены", about = "Когда удалить данные нельзя.", names = { "reason" } },

    { id = "notification", group = "Уведомления", label = "Уведомление", about = "Всё, у чего нет своего письма: расписание, приказы, роли.",
      names = { "title", "text", "link" } },
    { id = "notification_digest", group = "Уведомления", label = "Уведомления за день", about = "Раз в день тем, кто так выбрал.",
      names = { "lines", "count", "more" } },
  },
}
