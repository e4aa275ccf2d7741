--- Who takes over a lesson when its teacher cannot. Facts of a candidate: same_organization, taught_module (lessons of this module so
--- far), taught_group (lessons with this group), has_competence, hours_day and hours_week (academic, this one included),
--- max_day and max_week. The higher the score, the earlier in the list; each reason is shown to the dispatcher.
local substitutes = {}

local function plural(n, one, few, many)
  local tens, units = n % 100, n % 10
  if units == 1 and tens ~= 11 then return one end
  if units >= 2 and units <= 4 and (tens < 12 or tens > 14) then return few end
  return many
end

local CHECKS = {
  { "taught_module", 40, function(n) return ("вёл этот модуль: %d %s"):format(n, plural(n, "занятие", "занятия", "занятий")) end },
  { "has_competence", 25, function() return "владеет компетенцией программы" end },
  { "taught_group", 15, function() return "знает группу" end },
  { "same_organization", 15, function() return "из той же организации" end },
}

local function holds(value) return value == true or (type(value) == "number" and value > 0) end

--- Score and reasons of one candidate.
---@param facts table
---@return {score: number, reasons: string[], warnings: string[]}
function substitutes.judge(facts)
  local score, reasons, warnings = 0, {}, {}
  for _, known in ipairs(CHECKS) do
    local value = facts[known[1]]
    if holds(value) then
      score = score + known[2]
      reasons[#reasons + 1] = known[3](value)
    end
  end
  if facts.hours_day > facts.max_day then
    score = score - 30
    warnings[#warnings + 1] = ("в этот день выйдет %d ак. ч при норме %d"):format(facts.hours_day, facts.max_day)
  end
  if facts.hours_week > facts.max_week then
    score = score - 30
    warnings[#warnings + 1] = ("за неделю выйдет %d ак. ч при норме %d"):format(facts.hours_week, facts.max_week)
  end
  score = score - facts.hours_week / math.max(facts.max_week, 1) * 10 -- of two equals, who is less busy
  return { score = score, reasons = reasons, warnings = warnings }
end

return substitutes
