--- Gathers what the guards of the machine `application` ask. The guards themselves are pure: lua/rules/guards.
local lookup = require("kit.lookup")
local people = require("domain.people")
local profile_rules = lookup.module("rules.profile")
local russian = require("kit.russian")
local store = require("domain.applications.store")
local facts = {}

local function missing_labels(row)
  local profile = {
    last_name = row.last_name, middle_name = row.middle_name, has_middle_name = row.has_middle_name, birth_date = row.birth_date,
    gender = row.gender, snils = row.has_snils and "yes" or nil, citizenship = row.citizenship, phone = row.phone,
    education_level = row.education_level, citizen_category = row.citizen_category,
  }
  local labels = {}
  for index, lack in ipairs(people.missing(profile)) do labels[index] = lack.label end
  return labels
end

--- Places that are nobody's yet: of the intake, and of its groups where there are any.
local function free_places(row, state)
  local places = row.places - row.taken + (state == "approved" and 1 or 0)
  if row.group_seats then places = math.min(places, row.group_seats - row.approved) end
  return places
end

--- What a row of store.facts means to the guards.
---@param row table
---@param application table {person_id, state, docs_due_on?}
---@param user kit.User? who acts
---@return table
function facts.of_row(row, application, user)
  row.profile_missing = missing_labels(row)
  row.is_below_acting_age = row.age ~= nil and row.age < profile_rules.acting_age
  row.acts_himself = user ~= nil and user.person_id == application.person_id
  row.is_minor = row.age ~= nil and row.age < profile_rules.adult_age
  row.free_places = free_places(row, application.state)
  row.docs_due_on = application.docs_due_on
  for _, name in ipairs({ "starts_on", "opens_on", "closes_on" }) do row[name .. "_text"] = russian.date(row[name]) end
  return row
end

--- Facts of an application that is about to be made (application without id) or is stored.
---@param application table {id?, person_id, intake_id, state, group_id?}
---@param input table? of the action
---@param user kit.User? who acts
---@return table
function facts.gather(application, input, user)
  local data = input and input.data or {}
  local row = store.facts(application.id, application.person_id, application.intake_id, data.order_id,
    data.group_id or application.group_id, people.consent_version("personal_data"))
  if not row then return { is_unknown = true } end
  return facts.of_row(row, application, user)
end

return facts
