--- Everybody has his own data; requests are answered by the staff, and seen by an administrator.
local access = require("kit.access")
local policy = {}

function policy.need_requests(user) return access.need(user, "data_request.read") end
function policy.need_decide(user) return access.need(user, "data_request.decide") end

return policy
