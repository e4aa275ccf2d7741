--- Plugins are the administrator's.
local access = require("kit.access")
local policy = {}

function policy.need_manage(user) return access.need(user, "plugin.manage") end

return policy
