--- Rules that this region changes: drafts, checks, versions, what is in force, dry runs. The mechanism is kit.packs, the words for people
--- are in docs/rule-packs.md.
---
---   service     list get versions version history diff          reading
---   effective   get rebase                                      where each word comes from; what has changed below
---   drafts      get save drop check                             writing
---   publishing  keep publish promote stop rollback              versions and what is in force
---   moves       preview run                                     cases under former rules
---   dry_runs    start get list cases cancel                     what would have been decided otherwise
---   samples     of                                              a real decision as an anonymous test
local dry_runs = require("domain.rules.dry_runs")
local rules = {}

rules.jobs = { [dry_runs.JOB] = dry_runs.work }

--- `copp rules …`
---@param args table<string, string> verb, pack, dir, options, and "file:<part>" for each file that was read
function rules.command(args) return require("domain.rules.commands").run(args) end

return rules
