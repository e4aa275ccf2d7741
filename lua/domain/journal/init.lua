--- The journal, as other modules see it.
local service = require("domain.journal.service")

return { page = service.page, own = service.own }
