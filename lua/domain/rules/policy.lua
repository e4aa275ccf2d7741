--- Who looks at rules and who changes them. Publishing what its tests refuse is a right of its own.
local access = require("kit.access")
local policy = {}

function policy.need_read(user) return access.need(user, "rule.read") end
function policy.need_manage(user) return access.need(user, "rule.manage") end
function policy.need_force(user) return access.need(user, "rule.force") end
function policy.can_manage(user) return (access.can(user, "rule.manage")) == true end

return policy
