--- Stored files, as other modules see them.
return { get = require("domain.files.service").get }
