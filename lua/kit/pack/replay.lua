-- Runs inside the rule VM as the chunk replay.lua: asks a recorded decision again. `plan` (generated) names the modules. It answers nil
-- when the outcome is what it was, otherwise "ok" and the state, or the guard, the code and the words of the refusal, parted by \1.
local plan = require("plan")
require("effective") -- lays the layers over each other
local machine, guards = require(plan.main), require(plan.guards)

local index = {}
for _, transition in ipairs(machine.transitions) do
  for _, from in ipairs(transition.from) do
    index[from] = index[from] or {}
    index[from][transition.action or transition[1]] = transition
  end
end

local replay = {}

local function has(list, wanted)
  for _, item in ipairs(list or {}) do
    if item == wanted then return true end
  end
  return false
end

local function refused(guard, code, text)
  return guard .. "\1" .. tostring(code) .. "\1" .. tostring(text)
end

-- nil: it goes through.
local function outcome(role, ctx)
  local transition = index[ctx.from] and index[ctx.from][ctx.action]
  if not transition then return refused("", "no_transition", "Такого перехода больше нет."), "no_transition" end
  if not has(transition.by, role) then return refused("", "not_allowed", "Этой роли действие больше недоступно."), "not_allowed" end
  if transition.to ~= ctx.to then return refused("", "other_state", transition.to), "other_state" end
  for _, name in ipairs(transition.guards or {}) do
    if not ctx.facts then return refused(name, "unknown", ""), "unknown" end -- nothing was asked then, so nothing was kept
    local ran, ok, verdict = pcall(guards[name], ctx)
    if not ran then return refused(name, "rule_failed", ok), "rule_failed" end
    if not ok then
      local code = verdict and verdict.code or name
      return refused(name, code, verdict and verdict.text or ""), code
    end
  end
  return nil
end

--- expected: "" when the case went through, otherwise the code of its refusal.
function replay.judge(role, expected, ctx)
  local said, code = outcome(role, ctx)
  if (code or "") == expected then return nil end
  return said or "ok\1" .. index[ctx.from][ctx.action].to
end

return replay
