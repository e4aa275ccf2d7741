local bus = require("core.bus")
local db = require("core.db")
local given = require("support.given")
local live = require("kit.live")
local session = require("kit.session")

local function logged_in(method)
  db.answer("FROM session s", { given.session_row() })
  local request = given.request(method or "GET", "/live", { cookie = "copp=token" })
  session.load(request)
  request.route = { "GET", "/live" }
  return request
end

-- The text of a stream that is told these events.
local function streamed(events, options, request)
  bus.queue = events
  local response = assert(live.open(request or logged_in(), options))
  local parts = {}
  response.body.stream(function(text)
    parts[#parts + 1] = text
    return true
  end)
  return table.concat(parts), response
end

local function counting()
  local begun = 0
  return {
    topics = { "news" },
    begin = function(send)
      begun = begun + 1
      send("count", { n = begun })
    end,
  }
end

before_each(function()
  db.reset()
  bus.is_full = false
end)

describe("an open answer", function()
  it("begins with the whole state and ends with the generation", function()
    local text, response = streamed({}, counting())
    assert.equal("text/event-stream", response.headers["content-type"])
    assert.truthy(text:find('^retry: %d+\n\nevent: count\ndata: {"n":1}\n\n$'))
  end)
  it("hears its topics and its session", function()
    streamed({}, counting())
    assert.same({ "news", "session.5" }, bus.topics)
  end)
  it("tells the state again at news and after a loss", function()
    local text = streamed({ { "news", nil }, { nil, "lost" } }, counting())
    assert.truthy(text:find('{"n":3}', 1, true))
  end)
  it("hands news to on where there is one", function()
    local options = counting()
    options.on = function(topic, data, send) send(topic, data) end
    assert.truthy(streamed({ { "news", { id = 7 } } }, options):find('event: news\ndata: {"id":7}\n\n', 1, true))
  end)
  it("beats while nothing happens, as long as the session is in force", function()
    local request = logged_in()
    local text = streamed({ { nil, "timeout" } }, counting(), request)
    assert.truthy(text:find("\n: \n\n$"))
    db.reset()
    db.answer("FROM session s", {})
    assert.is_nil(streamed({ { nil, "timeout" }, { "news", nil } }, counting(), request):find('"n":2', 1, true))
  end)
  it("ends when the session has other rights", function()
    local request = logged_in()
    db.reset()
    db.answer("FROM session s", { given.session_row({ grants = { "9|learner|||", "10|staff|||" } }) })
    assert.is_nil(streamed({ { "session.5", nil }, { "news", nil } }, counting(), request):find('"n":2', 1, true))
  end)
  it("is 503 when too many are open", function()
    bus.is_full = true
    local _, err = live.open(logged_in(), counting())
    assert.equal(503, err.status)
  end)
  it("ends quietly when the client has gone", function()
    local response = live.open(logged_in(), counting())
    assert.has_no.errors(function() response.body.stream(function() return nil, { code = "closed" } end) end)
  end)
  it("has no body for HEAD", function()
    local wrote = false
    live.open(logged_in("HEAD"), counting()).body.stream(function() wrote = true end)
    assert.is_false(wrote)
  end)
end)
