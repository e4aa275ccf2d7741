--- People, as other modules see them.
local completeness = require("domain.people.completeness")
local consents = require("domain.people.consents")
local guardians = require("domain.people.guardians")
local policy = require("domain.people.policy")
local service = require("domain.people.service")
local people = {}

people.get = service.get
people.give_consent = consents.give
people.wording = consents.wording
people.consent_version = consents.version
people.consents = consents.list
--- Guardians: children of a user, whether he acts for one, a child by its public id.
people.wards = guardians.wards
people.acts_for = guardians.acts_for
people.ward = guardians.ward
people.check_guardian_paper = guardians.check_paper
people.may_read_file = consents.may_read_file
people.missing = completeness.missing
people.mask_snils = policy.mask_snils
people.format_snils = policy.format_snils

return people
