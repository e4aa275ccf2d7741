--- Differences of texts (domain/rules/differ) for views. Pure.
local view = {}

-- Line pairs for two columns: what went stands beside what came.
local function paired(hunk)
  local rows, gone = {}, {}
  for _, line in ipairs(hunk) do
    if line.mark == "-" then
      gone[#gone + 1] = { left = line, mark = "-" }
      rows[#rows + 1] = gone[#gone]
    elseif line.mark == "+" and gone[1] then
      local row = table.remove(gone, 1)
      row.right, row.mark = line, "~"
    elseif line.mark == "+" then
      rows[#rows + 1] = { right = line, mark = "+" }
    else
      gone = {}
      rows[#rows + 1] = { left = line, right = line, mark = " " }
    end
  end
  return rows
end

--- Parts of a difference {hunks} ready for parts/rules_diff: lines in pairs, counts.
---@param parts table[]
---@return table[] the same parts
function view.parts(parts)
  for _, part in ipairs(parts) do
    part.name = part.part and part.part .. ".lua" or part.file
    part.added, part.removed = 0, 0
    for index, hunk in ipairs(part.hunks) do
      for _, line in ipairs(hunk) do
        if line.mark == "+" then part.added = part.added + 1 elseif line.mark == "-" then part.removed = part.removed + 1 end
      end
      part.hunks[index] = paired(hunk)
    end
  end
  return parts
end

return view
