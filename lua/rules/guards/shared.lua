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

--- Separation of duties: whoever made a thing does not approve it. The object says its author in `created_by` (or in the field
--- given). What automation made has no author and passes.
---@param text string what to do about it
---@param field string?
function shared.other_than_author(text, field)
  return function(ctx)
    local author = ctx.object[field or "created_by"]
    if author == nil or ctx.user.is_system or author ~= ctx.user.id then return true end
    return false, { code = "author_is_approver", status = 403, text = text }
  end
end

--- A guard that asks one fact. Missing facts count as "no".
function shared.needs(fact, code, text)
  return function(ctx)
    if ctx.facts[fact] then return true end
    return false, { code = code, text = text }
  end
end

return shared
