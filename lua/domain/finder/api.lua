--- JSON of the search of the cabinets.
local fields = require("domain.finder.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.finder.service")
local shape = require("kit.shape")

local function find(request)
  local input, err = form.parse(fields.SEARCH, request.query_all)
  if not input then return nil, err end
  local items = {}
  for _, group in ipairs(service.find(request.user, input).groups) do
    for _, item in ipairs(group.items) do items[#items + 1] = { kind = group.id, title = item.title, sub = item.sub, href = item.href } end
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

return {
  { "GET", "/api/v1/me/search", find, access = "user", query = fields.SEARCH, returns = "MatchList", summary = "Поиск по кабинету" },
  schemas = { Match = shape.object({ kind = shape.text, title = shape.text, sub = shape.text, href = shape.text }) },
}
