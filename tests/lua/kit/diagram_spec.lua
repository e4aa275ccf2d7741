--- Diagrams: every state and arrow has its place, nothing lies over another, the same graph gives the same picture.
local diagram = require("kit.diagram")

local function graph()
  return {
    start = "a",
    nodes = { { id = "a", label = "Черновик" }, { id = "b", label = "На рассмотрении" }, { id = "c", label = "Одобрена" }, { id = "d", label = "Отозвана заявителем" } },
    arrows = {
      { id = "ab", label = "Подать", from = { "a" }, to = "b" }, { id = "bc", label = "Одобрить", from = { "b" }, to = "c" },
      { id = "cb", label = "Вернуть", from = { "c" }, to = "b" }, { id = "d", label = "Отозвать", from = { "a", "b", "c" }, to = "d" },
      { id = "bb", label = "Перенести", from = { "b" }, to = "b" },
    },
  }
end

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

local function overlap(a, b) return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom end

describe("a diagram", function()
  for _, kind in ipairs({ "draw", "column" }) do
    it(kind .. " places every box inside, and none over another", function()
      local drawing = diagram[kind](graph())
      local all = boxes(drawing)
      assert.equal(9, #all)
      for index, one in ipairs(all) do
        assert.is_true(one.left >= 0 and one.top >= 0 and one.right <= drawing.width and one.bottom <= drawing.height, one.of)
        for other = index + 1, #all do assert.is_false(overlap(one, all[other]), one.of .. " over " .. all[other].of) end
      end
    end)
    it(kind .. " is the same each time", function() assert.same(diagram[kind](graph()), diagram[kind](graph())) end)
  end
  it("reads from the start downwards, though ways lead back", function() assert.same({ "a", "b", "c", "d" }, diagram.order(graph())) end)
  it("draws a state that nobody reaches and an arrow from several", function()
    local made = graph()
    made.nodes[5] = { id = "e", label = "Забыта" }
    local drawing = diagram.draw(made)
    assert.equal(5, #drawing.nodes)
    assert.truthy(select(2, drawing.arrows[4].path:gsub("M", "")) == 4)
  end)
end)
