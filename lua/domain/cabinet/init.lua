--- Cabinets: the frame around every page behind the log-in.
local policy = require("domain.cabinet.policy")
local region = require("domain.cabinet.home_region")
local service = require("domain.cabinet.service")
local cabinet = {}

--- Pages of the menu that a user sees, and whether a line like those of the menu is for a user: for the search.
cabinet.pages, cabinet.shows = service.pages, policy.shows

-- Fields of layouts/cabinet.html (see assets/README.md).
local function frame(request, data)
  local user = request.user
  if user.is_guest then return end
  data.menu, data.menu_bottom = service.menu(request)
  data.who, data.grants = service.who(user), service.grants(user)
end

--- kit.page runs this before a view of the layout is rendered.
cabinet.page_data = { { layout = "cabinet", fn = frame } }

cabinet.timers = {
  { name = "cabinet.indicators", every_s = 300, run = region.refresh },
}

return cabinet
