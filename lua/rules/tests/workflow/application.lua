--- Tests of the application of a citizen (docs/rule-packs.md, «Tests»).

-- What the guards look at when all is well.
local GOOD = {
  age_on_start = 30, min_age = 18, profile_missing = {}, has_consent = true, has_guardian_consent = false, is_minor = false, is_below_acting_age = false,
  acts_himself = true, guardian_is_asked = false, intake_is_open = true, intake_state = "open", program_is_published = true, today = "2026-02-10",
  opens_on = "2026-02-01", closes_on = "2026-02-28", opens_on_text = "1 февраля", closes_on_text = "28 февраля", starts_on_text = "1 марта",
  documents_missing = 0, documents_rejected = 0, documents_uncommented = 0, free_places = 3, education_level = "spo", has_unchecked_paper = false,
}

local function facts(changes)
  local made = {}
  for key, value in pairs(GOOD) do made[key] = value end
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function test(name, changes, when, expect, more)
  local given = more or {}
  given.facts = facts(changes)
  return { name, given = given, when = when, expect = expect }
end

local SUBMIT = { "submit", from = "draft", by = "learner" }
local APPROVE = { "approve", from = "in_review", by = "staff" }
local PARTNER = { user = { grant = { role = "partner", organization_id = 7 } }, object = { organization_id = 8 } }

return {
  test("Заполненную заявку можно подать", {}, SUBMIT, { to = "submitted" }),
  test("Без согласия на обработку данных заявку не подать", { has_consent = false }, SUBMIT,
    { refused = "consent_required", guard = "consent_is_given" }),
  test("Моложе нужного возраста не подать", { age_on_start = 16 }, SUBMIT, { refused = "age_below_minimum", text = "16 лет" }),
  test("Возраст словами: один год", { age_on_start = 21, min_age = 22 }, SUBMIT, { refused = "age_below_minimum", text = "21 год" }),
  test("Возраст словами: два года", { age_on_start = 22, min_age = 23 }, SUBMIT, { refused = "age_below_minimum", text = "22 года" }),
  test("Возраст словами: одиннадцать лет", { age_on_start = 11, min_age = 23 }, SUBMIT,
    { refused = "age_below_minimum", text = "11 лет" }),
  test("Старше нужного возраста не подать", { age_on_start = 66, max_age = 65 }, SUBMIT, { refused = "age_above_maximum" }),
  test("Без даты рождения возраст не мешает: её требует профиль", { age_on_start = false }, SUBMIT,
    { to = "submitted" }),
  test("Вторую заявку на тот же набор не подать", { active_number = "26-000001" }, SUBMIT,
    { refused = "already_active", text = "26-000001" }),
  test("После конца приёма не подать", { intake_is_open = false, today = "2026-03-01" }, SUBMIT,
    { refused = "intake_closed", text = "закончился 28 февраля" }),
  test("До начала приёма не подать", { intake_is_open = false, today = "2026-01-31" }, SUBMIT,
    { refused = "intake_closed", text = "начнётся 1 февраля" }),
  test("В закрытый набор не подать", { intake_is_open = false, intake_state = "closed" }, SUBMIT,
    { refused = "intake_closed", text = "закрыт" }),
  test("Не хватает профиля", { profile_missing = { "телефон" } }, SUBMIT, { refused = "profile_incomplete", text = "телефон" }),
  test("До 14 лет сам не подаёт", { age_on_start = 13, min_age = false, is_below_acting_age = true, is_minor = true }, SUBMIT,
    { refused = "guardian_must_act" }),
  test("До 18 лет нужно согласие представителя", { age_on_start = 17, min_age = 14, is_minor = true }, SUBMIT,
    { refused = "guardian_consent_required", text = "Укажите в профиле" }),
  test("Представителя уже спросили", { age_on_start = 17, min_age = 14, is_minor = true, guardian_is_asked = true }, SUBMIT,
    { refused = "guardian_consent_required", text = "Мы написали" }),
  test("С согласием представителя до 18 лет можно", { age_on_start = 17, min_age = 14, is_minor = true, has_guardian_consent = true }, SUBMIT,
    { to = "submitted" }),
  test("Сотрудник за заявителя не подаёт", {}, { "submit", from = "draft", by = "staff" }, { refused = "not_allowed" }),
  test("Черновик удаляют", {}, { "discard", from = "draft", by = "learner" }, { to = "withdrawn" }),

  test("Сотрудник берёт в работу", {}, { "take", from = "submitted", by = "staff" }, { to = "in_review" }),
  test("Партнёр не берёт чужую заявку", {}, { "take", from = "submitted", by = "partner" }, { refused = "other_organization" }, PARTNER),
  test("Партнёр берёт заявку своей организации", {}, { "take", from = "submitted", by = "partner" }, { to = "in_review" },
    { user = { grant = { role = "partner", organization_id = 7 } }, object = { organization_id = 7 } }),
  test("Подходящую заявку одобряют", { entry_education = { "spo", "vo" } }, APPROVE, { to = "approved" }),
  test("Образование не подходит", { entry_education = { "vo" }, entry_education_names = { "высшее" } }, APPROVE,
    { refused = "education_unsuitable", text = "высшее" }),
  test("Согласие на бумаге сначала проверяют", { has_unchecked_paper = true }, APPROVE, { refused = "guardian_paper_unchecked" }),
  test("Документы запрашивают по перечню", {}, { "ask_docs", from = "in_review", by = "staff" }, { refused = "documents_required" }),
  test("Перечень есть", {}, { "ask_docs", from = "in_review", by = "staff" }, { to = "docs_required" }, { data = { documents = { "passport" } } }),
  test("Не все документы приложены", { documents_missing = 2 }, { "send_docs", from = "docs_required", by = "learner" },
    { refused = "documents_missing", text = "2" }),
  test("Все документы приложены", {}, { "send_docs", from = "docs_required", by = "learner" }, { to = "docs_review" }),
  test("На замену возвращают отклонённое", {}, { "return_docs", from = "docs_review", by = "staff" }, { refused = "nothing_rejected" }),
  test("Отклонённое объясняют", { documents_rejected = 1, documents_uncommented = 1 }, { "return_docs", from = "docs_review", by = "staff" },
    { refused = "comment_required" }),
  test("Объяснённое возвращается", { documents_rejected = 1 }, { "return_docs", from = "docs_review", by = "staff" },
    { to = "docs_required" }),
  test("При свободных местах лист ожидания не нужен", {}, { "wait", from = "in_review", by = "staff" },
    { refused = "places_available", text = "3" }),
  test("Мест нет — в лист ожидания", { free_places = 0 }, { "wait", from = "approved", by = "system" }, { to = "waitlisted" }),
  test("Место освободилось", {}, { "promote", from = "waitlisted", by = "system" }, { to = "approved" }),
  test("Отклоняют с причиной", {}, { "reject", from = "in_review", by = "staff" }, { refused = "reason_required" }),
  test("Причина названа", {}, { "reject", from = "in_review", by = "staff", reason = "Нет медицинской справки" },
    { to = "rejected" }),

  test("Поданную заявку отзывают", {}, { "withdraw", from = "submitted", by = "learner" }, { to = "withdrawn" }),
  test("Одобренную заявку отзывают", {}, { "withdraw", from = "approved", by = "learner" }, { to = "withdrawn" }),
  test("До начала занятий зачисленный отзывает", {}, { "withdraw", from = "enrolled", by = "learner" }, { to = "withdrawn" }),
  test("После начала занятий не отзывают", { group_has_started = true }, { "withdraw", from = "enrolled", by = "learner" },
    { refused = "already_started" }),
  test("Без приказа не зачислить", {}, { "enroll", from = "approved", by = "staff" },
    { refused = "order_required", guard = "enrolled_by_order" }),
  test("По приказу зачисляют", { has_enroll_order = true }, { "enroll", from = "approved", by = "staff" }, { to = "enrolled" }),
  test("Обучение начинается с группой", { group_has_started = true }, { "start", from = "enrolled", by = "system" }, { to = "studying" }),
  test("Раньше группы обучение не начинается", {}, { "start", from = "enrolled", by = "system" }, { refused = "not_started" }),
  test("Без приказа не отчислить", {}, { "expel", from = "studying", by = "staff" },
    { refused = "order_required", guard = "expelled_by_order" }),
  test("По приказу отчисляют", { has_leave_order = true }, { "expel", from = "enrolled", by = "staff" }, { to = "expelled" }),
  test("Расформированная группа возвращает в очередь", { group_state = "cancelled" }, { "return_to_queue", from = "enrolled", by = "staff" },
    { to = "approved" }),
  test("Без отмены зачисления в очередь не вернуть", { group_state = "formed" }, { "return_to_queue", from = "enrolled", by = "staff" },
    { refused = "order_required" }),
  test("Завершают аттестованных", { has_passed = true }, { "finish", from = "studying", by = "system" }, { to = "completed" }),
  test("Без аттестации не завершить", {}, { "finish", from = "studying", by = "system" }, { refused = "assessment_required" }),
  test("Срок документов прошёл", { docs_due_on = "2026-02-09" }, { "expire", from = "docs_required", by = "system" }, { to = "expired" }),
  test("Срок документов не прошёл", { docs_due_on = "2026-02-10" }, { "expire", from = "docs_required", by = "system" },
    { refused = "not_due" }),
  test("Закрытый набор отпускает ждущих", {}, { "expire", from = "waitlisted", by = "system" }, { to = "expired" }),
}
