--- The catalogue and the news for programs: RSS, JSON, the map of the site.
local competences = require("domain.competences")
local content = require("domain.content")
local fields = require("domain.feeds.fields")
local programs = require("domain.programs")
local russian = require("kit.russian")
local store = require("domain.feeds.store")
local text = require("core.text")
local service = {}

local ITEMS, BATCH = 50, 1000
local SECTIONS = { "/", "/programs", "/competences", "/events", "/career", "/vacancies", "/employers", "/about", "/partners", "/timetable", "/news", "/documents",
  "/contacts", "/sveden", "/privacy" }

-- ---- RSS

local function element(name, value) return ("<%s>%s</%s>"):format(name, text.escape(value), name) end

local function rss(origin, feed, items)
  local parts = { '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>',
    element("title", feed.title), element("link", origin .. feed.path), element("description", feed.description), element("language", "ru"),
    ('<atom:link href="%s" rel="self" type="application/rss+xml"/>'):format(text.escape(origin .. feed.self)) }
  local changed, changed_s
  for _, item in ipairs(items) do
    if not changed_s or item.changed_s > changed_s then changed, changed_s = item.changed, item.changed_s end
    parts[#parts + 1] = "<item>" .. element("title", item.title) .. element("link", origin .. item.path)
      .. ('<guid isPermaLink="false">%s</guid>'):format(text.escape(item.guid)) .. element("pubDate", item.published)
      .. element("description", item.description) .. "</item>"
  end
  if changed then table.insert(parts, 7, element("lastBuildDate", changed)) end
  parts[#parts + 1] = "</channel></rss>\n"
  return table.concat(parts), changed
end

--- Intakes that take applications now, the newest first.
---@return string bytes, string? changed HTTP date
function service.programs_rss(origin, name)
  local items = {}
  for index, row in ipairs(store.newest_programs(ITEMS)) do
    local price = row.price == "0.00" and "бесплатно" or russian.money(row.price)
    items[index] = { title = row.title, path = "/programs/" .. row.slug, guid = "intake-" .. row.intake_id, published = row.published, changed = row.changed,
      changed_s = row.changed_s, description = ("%s %s, %s. Начало %s, заявки до %s."):format(row.annotation,
        russian.plural(row.hours_total, "%s час", "%s часа", "%s часов"), price, russian.date(row.starts_on, "long"), russian.date(row.closes_on, "long")) }
  end
  return rss(origin, { title = "Программы обучения — " .. name, path = "/programs", self = "/feeds/programs.rss",
    description = "Наборы на программы, открытые для заявок" }, items)
end

function service.news_rss(origin, name)
  local items = {}
  for index, row in ipairs(store.newest_news(ITEMS)) do
    items[index] = { title = row.title, path = "/news/" .. row.slug, guid = "news-" .. row.slug, published = row.published, changed = row.changed,
      changed_s = row.changed_s, description = row.lead }
  end
  return rss(origin, { title = "Новости — " .. name, path = "/news", self = "/feeds/news.rss", description = "Новости и объявления центра" }, items)
end

-- ---- JSON

--- A page of the catalogue for other sites.
---@return table? feed
---@return kit.Error? err
function service.programs_json(origin, input)
  local found, err = programs.find(input)
  if not found then return nil, err end
  local items = {}
  for index, card in ipairs(found.cards) do
    items[index] = { id = tostring(card.id), title = card.title, url = origin .. "/programs/" .. card.slug, kind = card.kind, kind_name = programs.KINDS[card.kind],
      hours = card.hours_total, form = card.form, form_name = programs.FORMS[card.form], annotation = card.annotation, organization = card.organization,
      competence = card.competence, starts_on = card.starts_on, places = card.places, free_places = card.places and math.max(card.places - card.taken, 0) or nil,
      price = card.price, apply_url = card.intake_id and origin .. "/cabinet/applications/new?intake=" .. card.intake_id or nil }
  end
  return { items = items, total = found.total, next_cursor = found.next_cursor }
end

-- ---- the map

local function address(origin, path, changed)
  return "<url><loc>" .. text.escape(origin .. path) .. "</loc>" .. (changed and "<lastmod>" .. changed .. "</lastmod>" or "") .. "</url>\n"
end

local HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<%s xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'

--- The index: one map of pages, and maps of programmes of at most 50 000 addresses.
function service.sitemap_index(origin)
  local parts = { HEAD:format("sitemapindex"), "<sitemap><loc>" .. text.escape(origin .. "/sitemap-pages.xml") .. "</loc></sitemap>\n" }
  for _, cut in ipairs(store.program_pages(fields.SITEMAP_PAGE)) do
    parts[#parts + 1] = "<sitemap><loc>" .. text.escape(("%s/sitemap-programs-%d.xml"):format(origin, cut.after)) .. "</loc></sitemap>\n"
  end
  parts[#parts + 1] = "</sitemapindex>\n"
  return table.concat(parts)
end

function service.sitemap_pages(origin)
  local parts = { HEAD:format("urlset") }
  for _, path in ipairs(SECTIONS) do parts[#parts + 1] = address(origin, path) end
  for _, row in ipairs(competences.list()) do parts[#parts + 1] = address(origin, "/competences/" .. row.competence) end
  for _, row in ipairs(store.partner_addresses()) do parts[#parts + 1] = address(origin, "/partners/" .. row.id) end
  for _, row in ipairs(content.addresses()) do parts[#parts + 1] = address(origin, content.path_of(row), row.published_at:sub(1, 10)) end
  parts[#parts + 1] = "</urlset>\n"
  return table.concat(parts)
end

--- Writes the map of programmes after a key, piece by piece.
---@param write fun(chunk: string): boolean?
function service.sitemap_programs(origin, after, write)
  if not write(HEAD:format("urlset")) then return end
  local left = fields.SITEMAP_PAGE
  repeat
    local rows = store.program_addresses(after, math.min(BATCH, left))
    local parts = {}
    for index, row in ipairs(rows) do parts[index] = address(origin, "/programs/" .. row.slug, row.changed) end
    if #rows > 0 then
      after, left = rows[#rows].id, left - #rows
      if not write(table.concat(parts)) then return end
    end
  until #rows < BATCH or left <= 0
  write("</urlset>\n")
end

-- ---- the frame

--- Filters of the catalogue out of the parameters of the frame.
function service.embed(input)
  local cards = programs.cards({ q = input.q, competence = input.competence, kind = input.kind, price = input.price, organization = input.organization },
    input.limit or 6)
  return cards
end

service.partners = store.partners

return service
