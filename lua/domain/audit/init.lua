--- The journal of actions, as other modules see it.
local policy = require("domain.audit.policy")
local present = require("domain.audit.present")
local service = require("domain.audit.service")
local urls = require("kit.urls")
local audit = {}

--- The history of one object for parts/timeline, newest first; nil for those who do not read the journal.
---@return table[]? items
function audit.timeline(user, entity, id)
  if not policy.need_read(user) then return nil end
  return present.timeline(service.of_object(entity, id))
end

-- «История» on the page of any object: its handler gives `audited = { entity, id }`.
local function add_history(request, data)
  local object = data.audited
  if object and policy.need_read(request.user) then data.history_href = urls.with("/admin/audit", { entity = object[1], id = object[2] }) end
end

audit.page_data = { { layout = "cabinet", fn = add_history } }
audit.jobs = service.jobs
audit.timers = { { name = "audit.verify_daily", every_s = 86400, fn = function() return service.check({}) and true end } }

return audit
