--- «Сведения об образовательной организации» (273-ФЗ, ст. 29): what the data of the platform say by themselves. The rest an
--- administrator writes as blocks of the subsection.
local content = require("domain.content")
local errors = require("kit.errors")
local store = require("domain.sveden.store")
local service = {}

local PROGRAMS_SHOWN = 100

service.PARTS = content.SVEDEN

local drawn = {}
function drawn.common(organization) return { organization = organization } end
function drawn.managers(organization) return { organization = organization } end
function drawn.employees(organization) return { employees = store.employees(organization.id) } end
function drawn.objects(organization) return { rooms = store.rooms(organization.id) } end
function drawn.vacant(organization) return { vacant = store.vacant(organization.id) } end
function drawn.paid(organization) return { paid = store.paid(organization.id) } end
function drawn.education(organization, cursor)
  local rows, next_cursor = store.PROGRAMS:page({ filters = { owner = organization.id }, limit = PROGRAMS_SHOWN, cursor = cursor })
  if not rows then return nil, next_cursor end
  return { programs = rows, next_cursor = next_cursor }
end

local function part_named(name)
  for _, part in ipairs(service.PARTS) do
    if part[1] == name then return part end
  end
end

--- A subsection with its data and its blocks.
---@return table? part {id, title, blocks, …}
---@return kit.Error? err
function service.part(name, cursor)
  local known = part_named(name)
  if not known then return nil, errors.not_found("page", name) end
  local organization = drawn[name] and store.organization()
  local part, err = {}, nil
  if organization then part, err = drawn[name](organization, cursor) end
  if not part then return nil, err end
  part.id, part.title = name, known[2]
  part.blocks = content.section_blocks("sveden-" .. name)
  return part
end

return service
