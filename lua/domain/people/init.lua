--- People, as other modules see them.
local completeness = require("domain.people.completeness")
local policy = require("domain.people.policy")
local service = require("domain.people.service")
local people = {}

people.get = service.get
people.give_consent = service.give_consent
people.wording = service.wording
people.missing = completeness.missing
people.mask_snils = policy.mask_snils
people.format_snils = policy.format_snils

return people
