--- Diagrams of states and what leads from one to another, laid out by the server: layers from top to bottom, each arrow with its
--- words in a box of its own, so that every state and every arrow can be a link. views/parts/diagram.html draws them.
---
---   local drawing = diagram.draw({ start = "draft",
---     nodes = { { id = "draft", label = "Черновик", tone = "neu", is_final = false, href = "…" } },
---     arrows = { { id = "submit", label = "Подать", from = { "draft" }, to = "submitted", href = "…" } } })
local layers = require("kit.diagram.layers")
local order = require("kit.diagram.order")
local place = require("kit.diagram.place")
local rails = require("kit.diagram.rails")
local diagram = {}

local MARGIN, NODE_PAD, BOX_PAD = 16, 26, 18
local NODE_LINE, BOX_LINE = 18, 16
local GAP = 20 -- between layers
local MOST_NODE, MOST_BOX = 20, 18 -- characters of a line

-- Measured roughly: broad letters count more.
local function width_of(text, size)
  local units = 0
  for _, code in utf8.codes(text) do
    local letter = utf8.char(code)
    units = units + (("шщжмюфыЖШЩМЮФЫДА"):find(letter, 1, true) and 0.74 or ("il.,:;!|- ()"):find(letter, 1, true) and 0.36 or 0.58)
  end
  return units * size
end

local function wrap(text, most)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    local longer = line == "" and word or line .. " " .. word
    if line ~= "" and utf8.len(longer) > most then
      lines[#lines + 1] = line
      line = word
    else
      line = longer
    end
  end
  lines[#lines + 1] = line
  return lines
end

local function measure(item, most, size, pad)
  local lines, width = wrap(item.label, most), 0
  for _, line in ipairs(lines) do width = math.max(width, width_of(line, size)) end
  return lines, math.ceil(width + pad)
end

local function sized(graph)
  local made = { start = graph.start, nodes = {}, arrows = {} }
  for index, node in ipairs(graph.nodes) do
    local lines, width = measure(node, MOST_NODE, 14, NODE_PAD)
    made.nodes[index] = { id = node.id, width = width, lines = lines, height = #lines * NODE_LINE + 16, given = node }
  end
  for index, arrow in ipairs(graph.arrows) do
    local lines, width = measure(arrow, MOST_BOX, 12.5, BOX_PAD)
    made.arrows[index] = { id = arrow.id, from = arrow.from, to = arrow.to, width = width, lines = lines, height = #lines * BOX_LINE + 8, given = arrow }
  end
  return made
end

-- Sets `y` (middle) and `height` of every item; a layer is as high as its highest.
local function stack(all, graph, nodes, arrows)
  for _, node in ipairs(graph.nodes) do nodes[node.id].height = node.height end
  for _, arrow in ipairs(graph.arrows) do arrows[arrow.id].box.height = arrow.height end
  local y = MARGIN + 18 -- the dot of the beginning
  order.each_layer(all, function(items)
    local height = 0
    for _, item in ipairs(items) do height = math.max(height, item.height or 0) end
    for _, item in ipairs(items) do
      item.y, item.height = y + height / 2, item.height or 0
      item.x = item.x + MARGIN
    end
    y = y + height + GAP
  end)
  return y - GAP + MARGIN
end

local function number(value) return ("%.1f"):format(value) end

-- A curve that leaves and arrives upright.
local function curve(parts, x1, y1, x2, y2)
  if math.abs(x1 - x2) < 0.5 then
    parts[#parts + 1] = ("L%s %s"):format(number(x2), number(y2))
    return
  end
  local middle = number((y1 + y2) / 2)
  parts[#parts + 1] = ("C%s %s %s %s %s %s"):format(number(x1), middle, number(x2), middle, number(x2), number(y2))
end

-- The line along the items of a way; a waypoint's height is crossed straight.
local function line_of(items, shifts)
  local parts, is_down = {}, items[1].y < items[#items].y
  local sign = is_down and 1 or -1
  local x, y
  for index, item in ipairs(items) do
    local at = item.x + (shifts and shifts[item] or 0)
    local enter, leave = item.y - sign * item.height / 2, item.y + sign * item.height / 2
    if index == 1 then
      parts[1] = ("M%s %s"):format(number(at), number(leave))
    else
      curve(parts, x, y, at, enter)
    end
    x, y = at, leave
  end
  return table.concat(parts), is_down, x
end

local function head_of(item, x, is_down)
  local y = is_down and item.y - item.height / 2 or item.y + item.height / 2
  local back = is_down and y - 8 or y + 8
  return ("M%s %sL%s %sL%s %sZ"):format(number(x), number(y), number(x - 4.5), number(back), number(x + 4.5), number(back))
end

local function box_of(item)
  return { x = number(item.x - item.width / 2), y = number(item.y - item.height / 2), width = number(item.width), height = number(item.height) }
end

local function text_of(item, lines, step)
  local list, first = {}, item.y - (#lines - 1) * step / 2
  for index, line in ipairs(lines) do list[index] = { x = number(item.x), y = number(first + (index - 1) * step), text = line } end
  return list
end

-- What arrives where something leaves ends a little aside.
local function end_shift(way)
  local last, is_down = way[#way], way[1].y < way[#way].y
  return { [last] = last[is_down and "leaves_up" or "leaves_down"] and (is_down and -6 or 6) or 0 }
end

local function note_leaving(ways)
  for _, way in ipairs(ways) do way[1][way[1].y < way[2].y and "leaves_down" or "leaves_up"] = true end
end

local function drawn_arrow(arrow, made)
  local lines = {}
  for index, way in ipairs(made.ways) do lines[index] = (line_of(way)) end
  local shifts = end_shift(made.out)
  local last, is_down, x = line_of(made.out, shifts)
  lines[#lines + 1] = last
  return { given = arrow.given, path = table.concat(lines), head = head_of(made.out[#made.out], x, is_down), box = box_of(made.box),
    text = text_of(made.box, arrow.lines, BOX_LINE) }
end

--- Lays a graph out.
---@param graph {start: string, nodes: {id: string, label: string}[], arrows: {id: string, label: string, from: string[], to: string}[]}
---@return table drawing {width, height, start = {x, y, path}, nodes = {{given, box, text}}, arrows = {{given, path, head, box, text}}}
function diagram.draw(graph)
  local measured = sized(graph)
  local all, nodes, arrows = layers.of(measured)
  order.sort(all)
  local width = place.items(all)
  local height = stack(all, measured, nodes, arrows)
  local made = { width = math.ceil(width + 2 * MARGIN), height = math.ceil(height), nodes = {}, arrows = {} }
  for index, node in ipairs(measured.nodes) do
    local item = nodes[node.id]
    made.nodes[index] = { given = node.given, box = box_of(item), text = text_of(item, node.lines, NODE_LINE) }
  end
  for _, arrow in pairs(arrows) do note_leaving(arrow.ways) end
  for index, arrow in ipairs(measured.arrows) do made.arrows[index] = drawn_arrow(arrow, arrows[arrow.id]) end
  local first = nodes[graph.start]
  made.start = first and { x = number(first.x), y = number(first.y - first.height / 2 - 20),
    path = ("M%s %sV%s"):format(number(first.x), number(first.y - first.height / 2 - 14), number(first.y - first.height / 2 - 2)) } or nil
  return made
end

--- The same as one column for phones: each state with its arrows below, lines run beside.
---@param graph table as of draw
---@return table drawing as of draw
function diagram.column(graph)
  local measured = sized(graph)
  local made = rails.lay(measured, layers.in_order(measured))
  for _, list in ipairs({ made.nodes, made.arrows }) do
    for _, one in ipairs(list) do
      one.text = text_of(one.item, one.lines, list == made.nodes and NODE_LINE or BOX_LINE)
      one.box, one.item, one.lines = box_of(one.item), nil, nil
    end
  end
  return made
end

--- Ids of the nodes in the order of a life.
---@return string[]
function diagram.order(graph)
  local ids = {}
  for index, node in ipairs(layers.in_order(graph)) do ids[index] = node.id end
  return ids
end

return diagram
