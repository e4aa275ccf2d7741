--- The demo's own dice (SplitMix64): the same numbers on every machine and in every version of Lua.
local random = {}
random.__index = random

---@param seed integer
function random.new(seed) return setmetatable({ state = seed }, random) end

--- An integer from 0 to n - 1.
function random:below(n)
  local state = self.state + 0x9E3779B97F4A7C15
  self.state = state
  state = (state ~ (state >> 30)) * 0xBF58476D1CE4E5B9
  state = (state ~ (state >> 27)) * 0x94D049BB133111EB
  return ((state ~ (state >> 31)) >> 33) % n
end

function random:between(low, high) return low + self:below(high - low + 1) end

--- True with a chance of `percent`.
function random:chance(percent) return self:below(100) < percent end

function random:pick(list) return list[self:below(#list) + 1] end

--- One of `choices` = {{value, weight}, …}.
function random:weighted(choices)
  local total = 0
  for _, choice in ipairs(choices) do total = total + choice[2] end
  local rest = self:below(total)
  for _, choice in ipairs(choices) do
    rest = rest - choice[2]
    if rest < 0 then return choice[1] end
  end
end

return random
