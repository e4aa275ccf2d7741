--- How a programme looks on a card, for every page that shows cards.
local competences = require("domain.competences")
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
  local icon, tone = competences.look(card.sector)
  return {
    icon = icon, tone = tone,
    href = "/programs/" .. card.slug, title = card.title, kind = fields.KINDS[card.kind] or card.kind, heading = heading,
    free = card.price == "0.00", price = card.price and russian.money(card.price), meta = meta,
    start = card.starts_on and russian.date(card.starts_on, "day"), seats = seats, scarce = is_scarce,
  }
end

local HOURS = {
  { "hours_lecture", "Теория" }, { "hours_practice", "Практика" }, { "hours_self", "Самостоятельно" }, { "hours_control", "Контроль" },
}

--- Hours of a programme by kinds, those that there are: {label, hours}.
---@param program table of the service, with modules
function present.hours(program)
  local list = {}
  for _, kind in ipairs(HOURS) do
    local sum = 0
    for _, module in ipairs(program.modules) do sum = sum + module[kind[1]] end
    if sum > 0 then list[#list + 1] = { label = kind[2], hours = sum } end
  end
  return list
end

local MODES = { full = "Onsite", mixed = "Blended", part = "Online" }

local function instance(intake, organization)
  return { ["@type"] = "CourseInstance", courseMode = MODES[intake.study_form], startDate = intake.starts_on, endDate = intake.ends_on,
    location = { ["@type"] = "Place", name = intake.site or organization, address = intake.address or organization },
    organizer = { ["@type"] = "Organization", name = intake.organization },
    offers = { ["@type"] = "Offer", price = intake.price, priceCurrency = "RUB", category = intake.price == "0.00" and "Free" or "Paid",
      availability = intake.free_places > 0 and "https://schema.org/InStock" or "https://schema.org/SoldOut", validThrough = intake.closes_on } }
end

local function crumb(position, name, item) return { ["@type"] = "ListItem", position = position, name = name, item = item } end

--- The programme and the way to it for search engines (schema.org).
---@param program table of the service
---@param origin string
function present.json_ld(program, origin)
  local instances = {}
  for i, intake in ipairs(program.intakes) do instances[i] = instance(intake, program.owner) end
  local address = origin .. "/programs/" .. program.slug
  return { ["@context"] = "https://schema.org", ["@graph"] = {
    { ["@type"] = "Course", ["@id"] = address .. "#course", name = program.title, description = program.annotation ~= "" and program.annotation or program.title,
      url = address, inLanguage = "ru", provider = { ["@type"] = "EducationalOrganization", name = program.owner_full, url = program.owner_site },
      educationalCredentialAwarded = program.document_name, timeRequired = ("PT%dH"):format(program.hours_total),
      hasCourseInstance = #instances > 0 and instances or nil },
    { ["@type"] = "BreadcrumbList", itemListElement = { crumb(1, "Главная", origin .. "/"), crumb(2, "Программы", origin .. "/programs"),
      crumb(3, program.title, address) } },
  } }
end

return present
