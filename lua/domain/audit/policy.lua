--- The journal is read by administrators; nobody writes or clears it.
local access = require("kit.access")
local policy = {}

function policy.need_read(user) return access.need(user, "audit.read") end

return policy
