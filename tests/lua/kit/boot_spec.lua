--- Layers and loading, over a made-up tree.
local tree = require("core.tree")

local real_list, real_read = tree.list, tree.read
local files

local function fresh(name)
  package.loaded[name] = nil
  return require(name)
end

local function use(made)
  files = made
  tree.list = function(dir)
    local seen, names = {}, {}
    for path in pairs(files) do
      local rest = path:sub(1, #dir + 1) == dir .. "/" and path:sub(#dir + 2)
      local name = rest and (rest:match("^[^/]+/") or rest)
      if name and not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
    table.sort(names)
    return names
  end
  tree.read = function(path)
    if files[path] then return files[path] end
    return nil, { code = "not_found", text = path }
  end
end

after_each(function()
  tree.list, tree.read = real_list, real_read
  fresh("kit.lookup")
end)

describe("a file", function()
  it("comes from the product", function()
    use({ ["views/home.html"] = "product" })
    assert.equal("product", (fresh("kit.lookup").read("views/home.html")))
  end)
  it("never comes from a plugin, whose code has a state of its own", function()
    use({ ["views/home.html"] = "product", ["plugins/demo/views/home.html"] = "plugin" })
    assert.equal("product", (fresh("kit.lookup").read("views/home.html")))
  end)
  it("comes from the region before all", function()
    use({ ["views/home.html"] = "product", ["plugins/demo/views/home.html"] = "plugin", ["region/views/home.html"] = "region" })
    assert.equal("region", (fresh("kit.lookup").read("views/home.html")))
  end)
  it("tells where it came from", function()
    use({ ["region/views/home.html"] = "region" })
    assert.equal("region/views/home.html", select(2, fresh("kit.lookup").read("views/home.html")))
  end)
  it("may be nowhere", function()
    use({})
    assert.is_nil((fresh("kit.lookup").read("views/home.html")))
  end)
  it("is listed once, from its strongest layer", function()
    use({ ["views/a.html"] = "1", ["views/x/b.html"] = "2", ["region/views/x/b.html"] = "3", ["views/c.txt"] = "4" })
    assert.same({ ["views/a.html"] = "views/a.html", ["views/x/b.html"] = "region/views/x/b.html" }, fresh("kit.lookup").all("views", ".html"))
  end)
end)

describe("loading the product", function()
  local settings = require("core.settings")

  -- Modules keep what boot registers with them; a second load needs them new.
  local function load()
    for name in pairs(package.loaded) do
      if name:find("^kit%.") or name:find("^domain%.") or name == "boot" then package.loaded[name] = nil end
    end
    return require("boot").load(settings)
  end

  it("gives what the core calls", function()
    local app = load()
    assert.equal("function", type(app.request))
    assert.equal("function", type(app.job))
    assert.is_true(#app.routes > 50)
  end)
  it("has timers as the core wants them", function()
    for _, timer in ipairs(load().timers) do
      assert.equal("function", type(timer.fn))
      assert.equal("integer", math.type(timer.every_s))
      assert.is_true(#timer.name < 64)
    end
  end)
  it("describes its API", function() assert.truthy(load().openapi:find('"openapi":"3.1.0"', 1, true)) end)
  it("stops at a broken view with its file and line", function()
    tree.read = function(path)
      if path == "views/programs/list.html" then return "<p>\n<%= it. %>\n</p>" end
      return real_read(path)
    end
    local ok, err = pcall(load)
    assert.is_false(ok)
    assert.truthy(err:find("^views/programs/list.html:2: "))
  end)
end)
