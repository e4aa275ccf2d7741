--- Priority competences of the region, as other modules see them.
local cached = require("kit.cached")
local service = require("domain.competences.service")
local competences = {}

competences.list, competences.look, competences.choices, competences.save = service.list, service.look, service.choices, service.save

--- Arguments of the part `competence_card` for the first ones of the list.
---@param limit integer?
function competences.cards(limit)
  local cards = {}
  for index, row in ipairs(service.list()) do
    if limit and index > limit then break end
    local icon, tone = service.look(row.sector)
    cards[index] = { href = "/competences/" .. row.competence, title = row.name, icon = icon, tone = tone, programs = row.programs, text = row.summary }
  end
  return cards
end

competences.timers = {
  { name = "competences.count", every_s = 300, run = function() cached.changed(service.TOPIC) return true end },
}

return competences
