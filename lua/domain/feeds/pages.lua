--- Feeds, the map of the site, robots.txt, and the list of programmes that other sites put into a frame.
local access = require("kit.access")
local competences = require("domain.competences")
local fields = require("domain.feeds.fields")
local form = require("kit.form")
local json = require("core.json")
local programs = require("domain.programs")
local respond = require("kit.respond")
local service = require("domain.feeds.service")
local settings = require("core.settings")
local site = require("domain.site")
local urls = require("kit.urls")
local view_helpers = require("kit.view_helpers")

local RSS, XML, HOUR = "application/rss+xml; charset=utf-8", "application/xml; charset=utf-8", 3600

local function name()
  local region = site.region() or settings.region or {}
  return region.full or region.name or "ЦОПП"
end

local function programs_rss(request)
  local bytes, changed = service.programs_rss(urls.origin(request), name())
  return respond.feed(RSS, bytes, { last_modified = changed, cors = true })
end

local function news_rss(request)
  local bytes, changed = service.news_rss(urls.origin(request), name())
  return respond.feed(RSS, bytes, { last_modified = changed, cors = true })
end

local function programs_json(request)
  local input, err = form.parse(programs.LIST, request.query_all)
  if not input then return respond.problem(err, request) end
  local feed
  feed, err = service.programs_json(urls.origin(request), input)
  if not feed then return respond.problem(err, request) end
  feed.items = json.array(feed.items)
  feed.next_cursor = feed.next_cursor or json.null
  return respond.feed("application/json", json.encode(feed), { cors = true })
end

local function sitemap(request) return respond.feed(XML, service.sitemap_index(urls.origin(request)), { max_age = HOUR }) end
local function sitemap_pages(request) return respond.feed(XML, service.sitemap_pages(urls.origin(request)), { max_age = HOUR }) end

local function sitemap_programs(request)
  local after = math.tointeger(tonumber(request.params.after)) or 0
  local origin = urls.origin(request)
  return respond.stream(XML, function(write) service.sitemap_programs(origin, after, write) end, { ["cache-control"] = "public, max-age=3600" })
end

local ROBOTS = [[
User-agent: *
Disallow: /cabinet
Disallow: /admin
Disallow: /login
Disallow: /register
Disallow: /password
Disallow: /search
Disallow: /view
Disallow: /api
Disallow: /embed
Disallow: /*?*cursor=
Clean-param: sort&theme&vi&size&spacing&font&images&back
Sitemap: %s/sitemap.xml
]]

local function robots(request)
  return respond.feed("text/plain; charset=utf-8", ROBOTS:format(urls.origin(request)), { max_age = HOUR })
end

local function favicon()
  return { status = 302, headers = { location = view_helpers.asset("favicon.svg"), ["cache-control"] = "public, max-age=86400" } }
end

-- ---- the frame

local function embed(request)
  local input, err = form.parse(fields.EMBED, request.query_all)
  if not input then return nil, err end
  local query = urls.with("/programs", { q = input.q, competence = input.competence, kind = input.kind, price = input.price, organization = input.organization })
  return respond.framed(request, "feeds/embed", { title = "Программы обучения", cards = service.embed(input), look = input.theme, columns = input.columns,
    all = urls.origin(request) .. query, name = name() })
end

local function options(map)
  local list = {}
  for value, label in pairs(map) do list[#list + 1] = { value = value, label = label } end
  table.sort(list, function(a, b) return a.label < b.label end)
  return list
end

local function choices()
  local by_competence, by_partner = {}, {}
  for index, row in ipairs(competences.choices()) do by_competence[index] = { value = row.code, label = row.name } end
  for index, row in ipairs(service.partners()) do by_partner[index] = { value = row.id, label = row.short_name } end
  return { competence = by_competence, organization = by_partner, kind = options(programs.KINDS), price = options(programs.PRICES) }
end

-- The form of the builder, from the schema of the frame.
local function shown_fields(typed, err)
  local known, shown = choices(), form.render(fields.EMBED, typed, err)
  for _, field in ipairs(shown) do
    if type(field.value) == "table" then field.value = field.value[1] end
    if known[field.name] then field.type, field.options, field.empty = "select", known[field.name], "любая" end
    if field.type == "enum" then field.type = "select" end
    if field.name == "limit" then field.type = "number" end
  end
  return shown
end

local function builder(request)
  local ok, refused = access.need(request.user, "site.manage")
  if not ok then return nil, refused end
  local input, err = form.parse(fields.EMBED, request.query_all)
  local typed = {}
  for field, values in pairs(request.query_all) do typed[field] = values[1] end
  local origin = urls.origin(request)
  local path = input and urls.with("/embed/programs", input)
  local code = path and ('<iframe src="%s" title="Программы обучения" width="100%%" height="640" loading="lazy"></iframe>')
    :format((origin .. path):gsub("&", "&amp;"))
  return respond.page(request, "feeds/builder", { title = "Список программ для других сайтов", nav = "embed", fields = shown_fields(typed, err), fault = err,
    code = code, frame = path, origin = origin, frames = true }, err and 422 or 200)
end

return {
  { "GET", "/feeds/programs.rss", programs_rss, access = "public", session = false, summary = "Наборы лентой RSS" },
  { "GET", "/feeds/news.rss", news_rss, access = "public", session = false, summary = "Новости лентой RSS" },
  { "GET", "/feeds/programs.json", programs_json, access = "public", session = false, query = programs.LIST, summary = "Каталог для других сайтов, JSON" },
  { "GET", "/sitemap.xml", sitemap, access = "public", session = false, summary = "Карта сайта: указатель" },
  { "GET", "/sitemap-pages.xml", sitemap_pages, access = "public", session = false, summary = "Карта сайта: страницы" },
  { "GET", "/sitemap-programs-{after}.xml", sitemap_programs, access = "public", session = false, summary = "Карта сайта: программы" },
  { "GET", "/robots.txt", robots, access = "public", session = false, summary = "Правила для поисковых роботов" },
  { "GET", "/favicon.ico", favicon, access = "public", session = false, summary = "Значок сайта" },
  { "GET", "/embed/programs", embed, access = "public", session = false, query = fields.EMBED, summary = "Список программ для вставки на другой сайт" },
  { "GET", "/admin/embed", builder, access = { "site.manage" }, summary = "Код для вставки списка программ" },
}
