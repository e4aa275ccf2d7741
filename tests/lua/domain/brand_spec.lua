local json = require("core.json")
local palette = require("domain.brand.palette")
local picture = require("domain.brand.picture")

local root = (debug.getinfo(1, "S").source:match("^@(.*)tests/lua/domain/") or "./")

local function read(path)
  local file = assert(io.open(root .. path, "rb"))
  local bytes = file:read("a")
  file:close()
  return bytes
end

-- What assets/contrast.mjs gives to the server, from the same sources.
local function facts()
  local found = { pairs = json.decode(read("assets/contrast.json")), light = {}, dark = {} }
  local css = read("assets/css/tokens.css") .. read("assets/css/brand.css")
  for selector, body in css:gsub("/%*.-%*/", ""):gmatch("([^{};]+){([^{}]*)}") do
    local tokens = selector:find('"dark"', 1, true) and { found.dark }
      or selector:find(":root", 1, true) and { found.light, found.dark }
      or {}
    for name, value in body:gmatch("%-%-([%w-]+):%s*([^;]+);") do
      for _, place in ipairs(tokens) do
        place[name] = value
      end
    end
  end
  return found
end

describe("a palette", function()
  it("of the product's colour is nearly the product's own", function()
    local steps = palette.ramp("#264bd1")
    assert.equal("#264bd1", steps[600])
    for step, shipped in pairs({ [50] = "#edf1ff", [200] = "#b9c8ff", [700] = "#1f3cab", [950] = "#0c1638" }) do
      local l1 = palette.oklch(steps[step])
      local l2 = palette.oklch(shipped)
      assert.is_true(math.abs(l1 - l2) < 0.02, step .. ": " .. steps[step])
    end
  end)
  it("passes every pair in both themes with the product's colour", function()
    local checks, worst = palette.check(facts(), "#264bd1", "#ff6a2b")
    assert.is_nil(worst)
    assert.equal(104, #checks)
  end)
  it("passes with a green, a red and a violet", function()
    for _, colour in ipairs({ "#1f6b45", "#b3261e", "#6a1b9a" }) do
      local _, worst = palette.check(facts(), colour, "#ff6a2b")
      assert.is_nil(worst, worst and ("%s: %s on %s %.2f (%s)"):format(colour, worst.front, worst.back, worst.ratio, worst.mode))
    end
  end)
  it("that is too light is named with its worst pair, and the nearest one that passes is proposed", function()
    local _, worst = palette.check(facts(), "#ffcc00", "#ff6a2b")
    assert.equal("on-brand", worst.front)
    assert.is_true(worst.ratio < 2)
    local nearest = palette.nearest(facts(), "#ffcc00", "#ff6a2b")
    assert.truthy(nearest)
    local _, still = palette.check(facts(), nearest, "#ff6a2b")
    assert.is_nil(still)
  end)
  it("computes the ratios of the design", function()
    assert.equal("17.75", ("%.2f"):format(palette.ratio("#101828", "#fff")))
    assert.equal("6.98", ("%.2f"):format(palette.ratio("#fff", "#264bd1")))
  end)
  it("is found again in its css", function()
    local values = { brand = "#1f6b45", accent = "#ff6a2b", font = "golos" }
    assert.same(values, palette.values(palette.css(values)))
    assert.is_nil(palette.values("body{}"))
  end)
end)

describe("a logo", function()
  local GOOD =
    '<?xml version="1.0"?><svg viewBox="0 0 10 10"><title>x</title><g fill="#123"><circle cx="5" cy="5" r="4"/></g></svg>'
  it("keeps its shapes", function()
    local svg = assert(picture.clean_svg(GOOD))
    assert.equal(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><title></title><g fill="#123"><circle cx="5" cy="5" r="4"/></g></svg>',
      svg
    )
  end)
  for name, evil in pairs({
    script = '<svg><script>alert(1)</script><path d="M0 0"/></svg>',
    handler = '<svg onload="alert(1)"><path d="M0 0" onclick="x()"/></svg>',
    link = '<svg><a href="javascript:alert(1)"><path d="M0 0"/></a><path d="M1 1"/></svg>',
    foreign = '<svg><foreignObject><body onload="x"/></foreignObject><path d="M0 0"/></svg>',
    style = '<svg><style>@import url(http://evil)</style><path d="M0 0" style="fill:url(http://evil)"/></svg>',
    use = '<svg><use href="http://evil/x#y"/><path d="M0 0"/></svg>',
    address = '<svg><path d="M0 0" fill="url(http://evil/x)"/></svg>',
    image = '<svg><image href="http://evil/x.png"/><path d="M0 0"/></svg>',
    animation = '<svg><path d="M0 0"><animate attributeName="href" to="javascript:x"/></path></svg>',
    cdata = '<svg><![CDATA[<script>x</script>]]><path d="M0 0"/></svg>',
  }) do
    it("loses what runs or loads: " .. name, function()
      local svg = assert(picture.clean_svg(evil))
      for _, word in ipairs({ "script", "onload", "onclick", "href", "evil", "foreign", "style", "animate", "javascript" }) do
        assert.is_nil(svg:find(word, 1, true), svg)
      end
      assert.truthy(svg:find("<path", 1, true))
    end)
  end
  it("with entities or without shapes is refused", function()
    assert.truthy(select(2, picture.clean_svg("\xFF\xD8\xFF\xE0")):find("SVG или PNG", 1, true))
    assert.is_nil(picture.clean_svg('<!DOCTYPE svg [<!ENTITY x "y">]><svg><path d="M0 0"/></svg>'))
    assert.is_nil(picture.clean_svg("<svg><text>x</text></svg>"))
    assert.is_nil(picture.clean_svg("<html><body>x</body></html>"))
  end)
  it("as PNG is wrapped", function()
    local png = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR" .. string.pack(">I4I4", 64, 32) .. "rest"
    local svg = assert(picture.wrap_png(png))
    assert.truthy(svg:find('viewBox="0 0 64 32"', 1, true))
    assert.truthy(svg:find("data:image/png;base64,iVBORw0KGgo", 1, true))
    assert.is_nil(picture.wrap_png("GIF89a"))
  end)
end)
