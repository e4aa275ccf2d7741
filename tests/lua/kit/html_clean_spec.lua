local html_clean = require("kit.html_clean")
local clean = html_clean.clean

-- An own, simple reader of the output: every tag must be one of these, letter by letter.
local EXACT = {}
for _, name in ipairs({ "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "strong", "em" }) do
  EXACT["<" .. name .. ">"], EXACT["</" .. name .. ">"] = true, true
end
EXACT["<br>"], EXACT["</a>"] = true, true

local ADDRESSES = { "^/[^/\\]", "^/$", "^#", "^https?://", "^mailto:", "^tel:" }
local function is_address(href)
  for _, pattern in ipairs(ADDRESSES) do
    if href:find(pattern) then return true end
  end
  return false
end

local function tag_fault(tag)
  local href = tag:match('^<a href="([^"<>]*)">$') or tag:match('^<a href="([^"<>]*)" rel="noopener">$')
  if not EXACT[tag] and not href then return "tag " .. tag end
  if href and not is_address(href) then return "address " .. href end
end

local function words_fault(html)
  local words = html:gsub("<[^>]*>", "")
  if words:find("[<>]") then return "loose bracket" end
  if words:gsub("&amp;", ""):gsub("&lt;", ""):gsub("&gt;", ""):gsub("&quot;", ""):gsub("&#39;", ""):find("&") then return "loose &" end
end

local function fault_of(html)
  local depth = {}
  for tag in html:gmatch("<[^>]*>") do
    local fault = tag_fault(tag)
    if fault then return fault end
    local name = tag:match("^</?(%w+)")
    if tag:find("^</") then
      if table.remove(depth) ~= name then return "not balanced at " .. tag end
    elseif name ~= "br" then
      depth[#depth + 1] = name
    end
  end
  if #depth > 0 then return "left open: " .. table.concat(depth, " ") end
  return words_fault(html)
end

describe("cleaning of rich text", function()
  it("keeps what a writer uses", function()
    local html = '<h2>Как</h2><p>Это <strong>важно</strong> и <em>нужно</em>.<br>Вот</p><ul><li>раз</li><li>два<ol><li>три</li></ol></li></ul>'
      .. '<blockquote><p>цитата</p></blockquote><p><a href="/programs">наша</a> <a href="https://example.org/?a=1&amp;b=2" rel="noopener">чужая</a></p>'
    assert.equal(html, clean(html))
  end)
  it("gives loose words a paragraph", function() assert.equal("<p>привет</p>", clean("привет")) end)
  it("knows other names of the same", function() assert.equal("<h2>x</h2><p><strong>y</strong></p>", clean("<h1>x</h1><div><b>y</b></div>")) end)
  it("drops scripts with their content", function() assert.equal("<p>ab</p>", clean("a<script>alert(1)</script>b")) end)
  it("drops styles, frames and drawings with their content", function()
    assert.equal("<p>a</p>", clean("a<style>p{}</style><iframe src=x>y</iframe><svg onload=alert(1)><p>z</p></svg>"))
  end)
  it("drops attributes", function() assert.equal("<p>x</p>", clean('<p onclick="x" style=color:red class=\'y\'>x</p>')) end)
  it("drops comments and declarations", function() assert.equal("<p>ab</p>", clean("a<!-- <p>x</p> --><!doctype html><?php x ?>b")) end)
  it("keeps words of unknown elements", function() assert.equal("<p>таблица</p>", clean("<table><tr><td>таблица</td></tr></table>")) end)
  it("refuses addresses that are scripts", function()
    for _, href in ipairs({ "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "&#106;avascript:alert(1)",
      "&#x6A;avascript&colon;alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "\\\\evil.example",
      "/\\evil.example", "/\t/evil.example" }) do
      assert.equal("<p>x</p>", clean('<a href="' .. href .. '">x</a>'), href)
    end
  end)
  it("adds the scheme to a bare host", function()
    assert.equal('<p><a href="https://example.org/x" rel="noopener">x</a></p>', clean('<a href="example.org/x">x</a>'))
  end)
  it("does not let a value break out", function()
    assert.is_nil(fault_of(clean("<a href='/x\"><img src=x onerror=alert(1)>'>x</a>")))
    assert.is_nil(fault_of(clean('<a href="/x&quot; onclick=&quot;y">x</a>')))
  end)
  it("escapes what was escaped", function() assert.equal("<p>&lt;script&gt;</p>", clean("&lt;script&gt;")) end)
  it("closes what was left open", function() assert.equal("<p><strong>x</strong></p>", clean("<p><strong>x")) end)
  it("ends a tag that never ends", function() assert.equal("<p>a</p>", clean('a<a href="x')) end)
  it("keeps items in a list", function() assert.equal("<ul><li>a</li></ul>", clean("<ul>a</ul>")) end)
  it("takes out what is empty", function() assert.equal("<p>x</p>", clean("<p></p><p><br></p><ul><li></li></ul><p>x</p>")) end)
  it("limits the depth", function() assert.is_nil(fault_of(clean(("<ul><li>"):rep(5000) .. "x"))) end)
  it("gives the words alone", function()
    assert.equal("Как Это важно & нужно раз", html_clean.text("<h2>Как</h2><p>Это <strong>важно</strong> &amp; нужно</p><ul><li>раз</li></ul>"))
  end)

  it("never lets anything through, whatever comes", function()
    local pieces = { "<", ">", "</", "/>", "<p", "<p>", "</p>", "<a href=", '"', "'", "`", "javascript:", "alert(1)", "<script>", "</script>", "<!--",
      "-->", "<!", "<?", "&lt;", "&#60;", "&#x3c;", "&#0;", "&#xD800;", "&amp;lt;", "&", ";", " ", "\n", "\t", "=", "onerror=", "<img src=x ", "<svg>",
      "</svg>", "<style>", "</style>", "<li>", "</li>", "<ul>", "</ul>", "<ol>", "<strong>", "</strong>", "<em>", "<b>", "<blockquote>", "<h2>", "</h2>",
      "<br>", "<br/>", "<A HREF=/x>", "</A>", '<a href="https://e.example/">', "привет", "x", "\u{2028}", "<template>", "<textarea>", "</textarea>",
      "<math><mi>", "<noscript>", "<plaintext>", "<![CDATA[", "]]>", "<p/onclick=x>", "<a\thref\n=\n'/y'>", "\0", "\127", "%00", "\\", "//" }
    local seed = 20261127
    local function random(n)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed // 65536 % n + 1
    end
    for round = 1, 4000 do
      local parts = {}
      for index = 1, random(24) do parts[index] = pieces[random(#pieces)] end
      local input = table.concat(parts)
      local output = clean(input)
      local fault = fault_of(output)
      assert.is_nil(fault, ("round %d: %s\ninput  %q\noutput %q"):format(round, tostring(fault), input, output))
      assert.equal(output, clean(output), ("not stable: %q"):format(input))
    end
  end)
end)
