--- Where the items stand on their layers: each as near to the middle of what it is joined with as its neighbours let it.
local order = require("kit.diagram.order")
local place = {}

local GAP, SWEEPS = 14, 10
local WEIGHT = { waypoint = 8, node = 4, box = 2 } -- long lines should run straight

local function distance(left, right) return (left.width + right.width) / 2 + GAP end

-- Least squares under the distances (pool adjacent violators): blocks that touch move as one.
local function settle(items)
  local offset, blocks = 0, {}
  for index, item in ipairs(items) do
    if index > 1 then offset = offset + distance(items[index - 1], item) end
    local block = { weight = WEIGHT[item.kind], first = index, last = index }
    block.sum = (item.wish - offset) * block.weight
    item.offset = offset
    while #blocks > 0 and blocks[#blocks].sum / blocks[#blocks].weight > block.sum / block.weight do
      local former = table.remove(blocks)
      block.sum, block.weight, block.first = block.sum + former.sum, block.weight + former.weight, former.first
    end
    blocks[#blocks + 1] = block
  end
  for _, block in ipairs(blocks) do
    for index = block.first, block.last do items[index].x = block.sum / block.weight + items[index].offset end
  end
end

local function wish(item, sides)
  local sum, count = 0, 0
  for _, side in ipairs(sides) do
    for _, other in ipairs(item[side]) do
      local weight = (item.kind == "waypoint" and other.kind == "waypoint") and 12 or 1
      sum, count = sum + other.x * weight, count + weight
    end
  end
  return count > 0 and sum / count or item.x
end

local function sweep(all, sides, is_upward)
  order.each_layer(all, function(items)
    for _, item in ipairs(items) do item.wish = wish(item, sides) end
    settle(items)
  end, is_upward)
end

--- Sets `x` (middle) of every item, from 0.
---@param all table[][]
---@return number width
function place.items(all)
  order.each_layer(all, function(items)
    local x = 0
    for index, item in ipairs(items) do
      if index > 1 then x = x + distance(items[index - 1], item) end
      item.x = x
    end
  end)
  for _ = 1, SWEEPS do
    sweep(all, { "up" }, false)
    sweep(all, { "down" }, true)
  end
  sweep(all, { "up", "down" }, false)
  local least, most = math.huge, -math.huge
  order.each_layer(all, function(items)
    for _, item in ipairs(items) do
      least, most = math.min(least, item.x - item.width / 2), math.max(most, item.x + item.width / 2)
    end
  end)
  order.each_layer(all, function(items)
    for _, item in ipairs(items) do item.x = item.x - least end
  end)
  return most - least
end

return place
