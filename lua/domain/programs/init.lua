--- Catalogue of programmes, as other modules see it.
local fields = require("domain.programs.fields")
local present = require("domain.programs.present")
local service = require("domain.programs.service")
local programs = {}

--- Nearest programmes as cards, and the competences with most of them: what a first page shows.
---@param limit integer
---@return {total: integer, first: table?, cards: table[], competences: table[]} first: the row of the nearest one
function programs.nearest(limit)
  local found = service.find({ limit = limit })
  local cards = {}
  for i, card in ipairs(found.cards) do cards[i] = present.card(card) end
  return { total = found.total, first = found.cards[1], cards = cards, competences = found.facets.competence or {} }
end

--- Cards of the nearest programmes under the filters of the catalogue.
---@param filters table {q, competence = {…}, kind = {…}, price = {…} …}
---@param limit integer
---@return table[] arguments of the part program_card
function programs.cards(filters, limit)
  local cards = {}
  for i, card in ipairs(service.cards(filters, limit)) do cards[i] = present.card(card) end
  return cards
end

programs.find, programs.card = service.find, present.card
programs.LIST, programs.KINDS, programs.PRICES, programs.FORMS = fields.LIST, fields.KINDS, fields.PRICES, fields.FORMS

return programs
