--- A file is as open as the object it belongs to. Each module that keeps files answers for its own.
local applications = require("domain.applications")
local organizations = require("domain.organizations")
local people = require("domain.people")
local privacy = require("domain.privacy")
local resources = require("domain.resources")
local policy = {}

local OWNERS = { applications.may_read_file, organizations.may_read_file, people.may_read_file, privacy.may_read_file, resources.may_read_file }

--- May the user read it? Exports and own uploads belong to who made them; what belongs to nothing else is nobody's.
---@return boolean
function policy.can_read(user, file)
  if file.created_by and file.created_by == user.id then return true end
  for _, may_read in ipairs(OWNERS) do
    if may_read(user, file.id) then return true end
  end
  return false
end

return policy
