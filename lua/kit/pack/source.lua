--- Where the files of rule packs lie: in the product and in the region's directory. What was published is laid over them by
--- kit.packs.
---
---   source.layers("workflow/application")   -- { {name = "product", files = {["workflows/application"] = text, …}}, {name = "region", …} }
local tree = require("core.tree")
local kinds = require("rules.packs")
local source = {}

local PLACES = { { "product", "" }, { "region", "region/" } }

---@class kit.PackLayer
---@field name string "product", "region", "published" or "organization"
---@field files table<string, string> text by part: "workflows/application"

--- Kind and name of a pack.
---@param id string "workflow/application"
---@return table kind of lua/rules/packs.lua
---@return string name
function source.split(id)
  local kind, name = id:match("^([%w_]+)/([%w_]+)$")
  if not kind or not kinds.kinds[kind] then error("no pack " .. tostring(id), 0) end
  return kinds.kinds[kind], name, kind
end

--- Parts of a pack, the main one first.
---@param id string
---@return string[]
function source.parts(id)
  local kind, name = source.split(id)
  local parts = { kind.folder .. "/" .. name }
  for _, folder in ipairs(kind.beside or {}) do parts[#parts + 1] = folder .. "/" .. name end
  return parts
end

--- The part that holds the tests of a pack: no rule, so no hash of a set names it.
---@param id string
---@return string
function source.tests(id) return "tests/" .. id end

---@param part string
---@return string path below a layer
function source.path(part) return "lua/rules/" .. part .. ".lua" end

--- All packs of product and region, in order.
---@return string[] ids
function source.all()
  local ids, seen = {}, {}
  for _, kind in ipairs(kinds.order) do
    local names = {}
    for _, place in ipairs(PLACES) do
      for _, file in ipairs(tree.list(place[2] .. "lua/rules/" .. kinds.kinds[kind].folder)) do
        local name = file:match("^([%w_]+)%.lua$")
        if name and not seen[kind .. "/" .. name] then
          seen[kind .. "/" .. name] = true
          names[#names + 1] = kind .. "/" .. name
        end
      end
    end
    table.sort(names)
    table.move(names, 1, #names, #ids + 1, ids)
  end
  return ids
end

local function files_of(prefix, parts)
  local files
  for _, part in ipairs(parts) do
    local text = tree.read(prefix .. source.path(part))
    if text then
      files = files or {}
      files[part] = text
    end
  end
  return files
end

--- The layers that come as files, lowest first. The lowest holds the main part.
---@param id string
---@return kit.PackLayer[]
function source.layers(id)
  local parts, layers = source.parts(id), {}
  parts[#parts + 1] = source.tests(id)
  for _, place in ipairs(PLACES) do
    local files = files_of(place[2], parts)
    if files then layers[#layers + 1] = { name = place[1], files = files } end
  end
  return layers
end

--- Is there such a pack in product or region?
---@param id string what somebody typed
---@return boolean
function source.exists(id)
  local kind = tostring(id):match("^([%w_]+)/[%w_]+$")
  return kind ~= nil and kinds.kinds[kind] ~= nil and #source.layers(id) > 0
end

--- Files that every pack may require.
---@return table<string, string> text by part
function source.shared()
  local files = {}
  for _, part in ipairs(kinds.shared) do files[part] = tree.read(source.path(part)) end
  return files
end

return source
