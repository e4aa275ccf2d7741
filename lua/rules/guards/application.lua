--- Guards of the machine `application`. Pure: facts → true, or false and the sentence that people read.
--- ctx.facts is one flat table (domain/applications/facts.lua). While only buttons are drawn ctx.preview is true, and guards
--- that judge what the action brings along let it pass.
local guards = {}

local function years(n)
  local tens, ones = n % 100, n % 10
  if tens >= 11 and tens <= 14 then return n .. " лет" end
  if ones == 1 then return n .. " год" end
  if ones >= 2 and ones <= 4 then return n .. " года" end
  return n .. " лет"
end

--- The services check it too; here for whoever fires without them.
function guards.own_organization(ctx)
  local grant = ctx.user.grant
  if not grant or grant.role ~= "partner" or grant.organization_id == ctx.object.organization_id then return true end
  return false, { code = "other_organization", text = "Заявка подана в другую организацию." }
end

function guards.age_suits(ctx)
  local f = ctx.facts
  if not f.age_on_start then return true end
  if f.min_age and f.age_on_start < f.min_age then
    return false, { code = "age_below_minimum", text = ("На программу принимают с %d лет. На день начала занятий, %s, заявителю будет %s.")
      :format(f.min_age, f.starts_on_text, years(f.age_on_start)) }
  end
  if f.max_age and f.age_on_start > f.max_age then
    return false, { code = "age_above_maximum", text = ("На программу принимают до %d лет включительно. На день начала занятий, %s, заявителю будет %s.")
      :format(f.max_age, f.starts_on_text, years(f.age_on_start)) }
  end
  return true
end

function guards.no_active_application(ctx)
  local number = ctx.facts.active_number
  if not number then return true end
  return false, { code = "already_active", text = ("У вас уже есть активная заявка на этот набор: № %s."):format(number) }
end

function guards.intake_is_open(ctx)
  local f = ctx.facts
  if f.intake_is_open and f.program_is_published then return true end
  local text = "Приём заявок на этот набор закрыт."
  if f.intake_state == "open" and f.today < f.opens_on then
    text = ("Приём заявок начнётся %s."):format(f.opens_on_text)
  elseif f.intake_state == "open" and f.today > f.closes_on then
    text = ("Приём заявок закончился %s."):format(f.closes_on_text)
  end
  return false, { code = "intake_closed", text = text }
end

function guards.profile_is_complete(ctx)
  local missing = ctx.facts.profile_missing
  if #missing == 0 then return true end
  return false, { code = "profile_incomplete", text = "Заполните профиль. Не хватает: " .. table.concat(missing, ", ") .. "." }
end

function guards.consent_is_given(ctx)
  if ctx.facts.has_consent then return true end
  return false, { code = "consent_required", field = "consent", text = "Отметьте согласие на обработку персональных данных: без него заявку рассмотреть нельзя." }
end

--- Under 14 a guardian acts; he consents by acting.
function guards.is_of_acting_age(ctx)
  local f = ctx.facts
  if not (f.is_below_acting_age and f.acts_himself) then return true end
  return false, { code = "guardian_must_act",
    text = "Вам ещё нет 14 лет: заявку подаёт родитель или другой законный представитель из своего кабинета, раздел «Мои дети»." }
end

--- A consent on paper counts when the staff has seen it.
function guards.guardian_paper_is_checked(ctx)
  if not ctx.facts.has_unchecked_paper then return true end
  return false, { code = "guardian_paper_unchecked",
    text = "Согласие законного представителя дано на бумаге. Проверьте скан среди документов и нажмите «Согласие проверено»." }
end

function guards.guardian_consents(ctx)
  local f = ctx.facts
  if not f.is_minor or f.has_guardian_consent then return true end
  return false, { code = "guardian_consent_required",
    text = f.guardian_is_asked and "Вам ещё нет 18 лет. Мы написали вашему представителю: подать заявку можно, когда он даст согласие."
      or "Вам ещё нет 18 лет. Укажите в профиле законного представителя и его согласие, после этого заявку можно подать." }
end

function guards.education_suits(ctx)
  local f = ctx.facts
  if not f.entry_education or #f.entry_education == 0 then return true end
  for _, level in ipairs(f.entry_education) do
    if level == f.education_level then return true end
  end
  return false, { code = "education_unsuitable",
    text = "Образование заявителя не подходит. Программа принимает: " .. table.concat(f.entry_education_names or {}, "; ") .. "." }
end

function guards.documents_are_named(ctx)
  if ctx.preview or #(ctx.data.documents or {}) > 0 then return true end
  return false, { code = "documents_required", field = "documents", text = "Выберите хотя бы один документ, который нужен от заявителя." }
end

function guards.documents_are_sent(ctx)
  local missing = ctx.facts.documents_missing
  if missing == 0 then return true end
  return false, { code = "documents_missing", field = "documents", text = ("Приложены не все документы: осталось %d."):format(missing) }
end

function guards.rejections_are_explained(ctx)
  local f = ctx.facts
  if f.documents_rejected == 0 then
    return false, { code = "nothing_rejected", field = "documents", text = "Отклоните документ, который нужно заменить, и напишите, что с ним не так." }
  end
  if f.documents_uncommented > 0 then
    return false, { code = "comment_required", field = "documents", text = "Напишите комментарий к каждому отклонённому документу." }
  end
  return true
end

function guards.documents_are_overdue(ctx)
  local f = ctx.facts
  if f.docs_due_on and f.docs_due_on < f.today then return true end
  return false, { code = "not_due", text = "Срок ответа ещё не прошёл." }
end

function guards.no_free_places(ctx)
  if ctx.facts.free_places <= 0 then return true end
  return false, { code = "places_available", text = ("Свободных мест: %d. Одобрите заявку: лист ожидания нужен, когда мест нет."):format(ctx.facts.free_places) }
end

function guards.enrolled_by_order(ctx)
  if ctx.facts.has_enroll_order then return true end
  return false, { code = "order_required", text = "Зачисляют приказом: включите заявку в приказ о зачислении группы и подпишите его." }
end

function guards.group_has_started(ctx)
  if ctx.facts.group_has_started then return true end
  return false, { code = "not_started", text = "Занятия группы ещё не начались." }
end

function guards.training_has_not_begun(ctx)
  if not ctx.facts.group_has_started then return true end
  return false, { code = "already_started", text = "Обучение уже началось. Чтобы прекратить его, напишите заявление об отчислении в центр." }
end

function guards.expelled_by_order(ctx)
  if ctx.facts.has_leave_order then return true end
  return false, { code = "order_required", text = "Отчисляют приказом с основанием: оформите приказ об отчислении." }
end

function guards.returned_by_order(ctx)
  if ctx.facts.has_leave_order or ctx.facts.group_state == "cancelled" then return true end
  return false, { code = "order_required", text = "Вернуть в очередь можно, когда группа расформирована или зачисление отменено приказом." }
end

function guards.assessment_is_passed(ctx)
  if ctx.facts.has_passed then return true end
  return false, { code = "assessment_required", text = "Итоговая аттестация не пройдена." }
end

return guards
