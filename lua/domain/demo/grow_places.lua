--- Writers of a grown region, part one: organisations, rooms, people, programmes, intakes, groups.
--- A writer appends the lines of one unit of the district (a row or a few) to `out`.
local codes = require("domain.demo.codes")
local dates = require("domain.demo.dates")
local district = require("domain.demo.district")
local layout = require("domain.demo.layout")
local organizations = require("domain.demo.organizations")
local people = require("domain.demo.people")
local random = require("domain.demo.random")

local TOWNS = { "Светлогорск", "Заречье", "Луговое", "Каменка", "Сосновка", "Приозёрный", "Верхний Лог", "Новый Яр", "Северный",
  "Красная Горка", "Березняки", "Чистополье", "Родники", "Ключи", "Ясная Поляна", "Речной", "Горный", "Степной", "Лесной", "Озёрск" }
local FIRST_SNILS = 1000000 -- the region of the stories has the numbers before

local template = district.template

local ORGANIZATION = template({ "id", "kind", "is_partner", "is_customer", "full_name", "short_name", "inn", { "kpp", codes.kpp() },
  "ogrn", { "region_code", "59" }, "municipality", "legal_address", { "director_post", "Директор" }, { "director_basis", "Устава" },
  { "state", "active" } })
local SITE = template({ "id", "organization_id", { "name", "Главный корпус" }, "address", "zone" })
local BELL = template({ "site_id", "shift", "pair_no", "starts", "ends" })
local RESOURCE = template({ "id", "kind", "exclusive", "capacity" })
local ROOM = template({ "id", "organization_id", "site_id", "kind", "number", "name", "competence", { "seats", "30" }, "workplaces" })
local EQUIPMENT = template({ "id", "organization_id", "room_id", { "name", "Рабочее место мастерской" }, { "model", "РМ-12" },
  "inventory_no" })
local PERSON = template({ "id", "last_name", "first_name", "middle_name", "has_middle_name", "gender", "birth_date", "snils", "phone",
  "education_level", "education_doc", "citizen_category", { "listener_category", "lis_10" }, "resource_id" })
local CARD = template({ "id", "person_id", "organization_id", "post", "competences" })

-- Kinds of organisation by place in the district: three colleges, then an employer.
local function write_organization(d, out, index)
  local number = d.number * layout.ORGANIZATIONS + index + 1
  local town = TOWNS[number % #TOWNS + 1]
  local is_college = index < layout.COLLEGES
  local name = is_college and ("Колледж № %d"):format(number) or ("ООО «Предприятие № %d»"):format(number)
  local full = is_college and ("Государственное бюджетное профессиональное образовательное учреждение «%s»"):format(name)
    or ("Общество с ограниченной ответственностью «Предприятие № %d»"):format(number)
  out[#out + 1] = ORGANIZATION.format:format(d.keys.organization + index, is_college and "poo" or "employer",
    is_college and "t" or "f", is_college and "f" or "t", full, name, codes.inn(100 + number), codes.ogrn(100 + number), town,
    ("Светлогорская область, %s, ул. Школьная, д. %d"):format(town, number % 90 + 1))
end

local function write_site(d, out, index)
  local number = d.number * layout.ORGANIZATIONS + index + 1
  out[#out + 1] = SITE.format:format(d.keys.site + index, d.keys.organization + index,
    ("%s, ул. Школьная, д. %d"):format(TOWNS[number % #TOWNS + 1], number % 90 + 1), d.zone)
end

local function write_bell(d, out, index)
  for pair, starts in ipairs(organizations.BELLS.early) do
    out[#out + 1] = BELL.format:format(d.keys.site + index, pair < 6 and 1 or 2, pair, starts,
      dates.time(dates.minute(starts) + organizations.PAIR_MINUTES))
  end
end

-- Resources of a district: rooms, teachers, equipment, groups, in this order.
local function write_resource(d, out, index)
  local kind, capacity = "group", 1
  if index < layout.ROOMS then kind = "room"
  elseif index < layout.ROOMS * 2 then kind = "person"
  elseif index < layout.ROOMS * 2 + layout.WORKSHOPS then kind, capacity = "equipment", 12 end
  out[#out + 1] = RESOURCE.format:format(d.keys.resource + index, kind, capacity == 1 and "t" or "f", capacity)
end

local function write_room(d, out, index)
  local college, place = index // layout.PER_COLLEGE, index % layout.PER_COLLEGE
  local is_workshop = place < 5
  local competence = d.competences[(d.number * layout.ROOMS + index) % #d.competences + 1]
  out[#out + 1] = ROOM.format:format(d.keys.resource + index, d.keys.organization + college, d.keys.site + college,
    is_workshop and "workshop" or "classroom", 101 + place,
    is_workshop and ("Мастерская «%s»"):format(competence.name) or ("Кабинет %d"):format(101 + place),
    is_workshop and competence.code or "\\N", is_workshop and 12 or 0)
end

local function write_equipment(d, out, index)
  out[#out + 1] = EQUIPMENT.format:format(d.keys.resource + layout.ROOMS * 2 + index, d.keys.organization + index,
    d.keys.resource + index * layout.PER_COLLEGE, ("22%07d"):format(d.number * 10 + index))
end

local function person_line(d, index, dice, age, resource)
  local name = people.name(dice, d.names)
  local year = dates.civil(d.today)
  local level, category, graduated = people.schooling(dice, age, false, year)
  local number = d.number * layout.KEYS.person + index
  return PERSON.format:format(d.keys.person + index, name.last_name, name.first_name, name.middle_name or "\\N",
    name.has_middle_name and "t" or "f", name.gender, dates.text(people.birth_day(dice, d.today, age)),
    people.snils(FIRST_SNILS + number), ("+7999%07d"):format(number % 10000000), level, '{"year": ' .. graduated .. "}", category, resource)
end

local PEOPLE_AT_ONCE = 100

local function write_people(d, out, unit)
  local dice = random.new(layout.hash(d.number + 1, unit))
  for index = unit * PEOPLE_AT_ONCE, math.min((unit + 1) * PEOPLE_AT_ONCE, layout.KEYS.person) - 1 do
    local is_teacher = index < layout.ROOMS
    out[#out + 1] = person_line(d, index, dice, is_teacher and dice:between(28, 64) or dice:between(18, 60),
      is_teacher and d.keys.resource + layout.ROOMS + index or "\\N")
  end
end

local function write_card(d, out, index)
  local competence = d.competences[(d.number * layout.ROOMS + index) % #d.competences + 1]
  out[#out + 1] = CARD.format:format(d.keys.staff_resource + index, d.keys.person + index,
    d.keys.organization + index // layout.PER_COLLEGE, index % 2 == 0 and "Преподаватель" or "Мастер производственного обучения",
    "{" .. competence.code .. "}")
end

--- In the order in which keys allow them: table, template, units of a district, writer.
return {
  { "resource", RESOURCE, layout.KEYS.resource, write_resource },
  { "person", PERSON, (layout.KEYS.person + PEOPLE_AT_ONCE - 1) // PEOPLE_AT_ONCE, write_people },
  { "organization", ORGANIZATION, layout.ORGANIZATIONS, write_organization },
  { "site", SITE, layout.COLLEGES, write_site },
  { "bell_schedule", BELL, layout.COLLEGES, write_bell },
  { "room", ROOM, layout.ROOMS, write_room },
  { "equipment", EQUIPMENT, layout.WORKSHOPS, write_equipment },
  { "staff_resource", CARD, layout.ROOMS, write_card },
}
