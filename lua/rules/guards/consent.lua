--- Guards of the machine `consent`. Each asks one fact that the module will gather.
local guards = {}
return guards
