--- JSON of priority competences.
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.competences.service")
local shape = require("kit.shape")

local function list()
  local items = json.array({})
  for index, row in ipairs(service.list()) do
    items[index] = { id = tostring(row.id), code = row.competence, name = row.name, sector = row.sector or json.null, summary = row.summary,
      about = row.about, year_from = row.year_from, year_to = row.year_to, programs = row.programs, open_programs = row.open_programs }
  end
  return respond.json({ items = items, next_cursor = json.null })
end

local routes = {
  { "GET", "/api/v1/competences", list, access = "public", returns = "CompetenceList", summary = "Приоритетные компетенции региона в этом году" },
}

routes.schemas = {
  Competence = shape.object({ id = shape.id, code = shape.text, name = shape.text, sector = shape.maybe(shape.text), summary = shape.text,
    about = shape.text, year_from = shape.integer, year_to = shape.integer, programs = shape.integer, open_programs = shape.integer }),
}

return routes
