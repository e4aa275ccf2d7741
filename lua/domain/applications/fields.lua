--- Forms, filters and words of applications.
local fields = {}

--- Body of POST /api/v1/applications.
fields.CREATE = {
  { name = "intake_id", type = "integer", label = "Набор", min = 1 },
  { name = "program_id", type = "integer", label = "Программа", min = 1 },
  { name = "comment", type = "text", label = "Комментарий", max_length = 2000 },
  { name = "consent", type = "boolean", label = "Согласие на обработку персональных данных" },
  { name = "submit", type = "boolean", label = "Сразу подать" },
  { name = "person_id", type = "uuid", label = "За кого: ребёнок до 14 лет" },
}

--- `data` of the actions that take some; what is not listed is dropped.
fields.DATA = {
  ask_docs = {
    { name = "documents", type = "list", label = "Документы", max = 20, fields = {
      { name = "kind", type = "text", label = "Вид", max_length = 40 },
      { name = "title", type = "text", label = "Название", required = true, max_length = 200 },
      { name = "comment", type = "text", label = "Пояснение", max_length = 1000 },
    } },
  },
}

--- The form of the citizen.
fields.APPLY = {
  { name = "for", type = "uuid", label = "За кого" },
  { name = "intake_id", type = "integer", label = "Набор", required = true, min = 1 },
  { name = "comment", type = "text", label = "Комментарий", max_length = 2000 },
  { name = "consent", type = "boolean", label = "Согласие на обработку персональных данных" },
}

fields.NOTE = {
  { name = "text", type = "text", label = "Текст", required = true, max_length = 4000 },
  { name = "is_internal", type = "boolean", label = "Только для сотрудников" },
}

fields.VERDICT = {
  { name = "verdict", type = "enum", label = "Решение", required = true, options = { "confirm", "reject" } },
  { name = "comment", type = "text", label = "Комментарий", max_length = 1000 },
}

fields.ASSIGN = {
  { name = "responsible_id", type = "integer", label = "Ответственный", min = 1 },
}

fields.UPLOAD = {
  { name = "document_id", type = "integer", label = "Какой из запрошенных", min = 1 },
  { name = "kind", type = "text", label = "Вид документа", max_length = 40 },
  { name = "title", type = "text", label = "Название", max_length = 200 },
}

--- What applicants may send. The content is checked too: a name proves nothing.
fields.FILE_MAX_BYTES = 10 * 1024 * 1024
fields.FILE_ACCEPT = ".pdf,.jpg,.jpeg,.png"
fields.FILE_TYPES = { "application/pdf", "image/jpeg", "image/png" }
fields.FILES_AT_ONCE = 10

fields.SHIFTS = { morning = "утро", day = "день", evening = "вечер", weekend = "выходные" }
fields.FORMS = { full = "очно", mixed = "очно-заочно", part = "заочно" }

fields.DOCUMENT_STATES = {
  asked = { label = "Нужно приложить", tone = "warn", icon = "file-alert" },
  new = { label = "На проверке", tone = "info", icon = "eye" },
  rejected = { label = "Нужно заменить", tone = "bad", icon = "x" },
  confirmed = { label = "Принят", tone = "ok", icon = "check" },
  expired = { label = "Просрочен", tone = "neu", icon = "clock-pause" },
}

--- Who makes the next step, in words for the applicant. {…} are filled by the service.
fields.NEXT_STEP = {
  draft = "Черновик видите только вы. Проверьте данные и подайте заявку.",
  submitted = "Заявка у сотрудников центра. Решение — до {sla}.",
  in_review = "Сотрудник центра рассматривает заявку. Решение — до {sla}.",
  docs_required = "Ваш шаг: приложите документы и отправьте их до {docs}.",
  docs_review = "Сотрудник центра проверяет документы. Ответ — до {sla}.",
  approved = "Заявка одобрена. Центр готовит приказ о зачислении, от вас ничего не нужно.",
  waitlisted = "Мест пока нет. Вы {place} в очереди: когда место освободится, заявка одобрится сама и мы напишем вам.",
  enrolled = "Вы зачислены. Занятия начинаются {starts}.",
  studying = "Идёт обучение. Расписание — в личном кабинете.",
  completed = "Обучение завершено.",
  expelled = "Вы отчислены.",
  rejected = "В приёме отказано. Можно исправить причину и подать новую заявку.",
  withdrawn = "Вы отозвали заявку. Пока приём открыт, её можно подать снова.",
  expired = "Срок прошёл. Пока приём открыт, заявку можно подать снова.",
}

--- Steps of the tracker: which states make a step done or current.
fields.TRACK = {
  { id = "submitted", title = "Подана", states = { "submitted" } },
  { id = "review", title = "Рассмотрение", states = { "in_review", "docs_required", "docs_review" } },
  { id = "decision", title = "Решение", states = { "approved", "waitlisted" } },
  { id = "enrolment", title = "Зачисление", states = { "enrolled" } },
  { id = "training", title = "Обучение", states = { "studying", "completed" } },
}

--- What of the applicant is special data.
fields.APPLICANT = {
  { name = "snils", type = "snils", label = "СНИЛС", special = "snils" },
}

return fields
