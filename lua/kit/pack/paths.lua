--- Paths of a pack's words and the patterns that name many of them: "states.*.label". (kit/pack/inside has the same for the inside of
--- a rule state, which requires nothing of ours.)
local paths = {}

--- Does a pattern cover a path, or something above it? "guards" covers "guards.age_suits".
---@param pattern string
---@param path string
---@return boolean
function paths.matches(pattern, path)
  local rest = path
  for part in pattern:gmatch("[^%.]+") do
    local head = rest:match("^[^%.]+")
    if not head or (part ~= "*" and part ~= head) then return false end
    rest = rest:sub(#head + 2)
  end
  return true
end

return paths
