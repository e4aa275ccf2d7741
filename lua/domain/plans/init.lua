--- Plans of the timetable that the solver drafts, as other modules see them.
local service = require("domain.plans.service")
local solve = require("domain.plans.solve")
local plans = {}

plans.timers = { { name = "plans.clean", every_s = 86400, run = service.clean } }
plans.jobs = { ["plans.solve"] = solve.run }

return plans
