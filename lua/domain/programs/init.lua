--- Catalogue of programmes, as other modules see it.
local present = require("domain.programs.present")
local service = require("domain.programs.service")
local programs = {}

--- Nearest programmes as cards, and the competences with most of them: what a first page shows.
---@param limit integer
---@return {total: integer, cards: table[], competences: table[]}
function programs.nearest(limit)
  local found = service.find({ limit = limit })
  local cards = {}
  for i, card in ipairs(found.cards) do cards[i] = present.card(card) end
  return { total = found.total, cards = cards, competences = found.facets.competence or {} }
end

return programs
