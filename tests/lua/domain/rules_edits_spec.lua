--- Random edits of workflows: whatever the checks let through leaves no case in a state that its rules do not know, or cannot leave.
local checking = require("domain.rules.checking")
local layers = require("domain.rules.layers")
local moves = require("domain.rules.moves")
local packs = require("kit.packs")
local workflow = require("kit.workflow")

local EDITS = 80

-- A generator of our own: the same edits every time.
local function generator(seed)
  local value = seed * 7919 + 17
  return function(most)
    value = (value * 1103515245 + 12345) % 2147483648
    return value // 65536 % most + 1
  end
end

local function sorted_keys(map)
  local list = {}
  for key in pairs(map) do list[#list + 1] = key end
  table.sort(list)
  return list
end

local ROLES = { "staff", "system", "partner", "learner", "nobody" }

-- One change of states or transitions, as a layer writes it.
local function change(random, states, transitions)
  local from, to = states[random(#states)], states[random(#states)]
  local old, role = transitions[random(#transitions)], ROLES[random(#ROLES)]
  local kinds = {
    function() return nil, ('%s = { "Новое %d" }'):format("s" .. random(3), random(99)) end,
    function() return nil, ("%s = { remove = true }"):format(from) end,
    function() return nil, ("%s = { final = %s }"):format(from, random(2) == 1) end,
    function() return ('{ "a%d", from = { "%s" }, to = "%s", by = { "%s" }, label = "Х" }'):format(random(5), from, to, role) end,
    function() return ('{ "a%d", from = { "%s" }, to = "s%d", by = { "%s" }, label = "Х" }'):format(random(5), from, random(3), role) end,
    function() return ('{ "b%d", from = { "s%d" }, to = "%s", by = { "%s" }, label = "Х" }'):format(random(5), random(3), to, role) end,
    function() return ('{ "%s", remove = true }'):format(old) end,
    function() return ('{ "%s", to = "%s" }'):format(old, to) end,
    function() return ('{ "%s", from = { "%s" } }'):format(old, from) end,
    function() return ('{ "%s", by = { "%s" } }'):format(old, role) end,
    function() return ('{ "%s", guards = {} }'):format(old) end,
  }
  return kinds[random(#kinds)]()
end

local function edit(seed, machine)
  local random, states, transitions = generator(seed), sorted_keys(machine.states), {}
  local names = {}
  for index, transition in ipairs(machine.transitions) do names[index] = transition.name or transition.action end
  local codes, seen = {}, {}
  for _ = 1, random(3) do
    local transition, state = change(random, states, names)
    transitions[#transitions + 1] = transition
    local code = state and state:match("^%w+")
    if code and not seen[code] then
      seen[code] = true
      codes[#codes + 1] = state
    end
  end
  return ("return { states = { %s }, transitions = { %s } }"):format(table.concat(codes, ", "), table.concat(transitions, ", "))
end

-- Every state that a case may come to, from the beginning or from where it stands.
local function walk(machine, begin)
  local seen, queue = { [begin] = true }, { begin }
  while #queue > 0 do
    local state = table.remove(queue)
    assert.truthy(machine.states[state], "unknown state " .. state)
    local has_exit = false
    for _, transition in pairs(machine.index[state]) do
      has_exit = true
      if not seen[transition.to] then
        seen[transition.to] = true
        queue[#queue + 1] = transition.to
      end
    end
    assert.is_true(has_exit or machine.states[state].final, "no way out of " .. state)
  end
end

-- The states of a group are the table's: fewer edits of it pass.
for name, least in pairs({ application = 8, group = 1 }) do
  it("edits of " .. name .. " that pass leave no case behind", function()
    local id, passed = "workflow/" .. name, 0
    local old = workflow.of_set(packs.shipped(id))
    for seed = 1, EDITS do
      local files = { ["workflows/" .. name] = edit(seed, old) }
      local report = checking.run(id, 0, files)
      if report.errors == 0 then
        passed = passed + 1
        local new = workflow.of_set(assert(layers.build(id, 0, files)))
        walk(new, new.initial)
        for state in pairs(old.states) do
          local verdict = moves.verdict(new, state)
          assert.equal(new.states[state] == nil, verdict == "stays")
          if verdict ~= "stays" then walk(new, state) end
        end
      else
        assert.truthy(report.findings[1].text)
      end
    end
    assert.is_true(passed >= least and passed < EDITS, "passed: " .. passed)
  end)
end
