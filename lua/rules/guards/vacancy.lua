--- Guards of the machine `vacancy`. Each asks one fact that the module will gather.
local guards = {}
return guards
