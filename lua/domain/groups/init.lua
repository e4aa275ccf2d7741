--- Study groups, as other modules see them.
local service = require("domain.groups.service")
local store = require("domain.groups.store")
local groups = {}

--- A group row without permission checks, or nil: for services that check access themselves.
groups.find = store.find
--- The same row locked until the end of the transaction.
groups.lock = store.lock
--- A group by the rules of access.
groups.get = service.get
groups.enroll = service.enroll
groups.leave = service.leave

groups.timers = {
  { name = "groups.start_due", every_s = 3600, run = service.start_due },
}

return groups
