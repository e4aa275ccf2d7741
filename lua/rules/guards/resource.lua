--- Guards of the machine `resource`. Facts: hits (lessons to come that need it), ahead (bookings to come), edits_are_checked.
local words = require("rules.words")
local guards = {}

--- Whoever takes it out of work has seen how many lessons lose it: the number he saw is still the number there is.
function guards.lessons_were_shown(ctx)
  local hits = ctx.facts.hits or 0
  if ctx.preview or hits == 0 then return true end
  local seen = math.tointeger(tonumber(ctx.data and ctx.data.lessons))
  if seen == hits then return true end
  return false, { code = "lessons_hit", field = "lessons", extra = { lessons = hits }, text = ("Это заденет %s. Посмотрите список и подтвердите."):format(
    words.plural(hits, "%s занятие", "%s занятия", "%s занятий")) }
end

function guards.nothing_is_booked(ctx)
  local ahead = ctx.facts.ahead or 0
  if ahead == 0 then return true end
  return false, { code = "still_booked", text = ("Впереди %s. Сначала перенесите или отмените их."):format(
    words.plural(ahead, "%s бронь", "%s брони", "%s броней")) }
end

function guards.edits_are_checked(ctx)
  if ctx.facts.edits_are_checked then return true end
  return false, { code = "not_checked", text = "Правки в этом регионе не проверяются: сохраните карточку." }
end

return guards
