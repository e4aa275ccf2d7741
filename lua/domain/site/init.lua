--- The public site around the catalogue.
local fields = require("domain.site.fields")
local service = require("domain.site.service")
local site = { settings = fields.SETTINGS, region = service.region }

-- Every layout shows the region's line; the public ones its contacts as well.
local function frame(_, data)
  data.region = service.region() or data.region
end

site.page_data = { { fn = frame } }
site.timers = { { name = "site.numbers", every_s = 600, run = service.count } }

return site
