--- The journal of actions, as other modules see it.
return { of_object = require("domain.audit.service").of_object }
