local markup = require("kit.plugin.markup")

local OWN = { id = "demo", csrf = "<input type=\"hidden\" name=\"_csrf\" value=\"t\">" }

describe("markup of a plugin", function()
  it("passes when it is plain", function()
    local text = '<div class="cardx"><p id="x-demo-a">1 &lt; 2 <a href="/cabinet/groups/3">группа</a></p><table><tr><td>3</td></tr></table></div>'
    assert.equal(text, markup.check(text, OWN))
  end)

  it("gets our token into its forms", function()
    local html = assert(markup.check('<form method="post" action="/cabinet/x/demo/save"><input type="number" name="n" value="3"></form>', OWN))
    assert.truthy(html:find('save">' .. OWN.csrf, 1, true))
  end)

  for _, text in ipairs({
    "<script>alert(1)</script>", "<p onclick=\"x()\">a</p>", "<p style=\"x\">a</p>", "<a href=\"javascript:alert(1)\">a</a>",
    "<a href=\"java&#115;cript:x\">a</a>", "<a href=\"//evil.example\">a</a>", "<img src=\"x\">", "<iframe src=\"/\"></iframe>",
    "<form method=\"post\" action=\"/admin/users\"></form>", "<form method=\"post\" action=\"/cabinet/x/demo2\"></form>",
    "<form method=\"post\"></form>", "<input type=\"password\" name=\"p\">", "<input type=\"text\" name=\"_csrf\">", "<p>a", "a</p>", "<p><b>a</b></p>",
    "<p class=x>a</p>", "<!-- a --><p>a</p>", "<p id=\"content\">a</p>", "<p class=\"a\" class=\"b\">a</p>", "<svg></svg>", "<P>a</P>",
    "<a href=\"data:text/html,x\">a</a>", "<p\0>a</p>", "<meta http-equiv=\"refresh\">", "<a href=\"\">a</a>", ("<div>"):rep(40) .. ("</div>"):rep(40),
  }) do
    it("is refused: " .. text:sub(1, 50):gsub("%z", "0"), function()
      local html, reason = markup.check(text, OWN)
      assert.is_nil(html)
      assert.equal("string", type(reason))
    end)
  end
end)
