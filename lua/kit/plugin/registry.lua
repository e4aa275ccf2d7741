--- Plugins that lie on this machine (plugins/ of the product, plugins/ of the region; the region's go first) and which of them an
--- administrator has enabled: published/lua/plugins/<id>.lua, a file of the published layer, so that it lies in PostgreSQL, is tried by
--- a reload and reaches every worker and node at once.
local crypto = require("core.crypto")
local data_file = require("kit.plugin.data_file")
local ddl = require("kit.plugin.ddl")
local json = require("core.json")
local manifest = require("kit.plugin.manifest")
local sql = require("kit.plugin.sql")
local tree = require("core.tree")
local registry = {}

registry.API = "1.0.0"
local ROOTS = { "region/plugins/", "plugins/" }
local ENABLED = "published/lua/plugins/"
local MAX_FILES, MAX_BYTES = 200, 512 * 1024

---@class kit.Plugin
---@field id string
---@field dir string
---@field source table
---@field manifest kit.Manifest?
---@field faults table[]
---@field statements table<string, table>
---@field migrations table[]
---@field asks table what needs an administrator's consent
---@field fingerprint string of what was asked and of the migrations
---@field enabled table? {fingerprint, version, at}

local known

--- What this platform offers to plugins: at load.
---@param offered {hooks: table, slots: table, tables: table, roles: table, core: string}
function registry.offer(offered)
  known = offered
  known.api = registry.API
end

function registry.known() return known end

-- Files below a folder of the tree: a plugin reads nothing else.
local function source_of(dir)
  local source = { dir = dir }
  function source.read(path)
    if path:find("%.%.") or path:find("^/") then return nil end
    return (tree.read(dir .. path))
  end
  function source.list(path)
    local names = {}
    for _, name in ipairs(tree.list(dir .. path)) do
      if name:sub(-1) ~= "/" then names[#names + 1] = name end
    end
    return names
  end
  return source
end

local function collect(dir, below, found)
  for _, name in ipairs(tree.list(dir .. below)) do
    local path = below .. name
    if name:sub(-1) == "/" then
      if path ~= "tests/" and path ~= "migrations/" then collect(dir, path, found) end
    elseif #found < MAX_FILES then
      found[#found + 1] = path
    end
  end
  return found
end

--- The texts of a plugin's Lua modules and views by path: {["lib/math.lua"] = text}, {["views/tab.html"] = text}.
---@return table<string, string>? modules
---@return table<string, string>|string views_or_reason
function registry.files(plugin)
  local modules, views, total = {}, {}, 0
  for _, path in ipairs(collect(plugin.dir, "", {})) do
    local bytes = (path:find("%.lua$") or path:find("^views/.*%.html$")) and plugin.source.read(path)
    if bytes then total = total + #bytes end
    if total > MAX_BYTES then return nil, "файлы плагина больше 512 КБ" end
    if bytes and path:find("%.html$") then views[path] = bytes
    elseif bytes and path ~= "plugin.lua" and path ~= "sql.lua" and not path:find("^locale/") then
      modules[path] = bytes
    end
  end
  return modules, views
end

local function names_of(list)
  local names = {}
  for i, item in ipairs(list) do names[i] = item.name end
  return names
end

-- What an administrator consents to. The same asking has the same fingerprint, whatever the version.
local function asks_of(made, migrations)
  local hooks, routes = {}, {}
  for i, hook in ipairs(made.hooks) do hooks[i] = hook.name end
  for i, route in ipairs(made.routes) do routes[i] = route.method .. " " .. route.path end
  return { read = made.capabilities.read, writes = made.capabilities.writes, http_out = made.capabilities.http_out,
    timer = made.capabilities.timer, outbox = made.capabilities.outbox, hooks = hooks, routes = routes, limits = made.limits,
    migrations = names_of(migrations) }
end

local function sorted_text(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = tostring(key) .. "=" .. sorted_text(item) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

local function read_plugin(id, dir)
  local plugin = { id = id, dir = dir, source = source_of(dir), statements = {}, migrations = {}, is_regional = dir:find("^region/") ~= nil }
  plugin.manifest, plugin.faults = manifest.read(plugin.source, known)
  if not plugin.manifest then return plugin end
  local more
  plugin.statements, plugin.faults = sql.read(plugin.source, plugin.manifest)
  plugin.migrations, more = ddl.read(plugin.source, plugin.manifest)
  table.move(more, 1, #more, #plugin.faults + 1, plugin.faults)
  plugin.asks = asks_of(plugin.manifest, plugin.migrations)
  plugin.fingerprint = crypto.sha256(sorted_text(plugin.asks)):sub(1, 24)
  return plugin
end

local function read_enabled(id)
  local text = tree.read(ENABLED .. id .. ".lua")
  return text and (data_file.read(text, ENABLED .. id .. ".lua")) or nil
end

--- A plugin by its id, nil when there is no such folder.
---@return kit.Plugin?
function registry.find(id)
  if not id:find("^[a-z][a-z0-9_]*$") then return nil end
  for _, root in ipairs(ROOTS) do
    if #tree.list(root .. id) > 0 then
      local plugin = read_plugin(id, root .. id .. "/")
      plugin.enabled = read_enabled(id)
      return plugin
    end
  end
  return nil
end

--- Ids of all folders, sorted.
---@return string[]
function registry.ids()
  local ids, seen = {}, {}
  for _, root in ipairs(ROOTS) do
    for _, name in ipairs(tree.list(root)) do
      local id = name:match("^([a-z][a-z0-9_]*)/$")
      if id and not seen[id] then
        seen[id] = true
        ids[#ids + 1] = id
      end
    end
  end
  table.sort(ids)
  return ids
end

--- The published file that enables a plugin.
function registry.enabling(plugin, at)
  return ("return {\n  id = %q,\n  version = %q,\n  fingerprint = %q,\n  at = %q,\n}\n"):format(plugin.id, plugin.manifest.version,
    plugin.fingerprint, at)
end

function registry.enabling_path(id) return "lua/plugins/" .. id .. ".lua" end

--- The ids that are enabled, whether or not their folders are still here.
---@return string[]
function registry.enabled_ids()
  local ids = {}
  for _, name in ipairs(tree.list(ENABLED)) do ids[#ids + 1] = name:match("^([a-z][a-z0-9_]*)%.lua$") end
  return ids
end

--- For pages: what was asked, as JSON.
function registry.asks_json(plugin) return json.encode(plugin.asks) end

return registry
