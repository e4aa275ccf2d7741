--- Addresses, redirects, file names: what goes into headers and links.
local respond = require("kit.respond")
local urls = require("kit.urls")

describe("an address", function()
  it("keeps its query in order", function() assert.equal("/p?a=1&b=2", urls.with("/p", { b = 2, a = 1 })) end)
  it("repeats names of arrays", function() assert.equal("/p?k=a&k=b", urls.with("/p", { k = { "a", "b" } })) end)
  it("takes overrides", function() assert.equal("/p?sort=new", urls.with("/p", { sort = { "old" } }, { sort = "new" })) end)
  it("loses a name overridden by false", function() assert.equal("/p", urls.with("/p", { cursor = { "x" } }, { cursor = false })) end)
  it("loses empty values", function() assert.equal("/p", urls.with("/p", { q = "" })) end)
  it("encodes Russian", function() assert.equal("/p?q=%D0%B0%20%26", urls.with("/p", { q = "а &" })) end)
  it("stays without a query", function() assert.equal("/p", urls.with("/p")) end)
  for _, good in ipairs({ "/a", "a/b:c", "?x=a:b", "#x", "https://a.ru", "HTTP://A.RU", "mailto:a@b.ru", "tel:+7912", "" }) do
    it("may be " .. good, function() assert.equal(good, urls.safe(good)) end)
  end
  for _, evil in ipairs({ "javascript:alert(1)", "JaVaScRiPt:x", " javascript:x", "java\tscript:x", "data:text/html,x", "vbscript:x", "//evil.ru",
    "/\\evil.ru", "x\\y" }) do
    it("may not be " .. evil:gsub("%c", "␤"), function() assert.equal("#", urls.safe(evil)) end)
  end
end)

describe("a redirect", function()
  it("goes by 303", function() assert.equal(303, respond.redirect("/cabinet").status) end)
  for _, evil in ipairs({ "//evil.ru", "/\\evil.ru", "https://evil.ru", "evil", "/a\r\nSet-Cookie: x", "" }) do
    it("does not go to " .. evil:gsub("%c", "␤"), function() assert.has_error(function() respond.redirect(evil) end) end)
  end
  it("falls back when the wish is foreign", function() assert.equal("/cabinet", respond.local_path("//evil.ru", "/cabinet")) end)
  it("takes a local wish", function() assert.equal("/x?a=1", respond.local_path("/x?a=1", "/cabinet")) end)
  it("takes the root", function() assert.equal("/", respond.local_path("/", "/cabinet")) end)
end)

describe("a download", function()
  local FILE = { sha256 = ("ab"):rep(32), size_bytes = 5, name = 'Диплом "№ 1".pdf', mime = "application/pdf" }
  it("has a name for old and new clients", function()
    assert.equal("attachment; filename=\"file.pdf\"; filename*=UTF-8''%D0%94%D0%B8%D0%BF%D0%BB%D0%BE%D0%BC%20%22%E2%84%96%201%22.pdf",
      respond.file(FILE).headers["content-disposition"])
  end)
  it("opens in place when it is harmless", function()
    assert.truthy(respond.file(FILE, { inline = true }).headers["content-disposition"]:find("^inline"))
  end)
  it("does not open in place when it is not", function()
    local answer = respond.file({ sha256 = "ab", size_bytes = 1, name = "x.html", mime = "text/html" }, { inline = true })
    assert.truthy(answer.headers["content-disposition"]:find("^attachment"))
  end)
  it("runs nothing", function()
    assert.truthy(respond.file(FILE).headers["content-security-policy"]:find("sandbox", 1, true))
  end)
  it("is not kept by proxies", function() assert.truthy(respond.file(FILE).headers["cache-control"]:find("no-store", 1, true)) end)
end)

describe("a list of the API", function()
  it("has its page and its end", function() assert.equal('{"items":[1],"next_cursor":null}', respond.json_list("[1]").body) end)
  it("has its page and its continuation", function() assert.equal('{"items":[],"next_cursor":"a\\"b"}', respond.json_list("[]", 'a"b').body) end)
end)
