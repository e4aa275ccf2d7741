--- Order of the items within their layers: as few crossings as a few sweeps find. Deterministic.
local order = {}

local SWEEPS = 16

local function each_layer(all, fn, is_upward)
  local first, last = math.huge, -math.huge
  for layer in pairs(all) do first, last = math.min(first, layer), math.max(last, layer) end
  if is_upward then
    for layer = last, first, -1 do if all[layer] then fn(all[layer], layer) end end
  else
    for layer = first, last do if all[layer] then fn(all[layer], layer) end end
  end
end
order.each_layer = each_layer

local function number(items)
  for index, item in ipairs(items) do item.place = index end
end

local function crossings_below(items)
  local ends, count = {}, 0
  for _, item in ipairs(items) do
    local own = {}
    for _, lower in ipairs(item.down) do own[#own + 1] = lower.place end
    for _, place in ipairs(own) do
      for _, former in ipairs(ends) do
        if former > place then count = count + 1 end
      end
    end
    table.move(own, 1, #own, #ends + 1, ends)
  end
  return count
end

local function crossings(all)
  local count = 0
  each_layer(all, function(items) count = count + crossings_below(items) end)
  return count
end

local function mean_place(item, side)
  local list = item[side]
  if #list == 0 then return item.place end
  local sum = 0
  for _, other in ipairs(list) do sum = sum + other.place end
  return sum / #list
end

local function sort_by(items, side)
  for _, item in ipairs(items) do item.wish = mean_place(item, side) end
  table.sort(items, function(a, b)
    if a.wish ~= b.wish then return a.wish < b.wish end
    return a.place < b.place
  end)
  number(items)
end

local function snapshot(all)
  local kept = {}
  for layer, items in pairs(all) do kept[layer] = table.move(items, 1, #items, 1, {}) end
  return kept
end

-- Crossings of the lines of two neighbours on one side, as they stand.
local function crossings_of(left, right, side)
  local count = 0
  for _, a in ipairs(left[side]) do
    for _, b in ipairs(right[side]) do
      if a.place > b.place then count = count + 1 end
    end
  end
  return count
end

-- Swaps neighbours as long as that helps.
local function swap_neighbours(all)
  local is_better = true
  while is_better do
    is_better = false
    each_layer(all, function(items)
      for index = 1, #items - 1 do
        local left, right = items[index], items[index + 1]
        local now = crossings_of(left, right, "up") + crossings_of(left, right, "down")
        if now > crossings_of(right, left, "up") + crossings_of(right, left, "down") then
          items[index], items[index + 1] = right, left
          left.place, right.place, is_better = index + 1, index, true
        end
      end
    end)
  end
end

-- From the order the layers have: the best that the sweeps come by.
local function improve(all)
  each_layer(all, number)
  local best, fewest
  for sweep = 1, SWEEPS do
    local is_upward = sweep % 2 == 0
    each_layer(all, function(items) sort_by(items, is_upward and "down" or "up") end, is_upward)
    swap_neighbours(all)
    local count = crossings(all)
    if not fewest or count < fewest then best, fewest = snapshot(all), count end
  end
  return best, fewest
end

local function restore(all, kept)
  for layer, items in pairs(kept) do all[layer] = table.move(items, 1, #items, 1, {}) end
  each_layer(all, number)
end

local function reversed(kept)
  local made = {}
  for layer, items in pairs(kept) do
    made[layer] = {}
    for index = #items, 1, -1 do table.insert(made[layer], items[index]) end
  end
  return made
end

--- Sorts the layers in place; begins from both ends, since sweeps end where they began to look.
---@param all table[][] of layers.of
function order.sort(all)
  local first = snapshot(all)
  local best, fewest = improve(all)
  restore(all, reversed(first))
  local other, count = improve(all)
  restore(all, count < fewest and other or best)
end

return order
