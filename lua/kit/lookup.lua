--- Layers of files, at load: region → enabled plugins → product. The first layer that has a file gives it.
--- (What an administrator published lies in PostgreSQL and joins with the rule store.)
local tree = require("core.tree")
local lookup = {}

local PRODUCT = ""

local layers

local function directories(dir)
  local names = {}
  for _, name in ipairs(tree.list(dir)) do
    if name:sub(-1) == "/" then names[#names + 1] = name:sub(1, -2) end
  end
  return names
end

--- Prefixes of the layers, strongest first: "region/", "plugins/<id>/", "".
---@return string[]
function lookup.layers()
  if layers then return layers end
  layers = { "region/" }
  for _, id in ipairs(directories("plugins")) do layers[#layers + 1] = "plugins/" .. id .. "/" end
  layers[#layers + 1] = PRODUCT
  return layers
end

--- The file of the strongest layer that has it.
---@param path string below the layer: "views/programs/list.html"
---@return string? bytes
---@return string? file path in the tree
function lookup.read(path)
  for _, layer in ipairs(lookup.layers()) do
    local bytes = tree.read(layer .. path)
    if bytes then return bytes, layer .. path end
  end
  return nil
end

local function collect(layer, dir, suffix, found)
  for _, name in ipairs(tree.list(layer .. dir)) do
    if name:sub(-1) == "/" then
      collect(layer, dir .. "/" .. name:sub(1, -2), suffix, found)
    elseif name:sub(-#suffix) == suffix then
      local path = dir .. "/" .. name
      found[path] = found[path] or layer .. path
    end
  end
end

--- All files below a directory with this ending, each from its strongest layer: {path → file in the tree}.
---@param dir string
---@param suffix string
---@return table<string, string>
function lookup.all(dir, suffix)
  local found = {}
  for _, layer in ipairs(lookup.layers()) do collect(layer, dir, suffix, found) end
  return found
end

--- A Lua module, from the region's lua/ when it has it: for rules, which are data.
---@param name string "rules.workflows.application"
---@return table module
---@return string source text of the file
function lookup.module(name)
  local path = "lua/" .. name:gsub("%.", "/") .. ".lua"
  local bytes, file = lookup.read(path)
  if not bytes then error(("lua/boot.lua:0: no file %s in any layer"):format(path), 0) end
  local prefix = file:match("^region/") and "region." or file:match("^plugins/([^/]+)/")
  if prefix == "region." then return require("region." .. name), bytes end
  if prefix then return require("plugins." .. prefix .. ".lua." .. name), bytes end
  return require(name), bytes
end

return lookup
