--- First page of the platform, and the sections that stand around the catalogue.
local clock = require("core.clock")
local competences = require("domain.competences")
local content = require("domain.content")
local partners = require("domain.partners")
local programs = require("domain.programs")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.site.service")
local urls = require("kit.urls")

local CARDS, COMPETENCES, NEWS, PARTNERS = 6, 8, 3, 8

-- The card of the hero: the programme that starts first.
local function first_start(row)
  if not row or not row.starts_on then return nil end
  local days = russian.day_number(row.starts_on) - russian.day_number(clock.date())
  return {
    title = row.title, href = "/programs/" .. row.slug, apply = "/cabinet/applications/new?intake=" .. row.intake_id, hours = row.hours_total,
    organization = row.organization, places = row.places, taken = math.min(row.taken, row.places), free = math.max(row.places - row.taken, 0),
    when = days <= 0 and "уже идёт" or days == 1 and "завтра" or "через " .. russian.plural(days, "%s день", "%s дня", "%s дней"),
  }
end

local function organization_ld(request, region)
  local origin = urls.origin(request)
  return { ["@context"] = "https://schema.org", ["@type"] = "EducationalOrganization", name = region.full or region.name, url = origin .. "/",
    address = region.address, telephone = region.phone, email = region.email, sameAs = region.site }
end

local function home(request)
  local nearest = programs.nearest(CARDS)
  local region = service.region() or {}
  local news = content.news({ limit = NEWS }) or {}
  for _, row in ipairs(news) do row.src = row.picture and "/media/" .. row.picture end
  return respond.site(request, "site/home", {
    title = "Обучение новой профессии", nav = "home", total = nearest.total, cards = nearest.cards, first = first_start(nearest.first),
    tags = nearest.competences, competences = competences.cards(COMPETENCES), competence_total = #competences.list(), numbers = service.numbers(),
    news = news, partners = partners.first(PARTNERS), blocks = content.section_blocks("home"), json_ld = organization_ld(request, region),
    description = "Короткие программы обучения на современном оборудовании колледжей и предприятий региона.",
    feed = { title = "Программы обучения", href = "/feeds/programs.rss" },
  })
end

-- What a section shows besides its blocks, by slug.
local more = {}
function more.about() return { numbers = service.numbers() } end
function more.contacts() return { places = service.places() } end
function more.employers() return { cards = programs.cards({}, 3) } end

local DESCRIPTIONS = {
  about = "Чем занимается центр опережающей профессиональной подготовки.", contacts = "Адрес, телефоны, почта и часы работы центра.",
  documents = "Документы центра.", events = "Мероприятия центра и партнёров.", career = "Помощь в выборе профессии.",
  vacancies = "Вакансии работодателей региона.", employers = "Обучение сотрудников и заказ программ.",
  privacy = "Как платформа обращается с персональными данными и какие файлы cookie использует.",
}

local function section(known)
  return function(request)
    local blocks, page = content.section_blocks(known.slug)
    local data = more[known.slug] and more[known.slug](request) or {}
    data.title, data.nav, data.blocks = page and page.title or known.title, known.slug, blocks
    data.lead = page and page.lead ~= "" and page.lead or nil
    data.description = data.lead or DESCRIPTIONS[known.slug]
    return respond.site(request, "site/" .. known.slug, data)
  end
end

local routes = { { "GET", "/", home, access = "public", summary = "Главная страница" } }
for _, known in ipairs(content.SECTIONS) do
  if DESCRIPTIONS[known.slug] then
    routes[#routes + 1] = { "GET", known.path, section(known), access = "public", summary = known.title }
  end
end

return routes
