--- Guards that several machines use. Pure, as all of them.
local shared = {}

local function contains(list, value)
  for _, item in ipairs(list or {}) do
    if item == value then return true end
  end
  return false
end

--- «партнёр — только в своей организации».
function shared.own_organization(ctx)
  local grant = ctx.user.grant
  if not grant or grant.role ~= "partner" then return true end
  local id, object = grant.organization_id, ctx.object
  if id and (object.organization_id == id or contains(object.organization_ids, id)) then return true end
  return false, { code = "foreign_organization", status = 403, text = "Это дело другой организации: вам оно недоступно." }
end

--- A guard that asks one fact. Missing facts count as "no".
function shared.needs(fact, code, text)
  return function(ctx)
    if ctx.facts[fact] then return true end
    return false, { code = code, text = text }
  end
end

return shared
