--- Every machine of the product as a diagram: all its states and transitions have their place, nothing lies over another.
local diagram = require("kit.diagram")
local flow = require("domain.rules.flow")
local packs = require("kit.packs")
local source = require("kit.pack.source")
local workflow = require("kit.workflow")

local function boxes(drawing)
  local list = {}
  for _, name in ipairs({ "nodes", "arrows" }) do
    for _, one in ipairs(drawing[name]) do
      local box = one.box
      list[#list + 1] = { left = tonumber(box.x), top = tonumber(box.y), right = box.x + box.width, bottom = box.y + box.height, of = one.given.id }
    end
  end
  return list
end

-- Numbers are rounded to a tenth.
local function overlap(a, b) return a.left < b.right - 0.2 and b.left < a.right - 0.2 and a.top < b.bottom - 0.2 and b.top < a.bottom - 0.2 end

describe("the diagram of a process", function()
  for _, id in ipairs(source.all()) do
    if id:find("^workflow/") then
      it(id .. " is whole and legible", function()
        local made = flow.of(workflow.of_set(packs.shipped(id)))
        local graph = flow.graph(made, function(path) return path end)
        for _, kind in ipairs({ "draw", "column" }) do
          local all = boxes(diagram[kind](graph))
          assert.equal(#made.states + #made.transitions, #all)
          for index, one in ipairs(all) do
            for other = index + 1, #all do assert.is_false(overlap(one, all[other]), one.of .. " over " .. all[other].of) end
          end
        end
      end)
    end
  end
end)
