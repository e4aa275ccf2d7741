--- Books are read by those who work with them, kept by administrators.
local access = require("kit.access")
local policy = {}

function policy.need_read(user) return access.need(user, "ref.read") end
function policy.need_manage(user) return access.need(user, "ref.manage") end
function policy.can_manage(user) return (access.can(user, "ref.manage")) end

return policy
