--- JSON of the catalogue.
local fields = require("domain.programs.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.programs.service")

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local bytes, next_cursor = service.find_json(input)
  if not bytes then return nil, next_cursor end
  return respond.json({ items = json.raw(bytes), next_cursor = next_cursor or json.null })
end

local function show(request)
  local id = math.tointeger(tonumber(request.params.id))
  local program, err = service.get(not id and request.params.id or nil, id)
  if not program then return nil, err end
  program.id = tostring(program.id)
  program.current_version_id = program.current_version_id and tostring(program.current_version_id)
  for _, intake in ipairs(program.intakes) do intake.id = tostring(intake.id) end
  for _, module in ipairs(program.modules) do module.id = tostring(module.id) end
  program.intakes = json.array(program.intakes)
  program.modules = json.array(program.modules)
  return respond.json(program)
end

return {
  { "GET", "/api/v1/programs", list, access = "public", query = fields.LIST, returns = "ProgramList",
    summary = "Каталог опубликованных программ" },
  { "GET", "/api/v1/programs/{id}", show, access = "public", returns = "Program",
    summary = "Программа с модулями и открытыми наборами (по ключу или адресу)" },
}
