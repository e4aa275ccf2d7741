---@meta core.settings
--- What the installation was told (config/default.lua documents each key), read-only: settings.region.zone.
--- settings.version is that of the product.
---@type table<string, any>
local settings = {}

---@class core.SettingDescription
---@field key string
---@field value any whether it is set, for a secret
---@field origin string "default", "region" or "environment"
---@field env string?
---@field reason string
---@field is_secret boolean

--- Every setting with where its value came from, for the page of settings.
---@return core.SettingDescription[]
function settings.described() end

return settings
