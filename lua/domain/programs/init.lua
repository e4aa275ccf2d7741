--- Catalogue of programmes, as other modules see it.
local service = require("domain.programs.service")
local programs = {}

--- A published programme with modules and open intakes, by its key.
---@param id integer
---@return table? program
---@return kit.Error? err
function programs.get(id)
  return service.get(nil, id)
end

return programs
