--- Administration of users: what other modules and the job worker see.
local import = require("domain.users.import")

return { jobs = import.jobs }
