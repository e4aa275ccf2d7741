--- Guards of the machine `enrollment`. Facts: has_order, attendance_percent, debts, has_protocol, retakes, blank_number.
local shared = require("rules.guards.shared")
local guards = {}

local THRESHOLD_PERCENT = 50
local MAX_RETAKES = 2

guards.has_order = shared.needs("has_order", "order_required", "Нужен приказ.")
guards.has_protocol = shared.needs("has_protocol", "protocol_required", "Нужен протокол аттестационной комиссии.")
guards.has_blank_number = shared.needs("blank_number", "blank_required", "Укажите номер бланка документа.")

function guards.attendance_is_enough(ctx)
  local percent = tonumber(ctx.facts.attendance_percent) or 0
  if percent >= THRESHOLD_PERCENT then return true end
  return false, { code = "attendance_too_low",
    text = ("Посещаемость %d %%, для допуска нужно не меньше %d %%."):format(math.floor(percent), THRESHOLD_PERCENT) }
end

function guards.has_no_debts(ctx)
  local debts = tonumber(ctx.facts.debts) or 0
  if debts <= 0 then return true end
  return false, { code = "has_debts", text = ("Есть задолженности по промежуточной аттестации: %d."):format(debts) }
end

function guards.retakes_are_left(ctx)
  local retakes = tonumber(ctx.facts.retakes) or 0
  if retakes < MAX_RETAKES then return true end
  return false, { code = "no_retakes_left", text = ("Пересдавать можно не больше %d раз."):format(MAX_RETAKES) }
end

return guards
