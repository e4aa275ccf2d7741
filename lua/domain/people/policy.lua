--- Who may see what of a person. Everybody sees and changes his own profile; others see people only through the
--- object that ties them together (an application, a group), and that module asks here how much.
local access = require("kit.access")
local personal = require("kit.personal")
local policy = {}

--- «•••-•••-445 95»: enough to recognise, not enough to use.
---@param snils string? eleven digits
---@return string? masked
function policy.mask_snils(snils)
  return personal.mask("snils", snils)
end

--- «112-233-445 95».
function policy.format_snils(snils)
  if not snils then return nil end
  return ("%s-%s-%s %s"):format(snils:sub(1, 3), snils:sub(4, 6), snils:sub(7, 9), snils:sub(10, 11))
end

--- May the user read СНИЛС and the like of this object's person? Each view leaves an audit record.
function policy.can_see_special(user, object)
  return access.can(user, "person.read_special", object)
end

--- May the user open the card? The object is the person with `person_id` and `organization_ids`.
---@return true? ok
---@return kit.Error? err
function policy.need_read(user, person)
  return access.need(user, "person.read", person)
end

--- The organisation whose matters alone the user sees on a card; nil: all of them.
---@return integer?
function policy.narrowing(user)
  return access.scope(user, "person.read") == "organization" and user.grant.organization_id or nil
end

--- Keeps consents that were signed on paper.
---@return boolean
function policy.can_keep_papers(user, person)
  return user.grant ~= nil and user.person_id ~= person.id and access.scope(user, "person.edit") == "all"
end

return policy
