--- The journal of actions, as other modules see it.
local policy = require("domain.audit.policy")
local present = require("domain.audit.present")
local service = require("domain.audit.service")
local audit = {}

--- The history of one object for parts/timeline, newest first; nil for those who do not read the journal.
---@return table[]? items
function audit.timeline(user, entity, id)
  if not policy.need_read(user) then return nil end
  return present.timeline(service.of_object(entity, id))
end

audit.jobs = { [service.JOB] = service.check }
audit.timers = { { name = "audit.verify", every_s = 86400, fn = function() return service.check({}) and true end } }

return audit
