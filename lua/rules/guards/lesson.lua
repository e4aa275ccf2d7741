--- Guards of the machine `lesson`. Facts: has_begun, unmarked (learners without a mark), group_state, signed_at;
--- bookings_unconfirmed and conflicts where somebody counted them: the database holds the rest.
local shared = require("rules.guards.shared")
local dates = require("rules.dates")
local guards = { own_organization = shared.own_organization }

local OPEN_DAYS = 30 -- so long a signed page may be opened again

function guards.bookings_are_confirmed(ctx)
  local count = tonumber(ctx.facts.bookings_unconfirmed) or 0
  if count == 0 then return true end
  return false, { code = "bookings_unconfirmed", text = "Не все брони подтверждены владельцами помещений." }
end

function guards.has_no_conflicts(ctx)
  local count = tonumber(ctx.facts.conflicts) or 0
  if count == 0 then return true end
  return false, { code = "lesson_conflict", text = "Преподаватель, помещение или группа в это время заняты." }
end

guards.time_has_come = shared.needs("has_begun", "too_early", "Занятие ещё не началось.")

function guards.attendance_is_marked(ctx)
  local count = tonumber(ctx.facts.unmarked) or 0
  if count == 0 then return true end
  return false, { code = "attendance_missing", text = ("Отметьте посещаемость всем слушателям: не отмечено %d."):format(count) }
end

function guards.may_still_be_opened(ctx)
  local signed_at = ctx.facts.signed_at
  if not signed_at or dates.day_number(ctx.today) - dates.day_number(signed_at) <= OPEN_DAYS then return true end
  return false, { code = "too_late", text = ("Журнал подписан больше %d дней назад: его уже не открыть."):format(OPEN_DAYS) }
end

function guards.group_is_completed(ctx)
  local state = ctx.facts.group_state
  if state == "completed" or state == "closed" then return true end
  return false, { code = "group_not_completed", text = "Группа ещё учится." }
end

return guards
