--- The hours of a programme as a queue of pairs: theory and practice apart, module after module. Pure.
local plan = {}

local PAIR_HOURS = 2
local THEORY = { { "hours_lecture", "lecture" }, { "hours_seminar", "seminar" }, { "hours_control", "control" } }
local PRACTICE = { { "hours_practice", "practice" }, { "hours_lab", "lab" } }

local function append(queue, module, kinds)
  for _, kind in ipairs(kinds) do
    for _ = 1, module[kind[1]] // PAIR_HOURS do queue[#queue + 1] = { module = module, kind = kind[2] } end
  end
end

--- Queues of one group; `next(wants_theory)` gives the next pair, of the other queue once the wished one is empty.
---@param modules table of a programme version, in order
function plan.new(modules)
  local theory, practice, final = {}, {}, {}
  for _, module in ipairs(modules) do
    if module.is_final then
      for _ = 1, module.hours_control // PAIR_HOURS do final[#final + 1] = { module = module, kind = "final" } end
    else
      append(theory, module, THEORY)
      append(practice, module, PRACTICE)
    end
  end
  local at = { theory = 1, practice = 1, final = 1 }
  local seen = {}
  local found = {}

  local function take(name, queue)
    local item = queue[at[name]]
    if not item then return nil end
    at[name] = at[name] + 1
    local module = item.module
    seen[module.id] = (seen[module.id] or 0) + 1
    local topics = module.topics
    item.topic = #topics > 0 and topics[(seen[module.id] - 1) * #topics // math.max(module.pairs or 1, 1) % #topics + 1] or module.title
    return item
  end

  for _, queue in ipairs({ theory, practice, final }) do
    for _, item in ipairs(queue) do item.module.pairs = 0 end
  end
  for _, queue in ipairs({ theory, practice, final }) do
    for _, item in ipairs(queue) do item.module.pairs = item.module.pairs + 1 end
  end

  function found.next(wants_theory)
    if wants_theory then return take("theory", theory) or take("practice", practice) end
    return take("practice", practice) or take("theory", theory)
  end

  function found.next_final() return take("final", final) end

  function found.is_empty() return at.theory > #theory and at.practice > #practice end

  --- Gives a pair back that found no place.
  function found.put_back(item)
    local is_practice = item.kind == "practice" or item.kind == "lab"
    local name = is_practice and "practice" or "theory"
    at[name] = at[name] - 1
    seen[item.module.id] = seen[item.module.id] - 1
  end

  return found
end

return plan
