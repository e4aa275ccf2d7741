--- How a programme looks on a card, for every page that shows cards.
local fields = require("domain.programs.fields")
local russian = require("kit.russian")
local present = {}

local FEW_PLACES = 5

local function seats_of(card)
  if not card.starts_on then return nil, false end
  local free = card.places - card.taken
  if free <= 0 then return "Лист ожидания", false end
  if free <= FEW_PLACES then return russian.plural(free, "Осталось %s место", "Осталось %s места", "Осталось %s мест"), true end
  return russian.plural(free, "%s место", "%s места", "%s мест"), false
end

--- Arguments of views/parts/program_card.html.
---@param card table row of the store
---@param heading string? "h2" or "h3"
---@return table
function present.card(card, heading)
  local meta = { { icon = "clock", text = russian.plural(card.hours_total, "%s час", "%s часа", "%s часов") } }
  if card.shift then meta[#meta + 1] = { icon = "calendar", text = fields.SHIFTS[card.shift] } end
  meta[#meta + 1] = { icon = "map-pin", text = (fields.FORMS[card.form] or card.form) .. ", " .. card.organization }
  local seats, is_scarce = seats_of(card)
  return {
    href = "/programs/" .. card.slug, title = card.title, kind = fields.KINDS[card.kind] or card.kind, heading = heading,
    free = card.price == "0.00", price = card.price and russian.money(card.price), meta = meta,
    start = card.starts_on and russian.date(card.starts_on, "day"), seats = seats, scarce = is_scarce,
  }
end

return present
