--- The search of the cabinets: the page, and the list below the field while somebody types.
local fields = require("domain.finder.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local service = require("domain.finder.service")

local PAGE = 20

local function page(request)
  local input, err = form.parse(fields.SEARCH, request.query_all)
  if not input then return nil, err end
  input.limit = input.limit or PAGE
  local found = service.find(request.user, input)
  return respond.page(request, "finder/page", { title = "Поиск", nav = "search", q = input.q, groups = found.groups, count = found.count })
end

local function options(request)
  local input, err = form.parse(fields.SEARCH, request.query_all)
  if not input then return nil, err end
  local found = service.find(request.user, input)
  return respond.page(request, "finder/options", { q = input.q, groups = found.groups, count = found.count })
end

return {
  { "GET", "/cabinet/search", page, access = "user", query = fields.SEARCH, summary = "Поиск по кабинету" },
  { "GET", "/cabinet/search/options", options, access = "user", query = fields.SEARCH, summary = "Подсказки поиска" },
}
