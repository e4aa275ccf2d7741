--- Search over the site.
local fields = require("domain.search.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local service = require("domain.search.service")

local function search(request)
  local input, err = form.parse(fields.SEARCH, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.find(input)
  if not found then return nil, err end
  return respond.site(request, "search/index", {
    title = input.q and "Поиск: " .. input.q or "Поиск по сайту", nav = "search", q = input.q, chosen = input["in"], kinds = fields.KINDS,
    groups = found.groups, next_cursor = found.next_cursor, is_short = found.is_short, robots = "noindex",
  })
end

return { { "GET", "/search", search, access = "public", query = fields.SEARCH, summary = "Поиск по сайту" } }
