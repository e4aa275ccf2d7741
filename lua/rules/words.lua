--- Words that go with numbers, for what rules say to people.
local words = {}

--- The form that goes with the number: words.plural(2, "%s бронь", "%s брони", "%s броней") → "2 брони".
---@param n integer
---@return string
function words.plural(n, one, few, many)
  local tens, ones = n % 100, n % 10
  local form = many
  if tens < 11 or tens > 14 then form = ones == 1 and one or ones >= 2 and ones <= 4 and few or many end
  return (form:gsub("%%s", tostring(n)))
end

return words
