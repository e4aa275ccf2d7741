--- Where in the files of a set a named thing stands: the layer that spoke last of it, its file, the line.
---
---   local find = places.of(set)
---   find("transitions.enroll.to")   -- {layer = "published", part = "workflows/application", file = "published: …", line = 7}
local outline = require("kit.pack.outline")
local Set = require("kit.pack.set")
local places = {}

local RANK = { product = 1, region = 2, published = 3, organization = 4 }

-- Files of a set, the highest layer first, each with the lines of its names.
local function outlines(set)
  local list = {}
  for _, chunk in ipairs(set.chunks) do
    local place = Set.place(chunk.name)
    if place then list[#list + 1] = { place = place, lines = outline.of(chunk.text), rank = RANK[place.layer] } end
  end
  table.sort(list, function(a, b) return a.rank > b.rank end)
  return list
end

-- A label stands first in its table, or is the whole of it.
local function lookup(lines, path)
  local bare = path:gsub("^guards%.", "")
  while true do
    local line = lines[bare] or lines[(bare:gsub("%.label$", ".1"))]
    if line then return line end
    local parent = bare:match("^(.*)%.[^.]+$")
    -- above a state or a transition is only the list of all
    if not parent or parent == "states" or parent == "transitions" then return nil end
    bare = parent
  end
end

---@param set kit.PackSet
---@return fun(path: string, layer: string?): {layer: string, part: string, file: string, line: integer}? find layer: not above this one
function places.of(set)
  local list = outlines(set)
  return function(path, layer)
    local limit = RANK[layer or set.origin[path] or "organization"]
    local is_guard = path:find("^guards%.") ~= nil
    for _, entry in ipairs(list) do
      local line = entry.rank <= limit and is_guard == (entry.place.part:find("^guards/") ~= nil) and lookup(entry.lines, path)
      if line then return { layer = entry.place.layer, part = entry.place.part, file = entry.place.file, line = line } end
    end
    return nil
  end
end

return places
