--- The state of the platform is the administrator's.
local access = require("kit.access")
local policy = {}

function policy.need_read(user) return access.need(user, "system.read") end
function policy.need_manage(user) return access.need(user, "system.manage") end
function policy.can_manage(user) return (access.can(user, "system.manage")) end

return policy
