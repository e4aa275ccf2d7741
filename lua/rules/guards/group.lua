--- Guards of the machine `group`. Facts: program_published, has_enroll_order, has_admission_order, has_expel_order,
--- hours_unplanned, lessons_open, learners_unfinished, documents_missing.
local shared = require("rules.guards.shared")
local guards = { own_organization = shared.own_organization }

guards.program_is_published = shared.needs("program_published", "program_not_published",
  "Программа не опубликована. Набор открывают по опубликованной программе.")

function guards.dates_and_capacity_are_set(ctx)
  local group = ctx.object
  if group.starts_on and group.ends_on and (group.capacity_max or 0) > 0 then return true end
  return false, { code = "incomplete", text = "Укажите даты обучения и число мест." }
end

function guards.has_enough_learners(ctx)
  local group = ctx.object
  if (group.seats_taken or 0) >= (group.capacity_min or 0) then return true end
  return false, { code = "too_few_learners",
    text = ("В группе %d, нужно не меньше %d."):format(group.seats_taken or 0, group.capacity_min or 0) }
end

guards.enrolled_by_order = shared.needs("has_enroll_order", "order_required", "Нет зарегистрированного приказа о зачислении.")

function guards.timetable_covers_the_plan(ctx)
  local hours = tonumber(ctx.facts.hours_unplanned) or 0
  if hours <= 0 then return true end
  return false, { code = "hours_unplanned", text = ("Расписание не покрывает учебный план: не расставлено %g ч."):format(hours) }
end

function guards.hours_are_done(ctx)
  local open = tonumber(ctx.facts.lessons_open) or 0
  if open <= 0 then return true end
  return false, { code = "lessons_open", text = ("План часов не выполнен: непроведённых или неподписанных занятий — %d."):format(open) }
end

guards.admitted_by_order = shared.needs("has_admission_order", "order_required", "Нет зарегистрированного приказа о допуске к аттестации.")

function guards.protocol_is_signed(ctx)
  local count = tonumber(ctx.facts.learners_unfinished) or 0
  if count <= 0 then return true end
  return false, { code = "protocol_required", text = ("Итоги аттестации есть не у всех: осталось %d."):format(count) }
end

guards.expelled_by_order = shared.needs("has_expel_order", "order_required", "Нет зарегистрированного приказа об отчислении в связи с завершением.")

function guards.documents_are_issued(ctx)
  local count = tonumber(ctx.facts.documents_missing) or 0
  if count <= 0 then return true end
  return false, { code = "documents_missing", text = ("Документы выданы не всем: осталось %d."):format(count) }
end

--- Learners leave a group by an order; it gives their applications back to the queue.
function guards.nobody_is_enrolled(ctx)
  local count = ctx.object.seats_taken or 0
  if count <= 0 then return true end
  return false, { code = "has_learners",
    text = ("В группе есть слушатели: %d. Сначала верните их заявки в очередь приказом об отмене зачисления."):format(count) }
end

return guards
