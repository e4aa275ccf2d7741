--- Plugins: what developers add. The mechanism is kit.plugin; here are what this platform offers to them, the administrator's pages and
--- the commands.
local catalogue = require("domain.plugins.catalogue")
local settings = require("core.settings")
local plugins = {}

--- For boot: hooks, places on pages and tables, with the version of the platform.
function plugins.offer()
  return { hooks = catalogue.hooks, slots = catalogue.slots, tables = catalogue.tables, roles = catalogue.roles,
    object_fields = catalogue.OBJECT, core = settings.version or "0.0.0" }
end

--- `copp plugin …`
---@param args table<string, string> verb, id, yes
function plugins.command(args) return require("domain.plugins.commands").run(args) end

return plugins
