--- Pages of developers, loaded only with COPP_DEV=1: the living sheet of components, and the routes that
--- `copp bench http` measures (tests/bench/lib/requests.mjs says what they answer).
local chart = require("kit.chart")
local json = require("core.json")
local live = require("kit.live")
local respond = require("kit.respond")
local store = require("domain.dev.store")

local function integer(request, name)
  return math.tointeger(tonumber(request.query[name])) or 1
end

local function plaintext()
  return respond.text("Hello, World!")
end

local function object(request)
  local id = integer(request, "n")
  return respond.json({ id = id, title = "Программа " .. id, hours = 72, is_open = true, tags = { "a", "b", "c" } })
end

local function row(request)
  return respond.raw_json(store.row_json(integer(request, "id")) or "null")
end

local function list(request)
  return respond.json_list((store.list_json(integer(request, "after"))))
end

local function page(request)
  return respond.page(request, "dev/bench", {
    title = "Программы", nav = "programs", items = store.list(integer(request, "after")),
  })
end

-- For tests: what is notified under the topic "dev" arrives in the page.
local function events(request)
  return live.open(request, {
    topics = { "dev" },
    begin = function(send) send("begin", { user = request.user.email }) end,
    on = function(topic, data, send) send(topic, data) end,
  })
end

local function components(request)
  return respond.page(request, "dev/ui", {
    title = "Компоненты", drawing = chart.columns({ { label = "окт", values = { 130, 24 } }, { label = "ноя", values = { 133, 131 } } }, tostring),
  })
end

local known = {}

-- All routes of this generation: the suites of tests visit every page of them.
local function all_routes()
  local found = {}
  for index, route in ipairs(known) do
    found[index] = { method = route[1], path = route[2], access = type(route.access) == "table" and json.array(route.access) or route.access,
      summary = route.summary, source = route.source }
  end
  return respond.json({ routes = json.array(found) })
end

local routes = {
  { "GET", "/dev/bench/plaintext", plaintext, access = "public", session = false, summary = "Короткий текст" },
  { "GET", "/dev/bench/json", object, access = "public", session = false, summary = "Короткий JSON" },
  { "GET", "/dev/bench/row", row, access = "public", session = false, summary = "Одна строка базы" },
  { "GET", "/dev/bench/list", list, access = "public", session = false, summary = "Двадцать строк базы" },
  { "GET", "/dev/bench/page", page, access = "user", summary = "Страница со списком и сеансом" },
  { "GET", "/dev/events", events, access = "user", summary = "Поток событий" },
  { "GET", "/dev/ui", components, access = "public", summary = "Компоненты страниц" },
  { "GET", "/dev/routes", all_routes, access = "public", session = false, summary = "Все маршруты" },
}

--- Called by boot when all routes are known.
function routes.know(all) known = all end

return routes
