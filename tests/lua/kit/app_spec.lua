local app = require("kit.app")
local context = require("kit.context")
local db = require("core.db")
local errors = require("kit.errors")
local given = require("support.given")
local json = require("core.json")
local log = require("core.log")
local respond = require("kit.respond")
local transaction = require("kit.transaction")
local view = require("kit.view")

local handle, seen

local function routes()
  return {
    { "GET", "/", function(request) return respond.page(request, "home", { title = "Дом" }) end, access = "public", summary = "x" },
    { "GET", "/text", function() return respond.text("ok") end, access = "public", summary = "x" },
    { "GET", "/cabinet", function(request)
      seen = request
      return respond.text(request.user.name)
    end, access = "user", summary = "x" },
    { "POST", "/cabinet/do", function() return respond.redirect("/cabinet", { notice = "Сделано; ура" }) end, access = "user", summary = "x" },
    { "GET", "/boom", function() error("secret path /etc") end, access = "public", summary = "x" },
    { "GET", "/away", function() error({ code = "unavailable", text = "gone" }, 0) end, access = "public", summary = "x" },
    { "GET", "/nothing", function() end, access = "public", summary = "x" },
    { "GET", "/api/v1/boom", function() error("secret path /etc") end, access = "public", summary = "x" },
    { "GET", "/api/v1/things/{id}", function(request)
      if request.params.id == "0" then return nil, errors.not_found("application", 0) end
      return respond.json({ id = request.params.id, version = 3 })
    end, access = "public", summary = "x" },
    { "POST", "/api/v1/things", function(request)
      local body, err = request:json()
      if not body then return nil, err end
      return transaction.run(function()
        if body.fail then return nil, errors.conflict("busy", "Занято") end
        db.exec("INSERT INTO thing")
        return respond.json({ id = "1" }, 201)
      end)
    end, access = "user", body = { { name = "version", type = "integer", label = "Версия" } }, summary = "x" },
    { "GET", "/api/v1/secret", function() return respond.json({}) end, access = { "application.decide" }, summary = "x" },
    { "GET", "/query", function(request) return respond.text(request.query.q) end, access = "public", summary = "x" },
    { "GET", "/notice", function(request) return respond.page(request, "notice", {}) end, access = "public", summary = "x" },
  }
end

local function request(method, target, headers, body)
  local raw = given.raw(method, target, headers, body)
  local status, head, content = handle(raw)
  if type(content) == "table" and content.string then content = content:string() end
  return { status = status, headers = head, body = content, raw = raw }
end

local function api_user(role)
  db.answer("FROM session s", { given.session_row({ grants = { "9|" .. role .. "|||" } }) })
  return { authorization = "Bearer abc", ["content-type"] = "application/json" }
end

before_each(function()
  db.reset()
  log.lines = {}
  view.load({
    home = { source = "<h1><%= it.title %></h1><%= nonce %>", file = "views/home.html" },
    notice = { source = "<%= it.notice and it.notice.tone %>:<%= it.notice and it.notice.text %>", file = "views/notice.html" },
    ["errors/error"] = { source = "<%= it.status %> <%= it.text %> <%= it.request_id %>", file = "views/errors/error.html" },
  })
  handle = app.handler((app.router({ { source = "spec", routes = routes() } })))
end)

describe("a page", function()
  it("is HTML", function()
    local answer = request("GET", "/")
    assert.equal(200, answer.status)
    assert.equal("text/html; charset=utf-8", answer.headers["content-type"])
  end)
  it("has a policy with its nonce", function()
    local answer = request("GET", "/")
    local nonce = answer.body:match("</h1>(.*)$")
    assert.truthy(answer.headers["content-security-policy"]:find("script-src 'self' 'nonce-" .. nonce .. "'", 1, true))
  end)
  it("has no inline exceptions in its policy", function()
    assert.is_nil(request("GET", "/").headers["content-security-policy"]:find("unsafe", 1, true))
  end)
  it("is not kept when it is personal", function()
    api_user("learner")
    assert.equal("no-store", request("GET", "/cabinet", { cookie = "copp=x" }).headers["cache-control"])
  end)
  it("leads guests to the log-in and back", function()
    local answer = request("GET", "/cabinet?x=1")
    assert.equal(303, answer.status)
    assert.equal("/login?next=%2Fcabinet%3Fx%3D1", answer.headers.location)
  end)
  it("opens to whoever is logged in", function()
    api_user("learner")
    assert.equal("Сидорова А.", request("GET", "/cabinet", { cookie = "copp=x" }).body)
  end)
  it("that is not there answers 404", function()
    local answer = request("GET", "/none")
    assert.equal(404, answer.status)
    assert.truthy(answer.body:find("Такой страницы нет", 1, true))
  end)
  it("with a trailing slash is redirected with its query", function()
    local answer = request("GET", "/text/?a=1")
    assert.equal(301, answer.status)
    assert.equal("/text?a=1", answer.headers.location)
  end)
  it("does not take other methods", function()
    local answer = request("POST", "/text")
    assert.equal(405, answer.status)
    assert.equal("GET, HEAD, OPTIONS", answer.headers.allow)
  end)
  it("tells its methods", function()
    local answer = request("OPTIONS", "/text")
    assert.equal(204, answer.status)
    assert.equal("GET, HEAD, OPTIONS", answer.headers.allow)
  end)
  it("that fails shows the number of the request and no secret", function()
    local answer = request("GET", "/boom")
    assert.equal(500, answer.status)
    assert.truthy(answer.body:find("request-1", 1, true))
    assert.is_nil(answer.body:find("secret", 1, true))
  end)
  it("that fails leaves a traceback in the log", function()
    request("GET", "/boom")
    assert.equal("error", log.lines[1].level)
    assert.truthy(log.lines[1].fields.reason:find("secret path", 1, true))
    assert.truthy(log.lines[1].fields.reason:find("stack traceback", 1, true))
  end)
  it("without its database answers 503", function()
    local answer = request("GET", "/away")
    assert.equal(503, answer.status)
    assert.equal("5", answer.headers["retry-after"])
  end)
  it("whose handler returns nothing is our mistake", function() assert.equal(500, request("GET", "/nothing").status) end)
  it("survives a broken error page", function()
    view.load({ ["errors/error"] = { source = "<%= it.nothing.x %>", file = "views/errors/error.html" } })
    assert.equal(500, request("GET", "/boom").status)
  end)
  it("refuses a query that is not UTF-8", function() assert.equal(400, request("GET", "/query?q=%FF").status) end)
  it("takes the first of repeated parameters", function() assert.equal("1", request("GET", "/query?q=1&q=2").body) end)
  it("shows a notice once", function()
    local token = { cookie = "copp-notice=ok%0A%0A%0A%D0%94%D0%B0" }
    local answer = request("GET", "/notice", token)
    assert.equal("ok:Да", answer.body)
    assert.truthy(answer.headers["set-cookie"][1]:find("copp-notice=; ", 1, true))
  end)
  it("tells the core its route and user", function()
    api_user("learner")
    local answer = request("GET", "/cabinet", { cookie = "copp=x" })
    assert.same({ "/cabinet", 42 }, { answer.raw.http.named_route, answer.raw.http.named_user })
  end)
  it("leaves no context behind", function()
    request("GET", "/text")
    assert.is_nil(context.get().id)
    context.leave()
  end)
  it("gives its request to whoever asks for the context", function()
    api_user("learner")
    request("GET", "/cabinet", { cookie = "copp=x" })
    assert.equal("/cabinet", seen.path)
  end)
end)

describe("a form", function()
  it("is refused without its token", function()
    api_user("learner")
    local answer = request("POST", "/cabinet/do", { cookie = "copp=x", ["content-type"] = "application/x-www-form-urlencoded" }, "a=1")
    assert.equal(403, answer.status)
  end)
end)

describe("the API", function()
  it("answers JSON", function()
    local answer = request("GET", "/api/v1/things/7")
    assert.equal("application/json", answer.headers["content-type"])
    assert.equal("7", json.decode(answer.body).id)
  end)
  it("gives an ETag of the version", function()
    assert.equal('"v3"', request("GET", "/api/v1/things/7").headers.etag)
  end)
  it("answers 304 to who has that version", function()
    local answer = request("GET", "/api/v1/things/7", { ["if-none-match"] = '"v3"' })
    assert.equal(304, answer.status)
    assert.is_nil(answer.body)
  end)
  it("says its problems", function()
    local answer = request("GET", "/api/v1/things/0")
    assert.equal("application/problem+json", answer.headers["content-type"])
    local problem = json.decode(answer.body)
    assert.same({ 404, "not_found", "request-1" }, { problem.status, problem.code, problem.request_id })
  end)
  it("does not tell secrets of a fault", function()
    assert.is_nil(request("GET", "/api/v1/boom").body:find("secret", 1, true))
  end)
  it("answers 401 to guests", function()
    local answer = request("GET", "/api/v1/secret")
    assert.equal(401, answer.status)
    assert.equal("Bearer", answer.headers["www-authenticate"])
  end)
  it("answers 403 to who may not", function()
    assert.equal(403, request("GET", "/api/v1/secret", api_user("learner")).status)
  end)
  it("opens to who may", function() assert.equal(200, request("GET", "/api/v1/secret", api_user("staff")).status) end)
  it("wants JSON", function()
    local headers = api_user("staff")
    headers["content-type"] = "text/plain"
    assert.equal(415, request("POST", "/api/v1/things", headers, "{}").status)
  end)
  it("wants an object", function() assert.equal(400, request("POST", "/api/v1/things", api_user("staff"), "[1]").status) end)
  it("wants whole JSON", function() assert.equal(400, request("POST", "/api/v1/things", api_user("staff"), '{"a":').status) end)
  it("wants UTF-8", function() assert.equal(400, request("POST", "/api/v1/things", api_user("staff"), '{"a":"\xFF"}').status) end)
  it("bounds the body", function()
    local answer = request("POST", "/api/v1/things", api_user("staff"), '{"a":"' .. ("x"):rep(1100000) .. '"}')
    assert.equal(413, answer.status)
  end)
  it("takes If-Match for the version", function()
    local headers = api_user("staff")
    headers["if-match"] = '"v7"'
    local body
    local router = app.router({ { source = "spec", routes = { { "POST", "/api/v1/x", function(r)
      body = r:json()
      return respond.json({})
    end, access = "user", body = { { name = "version", type = "integer" } }, summary = "x" } } } })
    handle = app.handler(router)
    request("POST", "/api/v1/x", headers, "{}")
    assert.equal(7, body.version)
  end)
end)

describe("Idempotency-Key", function()
  local stored
  local function send(key, body)
    local headers = api_user("staff")
    headers["idempotency-key"] = key
    return request("POST", "/api/v1/things", headers, body or "{}")
  end

  -- A table of one row, as PostgreSQL would keep it: what was rolled back is forgotten.
  before_each(function()
    stored = nil
    db.answer("FROM idempotency_key", function() return stored and { stored } or {} end)
    db.answer("INSERT INTO idempotency_key", function(_, _, key, method, path, hash)
      if stored then return { count = 0 } end
      stored = { key = key, method = method, path = path, body_hash = hash }
      return { count = 1 }
    end)
    db.answer("UPDATE idempotency_key", function(_, _, _, status, body)
      if stored then stored.status, stored.body = status, body end
      return { count = 1 }
    end)
  end)

  it("is claimed by the first statement of the transaction", function()
    send("k1")
    local first
    for i, call in ipairs(db.calls) do
      if call.sql:find("INSERT", 1, true) then
        first = first or i
        assert.truthy(db.calls[first].sql:find("idempotency_key", 1, true))
      end
    end
  end)
  it("keeps the answer", function()
    send("k1")
    assert.same({ 201, '{"id":"1"}' }, { stored.status, stored.body })
  end)
  it("gives the kept answer and writes nothing", function()
    send("k1")
    local answer = send("k1")
    assert.equal(201, answer.status)
    assert.equal("true", answer.headers["idempotency-replayed"])
    assert.equal(1, db.count("INSERT INTO thing"))
  end)
  it("is refused with another body", function()
    send("k1")
    local answer = send("k1", '{"a":1}')
    assert.equal(422, answer.status)
    assert.equal("idempotency_mismatch", json.decode(answer.body).code)
  end)
  it("says when the first has not answered yet", function()
    send("k1")
    stored.status = nil
    local answer = send("k1")
    assert.equal(409, answer.status)
    assert.equal("in_progress", json.decode(answer.body).code)
  end)
  it("lets the loser of a race have the winner's answer", function()
    send("k1")
    local winner, asked = stored, 0
    db.answer("FROM idempotency_key", function()
      asked = asked + 1
      return asked == 1 and {} or { winner } -- the first look comes before the winner's commit
    end)
    local answer = send("k1")
    assert.equal(201, answer.status)
    assert.equal("true", answer.headers["idempotency-replayed"])
    assert.equal(1, db.count("INSERT INTO thing"))
  end)
  it("is not kept for what was refused", function()
    db.answer("INSERT INTO idempotency_key", { count = 1 })
    local answer = send("k1", '{"fail":true}')
    assert.equal(409, answer.status)
    assert.equal(0, db.count("UPDATE idempotency_key"))
  end)
  it("must be short and printable", function()
    assert.equal(400, send(("x"):rep(201)).status)
    assert.equal(400, send("ключ").status)
  end)
  it("is not needed", function()
    request("POST", "/api/v1/things", api_user("staff"), "{}")
    assert.equal(0, db.count("idempotency_key"))
  end)
end)

describe("a list of routes", function()
  local function refusal(route)
    local ok, err = pcall(app.router, { { source = "lua/domain/x/pages.lua", routes = { route } } })
    assert.is_false(ok)
    return err
  end
  local function nothing() end
  it("needs summaries", function() assert.truthy(refusal({ "GET", "/x", nothing, access = "public" }):find("no summary", 1, true)) end)
  it("needs access", function() assert.truthy(refusal({ "GET", "/x", nothing, summary = "x" }):find("no access", 1, true)) end)
  it("needs handlers", function() assert.truthy(refusal({ "GET", "/x", nil, access = "public", summary = "x" }):find("no handler", 1, true)) end)
  it("needs known methods", function() assert.truthy(refusal({ "GIT", "/x", nothing, access = "public", summary = "x" }):find("method", 1, true)) end)
  it("needs known permissions", function()
    assert.truthy(refusal({ "GET", "/x", nothing, access = { "x.fly" }, summary = "x" }):find("x.fly", 1, true))
  end)
  it("names the file", function()
    assert.truthy(refusal({ "GET", "/x", nothing, access = "public" }):find("lua/domain/x/pages.lua", 1, true))
  end)
end)
