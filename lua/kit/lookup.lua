--- Layers of files, at load: what was published in the browser → region → product. The first layer that has a file gives it.
--- (What is published lies in PostgreSQL, see kit.published; the master writes it into the tree.) Plugins are no layer: what they
--- bring runs in states of its own (kit.plugin), while views and rules of a layer run in ours.
local tree = require("core.tree")
local lookup = {}

local LAYERS = { "published/", "region/", "" }

--- Prefixes of the layers, strongest first.
---@return string[]
function lookup.layers() return LAYERS end

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

--- The file that would be used if nothing were published: for showing what a publication replaces.
---@param path string
---@return string? bytes
---@return string? file path in the tree
function lookup.shipped(path)
  for _, layer in ipairs(lookup.layers()) do
    local bytes = layer ~= "published/" and tree.read(layer .. path)
    if bytes then return bytes, layer .. path end
  end
  return nil
end

--- A Lua module from its strongest layer: for rules, which are data.
---@param name string "rules.workflows.application"
---@return table module
---@return string source text of the file
function lookup.module(name)
  local path = "lua/" .. name:gsub("%.", "/") .. ".lua"
  local bytes, file = lookup.read(path)
  if not bytes then error(("lua/boot.lua:0: no file %s in any layer"):format(path), 0) end
  local layer = file:match("^(%a+)/lua/")
  if layer == "region" or layer == "published" then return require(layer .. "." .. name), bytes end
  return require(name), bytes
end

return lookup
