--- Guards of the machine `booking`. Each asks one fact that the module will gather.
local shared = require("rules.guards.shared")
local guards = {}

function guards.has_no_overlap(ctx)
  if (tonumber(ctx.facts.overlaps) or 0) == 0 then return true end
  return false, { code = "overlap", text = "Ресурс в это время занят." }
end
guards.resource_is_open = shared.needs("resource_is_open", "resource_closed", "Ресурс в это время не работает.")
return guards
