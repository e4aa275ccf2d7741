--- Organisations of the region with their sites, bells, rooms and equipment, from the tables of data/demo. Pure.
local codes = require("domain.demo.codes")
local dates = require("domain.demo.dates")
local organizations = {}

local PAIR_MINUTES = 90
local EVENING_PAIR = 6 -- pairs from here on are the second shift
local BELLS = {
  early = { "08:30", "10:10", "12:10", "13:50", "15:30", "17:30", "19:10" },
  late = { "09:00", "10:40", "12:50", "14:30", "16:10", "18:00", "19:40" },
}
organizations.BELLS, organizations.PAIR_MINUTES = BELLS, PAIR_MINUTES

--- Strings of a CSV cell "a;b" as a list.
function organizations.list(cell)
  local found = {}
  for part in (cell or ""):gmatch("[^;]+") do found[#found + 1] = part:match("^%s*(.-)%s*$") end
  return found
end

local function text(cell) return cell ~= "" and cell or nil end

local function add_organization(world, row, index)
  return world:add("organization", {
    kind = row.kind, is_partner = row.is_partner == "t", is_customer = row.is_customer == "t", full_name = row.full_name,
    short_name = row.short_name, inn = codes.inn(index), kpp = codes.kpp(), ogrn = codes.ogrn(index), okved_main = row.okved,
    region_code = "59", municipality = row.municipality, legal_address = row.address, actual_address = row.address,
    director_name = row.director_name, director_post = row.director_post, director_basis = row.director_basis,
    phone = "+" .. row.phone, email = row.email, site_url = row.site_url, state = "active",
  })
end

--- Bells of a site: seven pairs, the last two in the evening.
function organizations.add_bells(world, site_id, kind)
  for pair, starts in ipairs(BELLS[kind]) do
    world:add("bell_schedule", { site_id = site_id, shift = pair < EVENING_PAIR and 1 or 2, pair_no = pair, starts = starts,
      ends = dates.time(dates.minute(starts) + PAIR_MINUTES) })
  end
end

local function add_site(world, row, organization)
  local site = world:add("site", {
    organization_id = organization.id, name = row.name, address = row.address, latitude = row.latitude,
    longitude = row.longitude, zone = world.zone, is_accessible = row.is_accessible == "t",
    works_saturday = row.works_saturday == "t",
  })
  site.bells = BELLS[row.bells]
  organizations.add_bells(world, site.id, row.bells)
  return site
end

local function add_room(world, row, site)
  return world:add("room", {
    id = world:add_resource("room"), organization_id = site.organization_id, site_id = site.id, kind = row.kind,
    number = row.number, name = row.name, competence = text(row.competence), area_m2 = row.area_m2,
    seats = tonumber(row.seats), workplaces = tonumber(row.workplaces),
  })
end

local function add_equipment(world, row, room, number)
  local qty = tonumber(row.qty)
  local thing = world:add("equipment", {
    id = world:add_resource("equipment", qty), organization_id = room.organization_id, room_id = room.id, name = row.name,
    model = row.model, inventory_no = ("2101%05d"):format(number),
    verification_due = dates.text(world.anchor + 90 + world.random:below(300)),
  })
  thing.qty = qty
  room.equipment = room.equipment or thing -- the first row of a room is what each learner needs
end

--- Adds all; `world.organizations`, `world.sites` by key, `world.rooms` by site in order.
---@param tables table rows of organizations, sites, rooms, equipment
function organizations.build(world, tables)
  world.organizations, world.sites, world.site_rooms = {}, {}, {}
  local rooms = {}
  for index, row in ipairs(tables.organizations) do
    local organization = add_organization(world, row, index)
    organization.key, organization.teachers = row.key, tonumber(row.teachers)
    organization.competences = organizations.list(row.competences)
    world.organizations[row.key] = organization
  end
  for _, row in ipairs(tables.sites) do
    world.sites[row.key] = add_site(world, row, world.organizations[row.organization])
    world.site_rooms[world.sites[row.key].id] = {}
  end
  for _, row in ipairs(tables.rooms) do
    local site = world.sites[row.site]
    local room = add_room(world, row, site)
    table.insert(world.site_rooms[site.id], room)
    rooms[row.site .. "/" .. row.number] = room
  end
  for index, row in ipairs(tables.equipment) do add_equipment(world, row, rooms[row.site .. "/" .. row.room], index) end
end

return organizations
