--- The card of a person: what the staff, or an organisation that teaches him, knows of him in one place.
local access = require("kit.access")
local checks = require("kit.checks")
local consents = require("domain.people.consents")
local errors = require("kit.errors")
local fields = require("domain.people.fields")
local json = require("core.json")
local personal = require("kit.personal")
local policy = require("domain.people.policy")
local store = require("domain.people.store_card")
local card = {}

local SHOWN = 20

local function find(user, public_id)
  local person = checks.uuid(public_id) and store.find(public_id)
  if not person then return nil, errors.not_found("person", public_id) end
  person.person_id = person.id
  -- Who is nobody to the user does not exist for him.
  if not policy.need_read(user, person) then return nil, errors.not_found("person", public_id) end
  return person
end

--- The card behind the key of a person, as the journal of actions names it.
---@return string? public_id
function card.public_id(key) return key and store.public_id(key) end

local function add_matters(user, person)
  local organization_id = policy.narrowing(user)
  person.applications = store.applications(person.id, organization_id, SHOWN)
  person.enrollments = store.enrollments(person.id, organization_id, SHOWN)
  person.documents = store.documents(person.id, organization_id, SHOWN)
  person.opens_files = access.can(user, "application.read_applicant")
  person.ties = store.ties(person.id)
  person.consents = consents.in_force(person.id)
  person.can_correct = policy.can_keep_papers(user, person)
  person.manages_account = person.account_id ~= nil and access.can(user, "user.manage")
  person.grants = person.account_id and organization_id == nil and store.grants(person.account_id) or {}
end

--- The whole card as this user may see it.
---@param options {purpose: string?}? for what the special data is to be shown
---@return table? person
---@return kit.Error? err
function card.get(user, public_id, options)
  local person, err = find(user, public_id)
  if not person then return nil, err end
  person.verified = json.decode(person.verified)
  person.snils = policy.format_snils(person.snils)
  local subject, purpose = { entity = "person", id = person.id, object = person }, options and options.purpose
  person.may_see_special = personal.can_reveal(user, subject)
  if purpose then
    person, err = personal.reveal(user, fields.SPECIAL, person, subject, purpose)
    if not person then return nil, err end
    person.is_shown = true
  else
    personal.show(user, fields.SPECIAL, person, subject)
  end
  add_matters(user, person)
  return person
end

return card
