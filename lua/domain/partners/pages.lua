--- Public pages of partners.
local content = require("domain.content")
local fields = require("domain.partners.fields")
local form = require("kit.form")
local programs = require("domain.programs")
local respond = require("kit.respond")
local service = require("domain.partners.service")

local CARDS = 6

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local rows, cursor = service.list(input)
  if not rows then return nil, cursor end
  return respond.site(request, "partners/list", {
    title = "Партнёры", nav = "partners", partners = rows, next_cursor = cursor, text = input.q, query = request.query_all,
    blocks = not input.q and not input.cursor and content.section_blocks("partners") or nil,
    description = "Колледжи, техникумы и предприятия, на базе которых учат: мастерские, лаборатории, программы.",
  })
end

local function show(request)
  local partner, err = service.get(math.tointeger(tonumber(request.params.id)))
  if not partner then return nil, err end
  return respond.site(request, "partners/show", {
    title = partner.short_name, nav = "partners", partner = partner, icons = fields.ROOM_ICONS,
    cards = programs.cards({ organization = { partner.id } }, CARDS), description = partner.full_name,
    json_ld = { ["@context"] = "https://schema.org", ["@type"] = "EducationalOrganization", name = partner.full_name,
      alternateName = partner.short_name, address = partner.actual_address, telephone = partner.phone, url = partner.site_url },
  })
end

return {
  { "GET", "/partners", list, access = "public", query = fields.LIST, summary = "Партнёры центра" },
  { "GET", "/partners/{id}", show, access = "public", summary = "Партнёр: мастерские и программы" },
}
