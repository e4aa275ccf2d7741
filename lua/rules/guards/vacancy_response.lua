--- Guards of the machine `vacancy_response`. Each asks one fact that the module will gather.
local guards = {}
return guards
