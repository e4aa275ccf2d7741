--- Plugins in a generation: which lie here, which are enabled and hold, and what they add to the platform.
---
--- A plugin is a folder with plugin.lua (kit.plugin.manifest). Its code never runs in our state: kit.plugin.state gives it one of its
--- own, kit.plugin.host calls it and does what it asks for within what an administrator has granted.
local registry = require("kit.plugin.registry")
local plugin = {}

plugin.find = registry.find
plugin.ids = registry.ids

--- Everything that is wrong with a plugin: manifest, statements, migrations.
---@param found kit.Plugin
---@return table[] faults {file, line, text}
function plugin.check(found) return found.faults end

--- At load, before anything else of plugins.
---@param offered table domain.plugins.offer()
function plugin.offer(offered) registry.offer(offered) end

return plugin
