--- The list of applications, as other modules see it.
local service = require("domain.inbox.service")

return { jobs = service.jobs, counts = service.counts, urgent = service.urgent }
