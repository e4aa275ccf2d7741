--- Public pages of the catalogue.
local fields = require("domain.programs.fields")
local form = require("kit.form")
local present = require("domain.programs.present")
local respond = require("kit.respond")
local service = require("domain.programs.service")
local urls = require("kit.urls")

local FIRST_VALUES = 6 -- longer facets fold the rest under «Ещё»

local function is_chosen(input, facet_id, value)
  for _, chosen in ipairs(input[facet_id] or {}) do
    if chosen == value then return true end
  end
  return false
end

local function facet_view(facet, rows, input)
  local values = {}
  for _, row in ipairs(rows or {}) do
    local label = facet.labels and facet.labels[row.value] or row.name
    if label then
      values[#values + 1] = {
        id = facet.id .. "-" .. row.value, name = facet.id, value = row.value, label = label, count = row.n,
        checked = is_chosen(input, facet.id, row.value), folded = #values >= FIRST_VALUES,
      }
    end
  end
  return { id = facet.id, title = facet.title, values = values, more = math.max(0, #values - FIRST_VALUES) }
end

local function without(query_all, name, value)
  local rest = {}
  for key, values in pairs(query_all) do
    if key ~= "cursor" then
      for _, v in ipairs(values) do
        if not (key == name and v == value) then
          rest[key] = rest[key] or {}
          table.insert(rest[key], v)
        end
      end
    end
  end
  return rest
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.find(input)
  if not found then return nil, err end
  local facets, chosen = {}, {}
  for _, facet in ipairs(fields.FACETS) do
    local view = facet_view(facet, found.facets[facet.id], input)
    facets[#facets + 1] = view
    for _, value in ipairs(view.values) do
      if value.checked then
        chosen[#chosen + 1] = { label = value.label, query = without(request.query_all, facet.id, value.value) }
      end
    end
  end
  local cards = {}
  for i, card in ipairs(found.cards) do cards[i] = present.card(card, "h2") end
  return respond.site(request, "programs/list", {
    description = "Короткие программы: профессии с нуля, повышение квалификации, переподготовка. Отбор по компетенции, времени, стоимости.",
    feed = { title = "Наборы на программы", href = "/feeds/programs.rss" },
    title = "Программы обучения", nav = "programs", total = found.total, facets = facets, chosen = chosen,
    cards = cards, next_cursor = found.next_cursor, text = input.q, sort = input.sort or "start",
    sorts = fields.SORTS, query = request.query_all,
  })
end

local function show(request)
  local program, err = service.get(request.params.slug)
  if not program then return nil, err end
  local similar = {}
  for i, card in ipairs(service.similar(program)) do similar[i] = present.card(card) end
  return respond.site(request, "programs/show", {
    title = program.title, nav = "programs", program = program, forms = fields.FORMS, shifts = fields.SHIFTS, hours = present.hours(program),
    similar = similar, description = program.annotation, og_type = "article", json_ld = present.json_ld(program, urls.origin(request)),
  })
end

return {
  { "GET", "/programs", list, access = "public", query = fields.LIST, summary = "Каталог программ" },
  { "GET", "/programs/{slug}", show, access = "public", summary = "Страница программы" },
}
