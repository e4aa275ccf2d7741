--- Partners of the centre, as other modules see them.
local service = require("domain.partners.service")
local partners = {}

--- The first ones by name, for blocks of pages.
---@return table[] rows {id, short_name, kind_name, municipality, workshops, programs}
function partners.first(limit) return (service.list({ limit = limit })) end

return partners
