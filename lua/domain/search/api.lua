--- JSON of the public search.
local fields = require("domain.search.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.search.service")
local shape = require("kit.shape")

local function search(request)
  local input, err = form.parse(fields.SEARCH, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.find(input)
  if not found then return nil, err end
  local items = json.array({})
  for _, group in ipairs(found.groups) do
    for _, item in ipairs(group.items) do
      items[#items + 1] = { kind = item.kind, title = item.title, excerpt = item.excerpt, href = item.href, sub = item.sub or json.null }
    end
  end
  return respond.json({ items = items, next_cursor = found.next_cursor or json.null })
end

local routes = {
  { "GET", "/api/v1/search", search, access = "public", query = fields.SEARCH, returns = "FoundList",
    summary = "Поиск по программам, компетенциям, партнёрам и страницам; с параметром in — постранично по одному виду" },
}
routes.schemas = {
  Found = shape.object({ kind = shape.enum({ "programs", "competences", "organizations", "pages" }), title = shape.text, excerpt = shape.text,
    href = shape.text, sub = shape.maybe(shape.text) }),
}
return routes
