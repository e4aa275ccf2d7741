---@meta core.settings
--- What the installation was told (config/default.lua documents each key), read-only: settings.region.zone.
---@type table<string, any>
local settings = {}

return settings
