--- Accounts of the demo, clerks and teachers. Pure.
local dates = require("domain.demo.dates")
local organizations = require("domain.demo.organizations")
local people = require("domain.demo.people")
local staff = {}

local POSTS = { "Преподаватель", "Мастер производственного обучения", "Преподаватель специальных дисциплин",
  "Преподаватель, методист" }

-- A person with the fields that forms and reports ask for.
local function add_person(world, name, age, row)
  local birth = people.birth_day(world.random, world.today, age)
  local this_year = dates.civil(world.today)
  local year = math.min(this_year, this_year - age + 22)
  row.last_name, row.first_name, row.middle_name = name.last_name, name.first_name, name.middle_name
  row.has_middle_name, row.gender = name.has_middle_name, name.gender
  row.birth_date, row.snils = dates.text(birth), world:snils()
  row.phone = row.phone or world:phone()
  row.address = row.address or "614900, Светлогорская область, г. Светлогорск"
  row.education_doc = ('{"year": %d, "last_name_in_document": "%s"}'):format(year, name.last_name)
  return world:add("person", row)
end
staff.add_person = add_person

--- An account; those of the demo get their passwords later.
function staff.add_account(world, email, days_ago)
  return world:add("user_account", { email = email, state = "active",
    created_at = dates.moment(world.today - days_ago, 600 + world.random:below(500)) })
end

function staff.add_grant(world, user_id, role, organization_id, sets)
  return world:add("role_grant", { user_id = user_id, role = role, organization_id = organization_id, sets = sets or {},
    valid_from = dates.text(world.today - 300) })
end

local function add_card(world, person, organization, post, employment, competences)
  local card = world:add("staff_resource", { person_id = person.id, organization_id = organization.id, post = post,
    employment = employment, competences = competences, contract_until = world:date(400) })
  card.user_id = person.user_id
  table.insert(organization.cards, card)
  return card
end

local function add_fixture(world, row)
  local name = { last_name = row.last_name, first_name = row.first_name, gender = row.gender,
    middle_name = row.middle_name ~= "" and row.middle_name or nil, has_middle_name = row.middle_name ~= "" }
  world.known_names[people.full_name(name)] = true
  local organization = world.organizations[row.organization]
  local account = row.role ~= "" and staff.add_account(world, row.email, 250) or nil
  world.emails[row.email] = true
  local person = add_person(world, name, tonumber(row.age), {
    user_id = account and account.id, email = row.email, education_level = row.education_level,
    citizen_category = row.citizen_category, resource_id = row.role == "teacher" and world:add_resource("person") or nil,
    employment = organization and ('{"organization": "%s", "post": "%s"}'):format(organization.short_name:gsub('"', ""), row.post) or nil,
  })
  if account then
    staff.add_grant(world, account.id, row.role, organization and organization.id, organizations.list(row.sets))
  end
  world.fixtures[row.key] = person
  if row.role == "teacher" then
    person.card = add_card(world, person, organization, row.post, "main", organizations.list(row.competences))
    organization.teachers = organization.teachers - 1
  end
end

local function add_teacher(world, organization, index)
  local name = world:name()
  local email = world:email(name, organization.email:match("@(.*)"))
  local account = staff.add_account(world, email, 250)
  local person = add_person(world, name, world.random:between(27, 64), { user_id = account.id, email = email,
    education_level = world.random:chance(70) and "master" or "spo_spec", citizen_category = "teacher",
    resource_id = world:add_resource("person") })
  staff.add_grant(world, account.id, "teacher", organization.id)
  local own = organization.competences
  add_card(world, person, organization, POSTS[(index - 1) % #POSTS + 1], world.random:chance(85) and "main" or "part_time",
    { own[(index - 1) % #own + 1] })
end

--- `world.fixtures` by key of persons.csv; `cards` of each organisation: whom it may send to a lesson.
---@param rows table of persons.csv
function staff.build(world, rows)
  world.fixtures = {}
  for _, organization in pairs(world.organizations) do organization.cards = {} end
  for _, row in ipairs(rows) do add_fixture(world, row) end
  for _, organization in ipairs(world.rows.organization) do
    for index = 1, organization.teachers do add_teacher(world, organization, index) end
  end
  -- One person in two colleges: still one person for bookings.
  local petrov = world.fixtures.teacher
  add_card(world, petrov, world.organizations.college_b, "Преподаватель по совместительству", "part_time", { "C031" })
end

return staff
