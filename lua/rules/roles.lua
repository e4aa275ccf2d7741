--- Roles and permission sets of the product. An administrator renames them, changes their rights and adds own ones at
--- /admin/roles; what he changed lies in access_role and access_rule. A role's `cabinet` is where it lands, a set is given
--- on top of a role. `organization`: cannot be granted without one. What each may do: rules/permissions.
return {
  roles = {
    { "learner", name = "Слушатель", note = "Гражданин: подаёт заявки, учится, видит только своё" },
    { "teacher", name = "Преподаватель", note = "Ведёт занятия и журнал своих групп" },
    { "partner", name = "Организация-партнёр", note = "Колледж, вуз, школа: программы, группы и ресурсы своей организации",
      organization = true },
    { "customer", name = "Работодатель", note = "Организация-заказчик: заявки на обучение своих работников", organization = true },
    { "staff", name = "Сотрудник ЦОПП", note = "Ведёт заявки, группы, расписание и приказы региона" },
    { "coordinator", name = "Координатор", note = "Орган власти: видит показатели и состояние дел по региону" },
    { "admin", name = "Администратор", note = "Пользователи, роли, справочники, настройки; без права на особые данные" },
  },
  sets = {
    { "director", name = "Директор (подписант)", base = "staff", note = "Подписывает приказы" },
    { "registrar", name = "Учебная часть", base = "staff", note = "Зачисление, документы слушателей" },
    { "scheduler", name = "Диспетчер расписания", base = "staff", note = "Расписание и занятость аудиторий" },
    { "methodist", name = "Методист", base = "staff", note = "Программы и их экспертиза" },
    { "account_manager", name = "Менеджер по работе с заказчиками", base = "staff", note = "Заявки организаций" },
    { "event_manager", name = "Специалист по мероприятиям", base = "staff", note = "Мероприятия и запись на них" },
    { "curator", name = "Куратор организации", base = "partner", note = "Отвечает за организацию на платформе" },
    { "member", name = "Сотрудник организации", base = "partner", note = "Работает от имени организации" },
  },
}
