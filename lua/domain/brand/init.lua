--- Colours, logo and fonts of the region, changed in the browser.
local json = require("core.json")
local service = require("domain.brand.service")
local brand = {}

brand.assets = { ["contrast.json"] = function(bytes) service.use(json.decode(bytes)) end }

return brand
