--- Who is told of what. A kind is what people choose by («в кабинете», «на почту»); a rule turns an event of the outbox into a
--- notification of a kind.
---   kinds: id, label, hint, needs = permission of those who see the choice, mail = "now"|"digest"|"off" unless chosen otherwise,
---     obligatory = always both ways.
---   rules: event = topic; action or from narrow it; kind; to = who (domain/notifications/facts.lua names them); title, text, link with {fields}
---     of the facts; letter = one of rules/letters (else "notification"), false = none.
return {
  kinds = {
    { id = "application", label = "Мои заявки", hint = "Решения, запросы документов, комментарии центра", roles = { "learner" }, mail = "now" },
    { id = "schedule", label = "Изменения расписания", hint = "Перенос и отмена ваших занятий, помещения и преподаватели, которые вышли из работы",
      roles = { "learner", "teacher", "partner", "staff" }, mail = "now" },
    { id = "review", label = "Заявки в моей организации", hint = "Новые заявки и присланные документы", needs = "application.decide", mail = "digest" },
    { id = "order", label = "Приказы", hint = "На подпись, подписанные, возвращённые", needs = { "order.sign", "order.create" }, mail = "now" },
    { id = "organization", label = "Моя организация", hint = "Проверка и приостановка организации", roles = { "partner", "customer" }, mail = "off" },
    { id = "platform", label = "Работа платформы", hint = "Приостановленные плагины", needs = "plugin.manage", mail = "now" },
    { id = "security", label = "Безопасность входа", hint = "Смена пароля и прав доступа", mail = "now", obligatory = true },
  },

  rules = {
    -- Those who keep the platform running.
    { event = "plugin.suspended", kind = "platform", to = "managers", title = "Плагин «{title}» приостановлен", text = "{reason}",
      link = "/admin/plugins/{plugin}" },

    -- The applicant.
    { event = "application.submitted", kind = "application", to = "applicant", letter = "application_submitted",
      title = "Заявка № {number} подана", text = "{program}. Центр ответит до {sla}.", link = "/cabinet/applications/{public_id}" },
    { event = "application.docs_required", kind = "application", to = "applicant", letter = "application_documents",
      title = "Нужны документы по заявке № {number}", text = "{program}. Приложите до {docs}.", link = "/cabinet/applications/{public_id}" },
    { event = "application.approved", action = "approve", kind = "application", to = "applicant", letter = "application_approved",
      title = "Заявка № {number} одобрена", text = "{program}. Начало {starts}.", link = "/cabinet/applications/{public_id}" },
    { event = "application.approved", action = "promote", kind = "application", to = "applicant", letter = "application_promoted",
      title = "Место освободилось: заявка № {number} одобрена", text = "{program}. Начало {starts}.", link = "/cabinet/applications/{public_id}" },
    { event = "application.rejected", kind = "application", to = "applicant", letter = "application_rejected",
      title = "По заявке № {number} отказано", text = "{program}. {reason}", link = "/cabinet/applications/{public_id}" },
    { event = "application.waitlisted", kind = "application", to = "applicant", letter = "application_waitlisted",
      title = "Заявка № {number} в листе ожидания", text = "{program}. Мы сообщим, когда освободится место.", link = "/cabinet/applications/{public_id}" },
    { event = "application.enrolled", kind = "application", to = "applicant", letter = "application_enrolled",
      title = "Вы зачислены: {program}", text = "Занятия начинаются {starts}.", link = "/cabinet/applications/{public_id}" },
    { event = "application.expired", kind = "application", to = "applicant", letter = "application_expired",
      title = "Заявка № {number} закрыта: срок прошёл", text = "{program}", link = "/cabinet/applications/{public_id}" },
    { event = "application.noted", kind = "application", to = "applicant", letter = "application_note",
      title = "Комментарий к заявке № {number}", text = "{note}", link = "/cabinet/applications/{public_id}" },

    -- Those who decide.
    { event = "application.submitted", kind = "review", to = "partners", title = "Новая заявка № {number}", text = "{program}. Ответить до {sla}.",
      link = "/cabinet/applications/{public_id}" },
    { event = "application.docs_review", kind = "review", to = "responsible", title = "Документы по заявке № {number} присланы",
      text = "{program}. Проверьте до {sla}.", link = "/cabinet/applications/{public_id}" },
    { event = "application.assigned", kind = "review", to = "responsible", title = "Вам поручена заявка № {number}", text = "{program}",
      link = "/cabinet/applications/{public_id}" },

    { event = "order.on_sign", kind = "order", to = "signers", title = "Приказ на подпись: {title}", text = "Вступает в силу {effective}.",
      link = "/cabinet/orders/{public_id}" },
    { event = "order.signed", kind = "order", to = "author", title = "Приказ подписан: {title}", text = "Зарегистрируйте, чтобы он вступил в силу.",
      link = "/cabinet/orders/{public_id}" },
    { event = "order.rejected", kind = "order", to = "author", title = "Приказ возвращён: {title}", text = "{reason}", link = "/cabinet/orders/{public_id}" },

    -- The timetable.
    { event = "lesson.moved", kind = "schedule", to = "participants", title = "Занятие перенесено: {title}", text = "Группа {group}. {was}Теперь {day}, {starts}.",
      link = "/cabinet/lessons/{id}" },
    { event = "timetable.changed", kind = "schedule", to = "concerned", title = "Группа {group}: изменилось расписание", text = "{lessons}, {days}. {changes}",
      link = "/cabinet/schedule?week={from}" },
    { event = "timetable.published", kind = "schedule", to = "concerned", title = "Группа {group}: опубликовано расписание", text = "{lessons}, {days}.",
      link = "/cabinet/schedule?week={from}" },
    { event = "booking.requested", kind = "schedule", to = "owners", title = "Запрос помещения: {room}", text = "{asker}: {when}. {what}",
      link = "/cabinet/bookings" },
    { event = "booking.confirmed", kind = "schedule", to = "askers", title = "Бронь подтверждена: {room}", text = "{when}. {what}",
      link = "/cabinet/bookings?side=out" },
    { event = "booking.declined", kind = "schedule", to = "askers", title = "Бронь отклонена: {room}", text = "{when}. {reason}",
      link = "/cabinet/bookings?side=out" },
    { event = "lesson.cancelled", kind = "schedule", to = "participants", title = "Занятие отменено: {title}", text = "Группа {group}, {day}, {starts}.",
      link = "/cabinet/schedule" },

    { event = "resource.maintenance", kind = "schedule", to = "concerned", title = "{name}: выведено из работы", text = "Задето: {lessons}. {reason}",
      link = "/cabinet/resources/{path}" },

    -- Organisations write their letters themselves: their people may have no account yet.
    { event = "organization.active", kind = "organization", to = "members", letter = false, title = "{name}: организация подтверждена",
      text = "Можно работать на платформе.", link = "/cabinet" },
    { event = "organization.suspended", kind = "organization", to = "members", letter = false, title = "{name}: работа приостановлена",
      text = "Причину сообщит центр.", link = "/cabinet" },

    { event = "user.granted", kind = "security", to = "user", title = "Вам дана роль: {role}", text = "Если вы её не ждали, сообщите в центр.",
      link = "/cabinet" },
    { event = "user.grant_ended", kind = "security", to = "user", title = "Роль снята: {role}", text = "Вопросы задайте администратору платформы.",
      link = "/cabinet" },
    { event = "user.password_changed", kind = "security", to = "user", letter = false, title = "Пароль изменён",
      text = "Если это были не вы, восстановите пароль и сообщите в центр.", link = "/cabinet/profile" },
  },
}
