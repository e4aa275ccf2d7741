--- Letters hold links that open accounts: they are the administrator's alone.
local access = require("kit.access")
local policy = {}

function policy.need_read(user) return access.need(user, "mail.read") end

return policy
