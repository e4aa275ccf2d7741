--- Правила плагина. ctx — что даёт платформа (ctx.today, ctx.settings …), lesson — занятие, которое сохраняют.
local rules = {}

function rules.check(ctx, lesson)
  if lesson.minutes > 240 then
    return { deny = true, code = "too_long", msg = "Занятие длиннее четырёх часов: разделите его на два." }
  end
  return { ok = true }
end

return rules
