local blocks = require("domain.content.blocks")
local slug = require("kit.slug")

local function typed(fields)
  local all = {}
  for name, value in pairs(fields) do all[name] = type(value) == "table" and value or { value } end
  return all
end

describe("blocks of a page", function()
  it("come in the order of the form", function()
    local list = blocks.read(typed({ ["order[]"] = { "b2", "b1" }, ["b1.type"] = "text", ["b1.html"] = "<p>a</p>", ["b2.type"] = "contacts" }))
    assert.equal("b2", list[1].id)
    assert.equal("<p>a</p>", list[2].html)
  end)
  it("are cleaned when they are read", function()
    local list = blocks.read(typed({ ["order[]"] = "b1", ["b1.type"] = "text", ["b1.html"] = "<p onclick=x>a<script>b</script></p>" }))
    assert.equal("<p>a</p>", list[1].html)
  end)
  it("of an unknown kind, with an odd id or twice the same are left out", function()
    local list = blocks.read(typed({ ["order[]"] = { "b1", "b1", "../x", "b3" }, ["b1.type"] = "contacts", ["../x.type"] = "contacts", ["b3.type"] = "bomb" }))
    assert.equal(1, #list)
  end)
  it("refuse links that lead nowhere good", function()
    for _, href in ipairs({ "javascript:alert(1)", "//evil.example", "data:text/html,x", "programs" }) do
      local _, faults = blocks.read(typed({ ["order[]"] = "b1", ["b1.type"] = "call", ["b1.href"] = href }))
      assert.equal("b1.href", faults[1] and faults[1].field, href)
    end
  end)
  it("take links of this site and of others", function()
    for _, href in ipairs({ "/programs", "#top", "https://example.org/x?y=1", "mailto:a@example.org", "tel:+79990000000" }) do
      local _, faults = blocks.read(typed({ ["order[]"] = "b1", ["b1.type"] = "call", ["b1.href"] = href }))
      assert.equal(0, #faults, href)
    end
  end)
  it("may be unfinished in a draft, not in a publication", function()
    local list, faults = blocks.read(typed({ ["order[]"] = { "b1", "b2" }, ["b1.type"] = "picture", ["b2.type"] = "faq" }))
    assert.equal(0, #faults)
    local by_field = blocks.check(list).by_field
    assert.is_string(by_field["b1.file"])
    assert.is_string(by_field["b1.alt"])
    assert.is_string(by_field["b2.items"])
  end)
  it("hold at most three lists of programmes", function()
    local list = {}
    for index = 1, 4 do list[index] = { id = "b" .. index, type = "programs" } end
    assert.is_string(blocks.check(list).by_field["b4.heading"])
  end)
  it("are moved, added and removed by commands", function()
    local list = {}
    local first = blocks.apply(list, "add:contacts")
    local second = blocks.apply(list, "add:faq")
    blocks.apply(list, "up:" .. second)
    assert.equal(second, list[1].id)
    blocks.apply(list, "item_add:" .. second)
    assert.equal(2, #list[1].items)
    blocks.apply(list, ("item_remove:%s:%s"):format(second, list[1].items[1].id))
    assert.equal(1, #list[1].items)
    blocks.apply(list, "remove:" .. first)
    assert.equal(1, #list)
  end)
  it("are not harmed by commands that make no sense", function()
    local list = { { id = "b1", type = "contacts" } }
    for _, command in ipairs({ "up:b1", "down:b1", "up:b9", "item_add:b1", "item_add:b9", "item_up:b1:b2", "add:bomb", "bomb", "x:y:z" }) do
      blocks.apply(list, command)
    end
    assert.equal(1, #list)
  end)
  it("give their words for search, without markup, addresses and files", function()
    local words = blocks.words({ { id = "b1", type = "text", heading = "Как", html = "<p>это <strong>важно</strong></p>" },
      { id = "b2", type = "call", heading = "Вперёд", href = "/programs", label = "Каталог" } })
    assert.equal("Как это важно Вперёд Каталог", words)
  end)
end)

describe("an address", function()
  it("is made of a Russian title", function() assert.equal("den-otkrytyh-dverej-2026", slug.of("День открытых дверей — 2026!")) end)
  it("is empty when nothing can stand in it", function() assert.equal("", slug.of("«—»")) end)
  it("does not end in a hyphen when cut", function() assert.is_nil(slug.of(("а б "):rep(80)):find("%-$")) end)
end)
