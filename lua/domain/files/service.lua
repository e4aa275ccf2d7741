--- Reading stored files.
local audit = require("kit.audit")
local errors = require("kit.errors")
local policy = require("domain.files.policy")
local store = require("domain.files.store")
local service = {}

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

--- The file, when the user may have it. Reading somebody else's papers is on record.
---@return table? file row of file_object
---@return kit.Error? err
function service.get(user, public_id)
  local file = public_id:find(UUID) and store.find(public_id)
  if not file or not policy.can_read(user, file) then return nil, errors.not_found("file", public_id) end
  if file.created_by ~= user.id then audit.write("file.read", "file", file.id, {}) end
  return file
end

return service
