--- Guards of the machine `booking`. Facts: overlaps (bookings that hold the room at the time), resource_is_open (the site works then).
local shared = require("rules.guards.shared")
local guards = {}

function guards.owner_decides(ctx)
  local grant = ctx.user.grant
  if not grant or grant.role ~= "partner" or grant.organization_id == ctx.object.owner_id then return true end
  return false, { code = "not_owner", status = 403, text = "Решает владелец помещения." }
end

function guards.has_no_overlap(ctx)
  if (tonumber(ctx.facts.overlaps) or 0) == 0 then return true end
  return false, { code = "overlap", text = "Ресурс в это время занят." }
end

guards.resource_is_open = shared.needs("resource_is_open", "resource_closed", "Ресурс в это время не работает.")

return guards
