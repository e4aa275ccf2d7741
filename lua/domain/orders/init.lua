--- Orders, as other modules see them. Transitions of applications reach them through hooks.
local service = require("domain.orders.service")
local orders = {}

--- Run inside the transaction of the transition, after its own effects; nil, err refuses the transition.
orders.hooks = {
  ["application.enroll"] = service.enroll,
  ["application.withdraw"] = function(application, ctx)
    if ctx.from ~= "enrolled" then return true end
    return service.draft_removal(application, ctx)
  end,
  ["application.promote"] = service.draft_addition,
}

return orders
