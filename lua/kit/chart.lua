--- Geometry of charts that the server draws: x in percent, y in pixels, so that words keep their size on any width.
local chart = {}

local HEIGHT, TOP, BOTTOM, LEFT = 220, 12, 26, 8 -- of the drawing; LEFT in percent, for the numbers of the axis
local STEPS = { 1, 2, 5 }

-- The round step that gives at most five lines.
local function step_of(most)
  local power = 1
  while true do
    for _, step in ipairs(STEPS) do
      if most <= step * power * 4 then return step * power end
    end
    power = power * 10
  end
end

--- Columns in groups.
---@param groups {label: string, values: integer[]}[]
---@param say fun(n: integer): string
---@return table drawing {height, base, lines = {{y, label}}, columns = {{x, width, y, height, series}}, labels = {{x, text}}}
function chart.columns(groups, say)
  local most = 1
  for _, group in ipairs(groups) do
    for _, value in ipairs(group.values) do most = math.max(most, value) end
  end
  local step = step_of(most)
  local top = step * math.ceil(most / step)
  local base = HEIGHT - BOTTOM
  local scale = (base - TOP) / top
  local made = { height = HEIGHT, base = base, lines = {}, columns = {}, labels = {} }
  for value = 0, top, step do made.lines[#made.lines + 1] = { y = ("%.1f"):format(base - value * scale), label = say(value) } end
  local width = (100 - LEFT) / #groups
  for index, group in ipairs(groups) do
    local left = LEFT + (index - 1) * width
    local each = width * 0.7 / #group.values
    for series, value in ipairs(group.values) do
      made.columns[#made.columns + 1] = { series = series, x = ("%.2f%%"):format(left + width * 0.15 + (series - 1) * each),
        width = ("%.2f%%"):format(each * 0.9), y = ("%.1f"):format(base - value * scale), height = ("%.1f"):format(value * scale) }
    end
    made.labels[index] = { x = ("%.2f%%"):format(left + width / 2), text = group.label }
  end
  return made
end

return chart
