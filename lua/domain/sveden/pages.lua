--- «Сведения об образовательной организации».
local respond = require("kit.respond")
local service = require("domain.sveden.service")

local TITLE = "Сведения об образовательной организации"

local function index(request)
  return respond.site(request, "sveden/index", { title = TITLE, nav = "sveden", parts = service.PARTS,
    description = "Обязательный раздел сайта: сведения о центре, его программах, людях и помещениях." })
end

local function show(request)
  local part, err = service.part(request.params.part, request.query.cursor)
  if not part then return nil, err end
  return respond.site(request, "sveden/show", { title = part.title, nav = "sveden", part = part, parts = service.PARTS, root = TITLE })
end

return {
  { "GET", "/sveden", index, access = "public", summary = TITLE },
  { "GET", "/sveden/{part}", show, access = "public", summary = "Подраздел сведений об образовательной организации" },
}
