--- Guards of the machine `portfolio`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

guards.consent_to_share_is_given = shared.needs("consent_to_share_is_given", "consent_required", "Нужно отдельное согласие на передачу данных.")
guards.is_adult_or_guardian_consents = shared.needs("is_adult_or_guardian_consents", "guardian_consent_required", "До 18 лет нужно согласие представителя.")
guards.consent_to_publish_is_given = shared.needs("consent_to_publish_is_given", "consent_required", "Нужно согласие на распространение данных.")
return guards
