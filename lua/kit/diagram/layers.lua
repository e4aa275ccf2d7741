--- Layers of a diagram: nodes stand on even layers, the boxes of arrows on odd ones between them. What must pass a layer on its way
--- gets a waypoint there; ways into the same box, and into the same node, share theirs and run as one line.
local layers = {}

-- Arrows that lead back to where one has come from would make the longest way endless.
local function forward_edges(graph)
  local out, state, edges = {}, {}, {}
  for _, arrow in ipairs(graph.arrows) do
    for _, from in ipairs(arrow.from) do
      out[from] = out[from] or {}
      table.insert(out[from], arrow.to)
    end
  end
  local function visit(id)
    state[id] = "open"
    for _, to in ipairs(out[id] or {}) do
      if state[to] ~= "open" then edges[#edges + 1] = { id, to } end
      if not state[to] then visit(to) end
    end
    state[id] = "done"
  end
  visit(graph.start)
  for _, node in ipairs(graph.nodes) do
    if not state[node.id] then visit(node.id) end
  end
  return edges
end

-- The longest way to each node.
local function ranks_of(graph)
  local rank, edges = {}, forward_edges(graph)
  for _, node in ipairs(graph.nodes) do rank[node.id] = 0 end
  for _ = 1, #graph.nodes do
    local is_settled = true
    for _, edge in ipairs(edges) do
      if rank[edge[2]] < rank[edge[1]] + 1 then
        rank[edge[2]] = rank[edge[1]] + 1
        is_settled = false
      end
    end
    if is_settled then break end
  end
  return rank
end

--- The nodes in the order of a life: by how far they are from the start, then as given.
---@return table[] nodes
function layers.in_order(graph)
  local rank, place, sorted = ranks_of(graph), {}, {}
  for index, node in ipairs(graph.nodes) do sorted[index], place[node] = node, index end
  table.sort(sorted, function(a, b)
    if rank[a.id] ~= rank[b.id] then return rank[a.id] < rank[b.id] end
    return place[a] < place[b]
  end)
  return sorted
end

-- Where the box of an arrow stands: below its lowest source, or above its highest when it leads back.
local function box_layer(arrow, rank)
  local least, most = math.huge, -math.huge
  for _, from in ipairs(arrow.from) do
    least, most = math.min(least, rank[from]), math.max(most, rank[from])
  end
  if rank[arrow.to] < least then return 2 * least - 1 end
  return 2 * most + 1
end

local function new_item(all, layer, kind, width)
  local item = { layer = layer, kind = kind, width = width, up = {}, down = {} }
  all[layer] = all[layer] or {}
  table.insert(all[layer], item)
  return item
end

local function join(upper, lower)
  for _, known in ipairs(upper.down) do
    if known == lower then return end
  end
  table.insert(upper.down, lower)
  table.insert(lower.up, upper)
end

-- The items from one to the other, with waypoints between; `shared` keeps the waypoints of one bundle by layer.
local function way(all, from, to, shared)
  local list, step, former = { from }, from.layer < to.layer and 1 or -1, from
  for layer = from.layer + step, to.layer - step, step do
    local key = layer * step
    shared[key] = shared[key] or new_item(all, layer, "waypoint", 10)
    list[#list + 1] = shared[key]
  end
  list[#list + 1] = to
  for index = 2, #list do
    local item = list[index]
    if step > 0 then join(former, item) else join(item, former) end
    former = item
  end
  return list
end

--- Layers of a graph {start, nodes = {{id, width}}, arrows = {{id, from = {ids}, to, width}}}.
---@return table[][] all items {layer, kind, width, up, down, id} by layer, from 0
---@return table<string, table> nodes item by id
---@return table<string, table> arrows {box, ways = {items}, out = items} by id
function layers.of(graph)
  local rank, all, nodes, arrows, into = ranks_of(graph), {}, {}, {}, {}
  for _, node in ipairs(graph.nodes) do
    nodes[node.id] = new_item(all, 2 * rank[node.id], "node", node.width)
    into[node.id] = {}
  end
  for _, arrow in ipairs(graph.arrows) do
    local box = new_item(all, box_layer(arrow, rank), "box", arrow.width)
    local made, shared = { box = box, ways = {} }, {}
    for index, from in ipairs(arrow.from) do made.ways[index] = way(all, nodes[from], box, shared) end
    made.out = way(all, box, nodes[arrow.to], into[arrow.to])
    arrows[arrow.id] = made
  end
  return all, nodes, arrows
end

return layers
