--- Pages of developers, loaded only with COPP_DEV=1 or COPP_BENCH=1: the living sheet of components and the routes
--- that benches measure.
local query = require("kit.query")
local respond = require("kit.respond")

local ROW = "SELECT id, slug, title, kind, hours_total, study_form, annotation FROM program WHERE id = $1"
local LIST = "SELECT id, slug, title, kind, hours_total, duration_days, study_form FROM program WHERE state = 'published' ORDER BY id LIMIT 20"

local function plaintext()
  return respond.text("Здравствуйте")
end

local function object()
  return respond.json({ message = "Здравствуйте", answer = 42 })
end

local function row(request)
  local id = math.tointeger(tonumber(request.query.id or "1")) or 1
  return respond.raw_json(query.json_row(ROW, id) or "null")
end

local function list()
  local bytes = query.json(nil, LIST)
  return respond.json_list(bytes)
end

local function page(request)
  return respond.page(request, "dev/bench", { title = "Программы", nav = "programs", programs = query.rows(LIST) })
end

local function render(request)
  local rows = query.rows(LIST)
  local n = math.tointeger(tonumber(request.query.n or "200"))
  local buffer, view, page_data = require("core.buffer"), require("kit.view"), require("kit.page")
  local what = request.query.what or "page"
  local t0 = os.clock()
  for _ = 1, n do
    if what == "page" then respond.page(request, "dev/bench", { title = "Программы", nav = "programs", programs = rows }) end
    if what == "body" then
      local b = buffer.new()
      view.string("dev/bench", { title = "x", programs = rows }, request)
    end
    if what == "complete" then page_data.complete(request, {}) end
    if what == "layout" then
      local b = buffer.new()
      view.render(b, "dev/bench", page_data.complete(request, { title = "x", programs = {} }), request)
    end
  end
  return respond.text(("%s %.1f us\n"):format(what, (os.clock() - t0) / n * 1e6))
end

local function components(request)
  return respond.page(request, "dev/ui", { title = "Компоненты" })
end

return {
  { "GET", "/dev/bench/plaintext", plaintext, access = "public", session = false, summary = "Короткий текст" },
  { "GET", "/dev/bench/json", object, access = "public", session = false, summary = "Короткий JSON" },
  { "GET", "/dev/bench/row", row, access = "public", session = false, summary = "Одна строка базы" },
  { "GET", "/dev/bench/list", list, access = "public", session = false, summary = "Двадцать строк базы" },
  { "GET", "/dev/bench/page", page, access = "public", summary = "Страница со списком и сеансом" },
  { "GET", "/dev/bench/render", render, access = "public", summary = "x" },
  { "GET", "/dev/ui", components, access = "public", summary = "Компоненты страниц" },
}
