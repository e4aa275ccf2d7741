--- A diagram as one column, for narrow screens: every node with the boxes of its arrows below it. What else leads into a box runs on
--- rails at the left; where a box leads to, on rails at the right, one for all that lead to the same node.
local rails = {}

local MARGIN, RAIL, ROUND, INDENT, TRUNK = 6, 9, 5, 30, 15
local BELOW_NODE, BELOW_BOX, BELOW_GROUP = 8, 6, 16

-- Rows from top to bottom; sets x (left), y (middle).
local function stack(graph, order)
  local after, place, node_of = {}, {}, {}
  for index, node in ipairs(order) do place[node.id], node_of[node.id], after[node.id] = index, node, {} end
  for _, arrow in ipairs(graph.arrows) do
    local last = arrow.from[1]
    for _, from in ipairs(arrow.from) do
      if place[from] > place[last] then last = from end
    end
    arrow.owner = node_of[last]
    table.insert(after[last], arrow)
  end
  local y = MARGIN
  for _, node in ipairs(order) do
    node.x, node.y = 0, y + node.height / 2
    y = y + node.height + BELOW_NODE
    for _, arrow in ipairs(after[node.id]) do
      arrow.x, arrow.y = INDENT, y + arrow.height / 2
      y = y + arrow.height + BELOW_BOX
    end
    y = y + BELOW_GROUP
  end
  return y - BELOW_GROUP + MARGIN, node_of
end

-- Gives each span the first rail on which nothing is in its way; short ones stay inside.
local function give_rails(spans)
  table.sort(spans, function(a, b)
    local long_a, long_b = a.bottom - a.top, b.bottom - b.top
    if long_a ~= long_b then return long_a < long_b end
    return a.top < b.top
  end)
  local taken = {}
  for _, span in ipairs(spans) do
    local rail = 1
    local function is_free()
      for _, other in ipairs(taken[rail] or {}) do
        if span.top < other.bottom + 4 and other.top < span.bottom + 4 then return false end
      end
      return true
    end
    while not is_free() do rail = rail + 1 end
    taken[rail] = taken[rail] or {}
    table.insert(taken[rail], span)
    span.rail = rail
  end
  return #taken
end

local function span_of(list, key, made)
  local span = made[key]
  if not span then
    span = { top = math.huge, bottom = -math.huge }
    made[key], list[#list + 1] = span, span
  end
  return span
end

local function widen(span, ...)
  for _, y in ipairs({ ... }) do span.top, span.bottom = math.min(span.top, y), math.max(span.bottom, y) end
end

local function spans_of(graph, node_of)
  local left, right, into, out = {}, {}, {}, {}
  for _, arrow in ipairs(graph.arrows) do
    for _, from in ipairs(arrow.from) do
      if node_of[from] ~= arrow.owner then widen(span_of(left, arrow, into), node_of[from].y, arrow.y) end
    end
    widen(span_of(right, arrow.to, out), arrow.y, node_of[arrow.to].y)
  end
  return left, right, into, out
end

local function say(pattern, ...)
  local list = { ... }
  for index, value in ipairs(list) do list[index] = ("%.1f"):format(value) end
  return (pattern:gsub("%$(%d)", function(index) return list[tonumber(index)] end))
end

-- Along a rail with round corners: sideways, up or down, sideways.
local function bent(x1, y1, rail, x2, y2)
  local turn, side = y2 > y1 and ROUND or -ROUND, rail > x1 and ROUND or -ROUND
  if math.abs(y2 - y1) < 2 * ROUND then return say("M$1 $2H$3V$4H$5", x1, y1, rail, y2, x2) end
  return say("M$1 $2H$3", x1, y1, rail - side) .. say("Q$1 $2 $1 $3V$4", rail, y1, y1 + turn, y2 - turn)
    .. say("Q$1 $2 $3 $2H$4", rail, y2, rail - side, x2)
end

local function path_of(arrow, node_of, into, out, left_edge, right_edge)
  local owner, target = arrow.owner, node_of[arrow.to]
  local trunk = owner.x + TRUNK
  local parts = { say("M$1 $2V$3H$4", trunk, owner.y + owner.height / 2, arrow.y, arrow.x) }
  for _, from in ipairs(arrow.from) do
    local source = node_of[from]
    if source ~= owner then parts[#parts + 1] = bent(source.x, source.y, left_edge - into[arrow].rail * RAIL, arrow.x, arrow.y) end
  end
  local tip = target.x + target.width
  parts[#parts + 1] = bent(arrow.x + arrow.width, arrow.y, right_edge + out[arrow.to].rail * RAIL, tip + 5, target.y)
  return table.concat(parts), say("M$1 $2L$3 $4L$3 $5Z", tip, target.y, tip + 8, target.y - 4.5, target.y + 4.5)
end

local function middle(item) return { x = item.x + item.width / 2, y = item.y, width = item.width, height = item.height } end

--- Lays measured nodes and arrows out.
---@param graph {nodes: table[], arrows: table[]} with width, height, lines, given
---@param order table[] its nodes from top to bottom
---@return table drawing {width, height, nodes = {{given, item, lines}}, arrows = {{given, path, head, item, lines}}}
function rails.lay(graph, order)
  local height, node_of = stack(graph, order)
  local left, right, into, out = spans_of(graph, node_of)
  local start, right_edge = MARGIN + give_rails(left) * RAIL + RAIL, 0
  for _, list in ipairs({ graph.nodes, graph.arrows }) do
    for _, item in ipairs(list) do
      item.x = item.x + start
      right_edge = math.max(right_edge, item.x + item.width)
    end
  end
  local made = { height = math.ceil(height), width = math.ceil(right_edge + (give_rails(right) + 1) * RAIL + MARGIN), nodes = {}, arrows = {} }
  for index, node in ipairs(graph.nodes) do made.nodes[index] = { given = node.given, item = middle(node), lines = node.lines } end
  for index, arrow in ipairs(graph.arrows) do
    local path, head = path_of(arrow, node_of, into, out, start, right_edge)
    made.arrows[index] = { given = arrow.given, path = path, head = head, item = middle(arrow), lines = arrow.lines }
  end
  return made
end

return rails
