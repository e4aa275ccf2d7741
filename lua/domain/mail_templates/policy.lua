--- Words that go out in the name of the centre are the administrator's.
local access = require("kit.access")
local policy = {}

function policy.need_manage(user) return access.need(user, "mail.template") end

return policy
