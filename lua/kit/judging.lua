--- What a rule is given to judge a transition, and what it costs. A machine says in `reads` what its guards look at: they get exactly
--- that, and the record of a decision keeps no more of people's data than it was made of.
---
---   reads = { object = { organization_id = "организация" }, facts = { free_places = "свободные места" }, data = { documents = "…" } }
local running = require("kit.running")
local judging = {}

local DEPTH = 4

-- Only what can cross into the rule VM.
local function plain(value, depth)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" then return value end
  if kind ~= "table" or depth == 0 then return nil end
  local made = {}
  for key, item in pairs(value) do
    if type(key) == "string" or type(key) == "number" then made[key] = plain(item, depth - 1) end
  end
  return made
end

local function part(machine, name, from)
  local made = {}
  for field in pairs(machine.reads and machine.reads[name] or {}) do made[field] = plain((from or {})[field], DEPTH) end
  return made
end

-- Of the user only what rules may know of anybody: who acts, in which role, of which organisation.
local function actor(user)
  local grant = user.grant
  return { id = user.id, person_id = user.person_id, is_system = user.is_system,
    grant = grant and { role = grant.role, organization_id = grant.organization_id, sets = plain(grant.sets, 1) } }
end

--- The context that guards get.
---@param machine table
---@param ctx table of kit.workflow
---@return table
function judging.context(machine, ctx)
  return {
    object = part(machine, "object", ctx.object), facts = part(machine, "facts", ctx.facts), data = part(machine, "data", ctx.data),
    user = actor(ctx.user), reason = ctx.reason, action = ctx.action, from = ctx.from, to = ctx.to, today = ctx.today, now = ctx.now,
    preview = ctx.preview,
  }
end

--- Notes what a decision cost, for «Что выполняется».
function judging.measure(machine, action, record, verdict)
  local us = 0
  for _, guard in ipairs(record.guards) do us = us + (guard.us or 0) end
  local outcome = not verdict and "ok" or verdict.code == "rule_failed" and "error" or "deny"
  running.measure("rule", "workflow/" .. machine.name, machine.name .. "." .. action, us, outcome)
end

--- Tells «Что выполняется» which guards stand at which transition.
---@param machine table
function judging.announce(machine)
  for _, transition in ipairs(machine.transitions) do
    for order, guard in ipairs(transition.guards or {}) do
      running.add({ event = machine.name .. "." .. transition.action, title = ("%s: %s"):format(machine.title or machine.name, transition.label),
        owner = "workflow/" .. machine.name, kind = "rule", name = guard, version = machine.version:sub(1, 12), order = order, mode = "guard" })
    end
  end
end

return judging
