--- Differences of two texts by lines, as a page or a terminal shows them.
local differ = {}

local MOST = 4000 -- lines; beyond it texts are shown as wholly changed

local function lines_of(text)
  local list = {}
  if text == "" then return list end
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\n") do list[#list + 1] = line end
  return list
end

-- Where two texts begin and end alike: the search is for what lies between.
local function trim(a, b)
  local first, last = 0, 0
  while first < #a and first < #b and a[first + 1] == b[first + 1] do first = first + 1 end
  while last < #a - first and last < #b - first and a[#a - last] == b[#b - last] do last = last + 1 end
  return first, last
end

-- Longest common subsequence of what lies between; a row of lengths for each line of a.
local function lengths(a, b, first, last)
  local rows, width = {}, #b - last - first
  rows[#a - last + 1] = {}
  for i = #a - last, first + 1, -1 do
    local row, below = {}, rows[i + 1]
    for j = width, 1, -1 do
      if a[i] == b[first + j] then row[j] = (below[j + 1] or 0) + 1
      else row[j] = math.max(below[j] or 0, row[j + 1] or 0) end
    end
    rows[i] = row
  end
  return rows
end

-- Of what both could do next, the step that keeps more lines alike: both, or only the one side.
local function step(rows, a, b, i, j, first, ends)
  local has_a, has_b = i <= ends.a, j <= ends.b
  if has_a and has_b and a[i] == b[j] then return " " end
  if not has_b then return "-" end
  if not has_a then return "+" end
  return (rows[i + 1][j - first] or 0) >= (rows[i][j - first + 1] or 0) and "-" or "+"
end

local function between(a, b, first, last, add)
  local ends = { a = #a - last, b = #b - last }
  if (ends.a - first) * (ends.b - first) > MOST * MOST / 4 then
    for i = first + 1, ends.a do add("-", i, nil, a[i]) end
    for j = first + 1, ends.b do add("+", nil, j, b[j]) end
    return
  end
  local rows, i, j = lengths(a, b, first, last), first + 1, first + 1
  while i <= ends.a or j <= ends.b do
    local mark = step(rows, a, b, i, j, first, ends)
    add(mark, mark ~= "+" and i or nil, mark ~= "-" and j or nil, mark == "+" and b[j] or a[i])
    if mark ~= "+" then i = i + 1 end
    if mark ~= "-" then j = j + 1 end
  end
end

--- All lines of both texts in order.
---@param before string
---@param after string
---@return {mark: " "|"-"|"+", before: integer?, after: integer?, text: string}[]
function differ.lines(before, after)
  local a, b, list = lines_of(before), lines_of(after), {}
  local function add(mark, i, j, text) list[#list + 1] = { mark = mark, before = i, after = j, text = text } end
  local first, last = trim(a, b)
  for i = 1, first do add(" ", i, i, a[i]) end
  between(a, b, first, last, add)
  for k = last - 1, 0, -1 do add(" ", #a - k, #b - k, a[#a - k]) end
  return list
end

--- The same in groups with some unchanged lines around each change.
---@param before string
---@param after string
---@param around integer? 3 unless given
---@return {mark: string, before: integer?, after: integer?, text: string}[][] hunks none when the texts are equal
function differ.hunks(before, after, around)
  around = around or 3
  local list, hunks, near = differ.lines(before, after), {}, {}
  for index, line in ipairs(list) do
    if line.mark ~= " " then
      for k = math.max(1, index - around), math.min(#list, index + around) do near[k] = true end
    end
  end
  for index, line in ipairs(list) do
    if near[index] then
      if not near[index - 1] then hunks[#hunks + 1] = {} end
      table.insert(hunks[#hunks], line)
    end
  end
  return hunks
end

return differ
