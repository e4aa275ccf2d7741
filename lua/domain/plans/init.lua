--- Plans of the timetable that the solver drafts, as other modules see them.
local solve = require("domain.plans.solve")
local plans = {}

plans.jobs = { ["plans.solve"] = solve.run }

return plans
