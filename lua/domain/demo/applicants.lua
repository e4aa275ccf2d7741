--- Citizens who apply: they fit the programme, have agreed to the processing of their data, and a minor has a guardian.
local consents = require("rules.consents")
local dates = require("domain.demo.dates")
local people = require("domain.demo.people")
local staff = require("domain.demo.staff")
local applicants = {}

local MAIL_HOST = "pochta.example"
local ADULT = 18
local ACTS = 15 -- younger ones do not act themselves (14), nor did they some months ago

-- Share of men among those who choose a trade, in per cent; elsewhere as many as women.
local MEN = { C031 = 88, C130 = 70, C085 = 32, C087 = 8, C129 = 94, C065 = 85, C029 = 82, C112 = 3, C088 = 30, C134 = 92,
  C037 = 78, C005 = 80, C082 = 12, C004 = 58 }

local function age_for(world, program)
  local low = program.min_age or 18
  if program.max_age then return world.random:between(low, program.max_age - 1) end
  if low >= 50 then return world.random:between(52, 71) end
  return world.random:between(math.max(low, 18), 56)
end

local function schooling_for(world, program, age)
  local this_year = dates.civil(world.today)
  local level, category, year = people.schooling(world.random, age, #program.entry_education > 0, this_year)
  local needs_profession = program.kind == "po_retraining" or program.kind == "po_upskilling"
  if needs_profession and (level == "basic" or level == "secondary") then level = "spo_worker" end
  return level, category, year
end

local function add_account(world, name, days_ago)
  local email = world:email(name, MAIL_HOST)
  local account = staff.add_account(world, email, days_ago)
  staff.add_grant(world, account.id, "learner", nil)
  return account.id, email
end

-- The parent of the same gender: then the surname is the child's in its own form. Who acts for a child has an account.
local function add_guardian(world, minor, days_ago)
  local name = world:name(minor.gender)
  name.last_name = minor.last_name
  local row = { education_level = "spo_spec", citizen_category = "employed" }
  if minor.age < ACTS then row.user_id, row.email = add_account(world, name, days_ago) end
  local guardian = staff.add_person(world, name, world.random:between(36, 48), row)
  minor.acting_user_id = row.user_id or minor.user_id
  world:add("guardian_link", { minor_id = minor.id, guardian_id = guardian.id,
    relation = minor.gender == "male" and "father" or "mother",
    consented_at = dates.moment(world.today - days_ago, 1130), created_at = dates.moment(world.today - days_ago, 1130) })
  return guardian
end

local function add_consent(world, person, guardian, days_ago)
  world:add("consent", { person_id = person.id, kind = "personal_data", text_version = consents.personal_data.version,
    given_at = dates.moment(world.today - days_ago, 1140), given_by_guardian_id = guardian and guardian.id })
end
applicants.add_consent = add_consent

--- A citizen with an account and a full profile.
---@param name table? a given name instead of a drawn one
function applicants.add(world, program, name, days_ago)
  local age = age_for(world, program)
  local men = MEN[program.competences[1]] or 45
  name = name or world:name(world.random:chance(men) and "male" or "female")
  local level, category, year = schooling_for(world, program, age)
  local user_id, email = add_account(world, name, days_ago)
  local person = staff.add_person(world, name, age, { user_id = user_id, email = email, education_level = level,
    citizen_category = category, listener_category = "lis_10" })
  person.education_doc = ('{"year": %d, "last_name_in_document": "%s"}'):format(year, name.last_name)
  person.age, person.acting_user_id = age, user_id
  local guardian = age < ADULT and add_guardian(world, person, days_ago) or nil
  add_consent(world, person, guardian, days_ago)
  return person
end

return applicants
