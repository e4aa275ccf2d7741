--- Versions "1.4.0" and what one asks of another: "^1.2", "~1.2.3", ">=0.1 <2", "1.4.0". Parts that are left out are zero.
local semver = {}

---@param text any
---@return integer[]? version {major, minor, patch}
function semver.parse(text)
  if type(text) ~= "string" then return nil end
  local version = {}
  for part in (text .. "."):gmatch("([^.]*)%.") do
    if not part:find("^%d%d?%d?%d?%d?%d?$") or #version == 3 then return nil end
    version[#version + 1] = math.tointeger(tonumber(part))
  end
  for i = #version + 1, 3 do version[i] = 0 end
  return version
end

---@return integer negative, 0 or positive
function semver.compare(a, b)
  for i = 1, 3 do
    if a[i] ~= b[i] then return a[i] - b[i] end
  end
  return 0
end

-- The first version that is no longer meant by ^: the leftmost part that is not zero may not change.
local function above_caret(v)
  if v[1] > 0 then return { v[1] + 1, 0, 0 } end
  if v[2] > 0 then return { 0, v[2] + 1, 0 } end
  return { 0, 0, v[3] + 1 }
end

local tests = {
  ["="] = function(have, v) return semver.compare(have, v) == 0 end,
  [">="] = function(have, v) return semver.compare(have, v) >= 0 end,
  [">"] = function(have, v) return semver.compare(have, v) > 0 end,
  ["<="] = function(have, v) return semver.compare(have, v) <= 0 end,
  ["<"] = function(have, v) return semver.compare(have, v) < 0 end,
  ["^"] = function(have, v) return semver.compare(have, v) >= 0 and semver.compare(have, above_caret(v)) < 0 end,
  ["~"] = function(have, v) return semver.compare(have, v) >= 0 and semver.compare(have, { v[1], v[2] + 1, 0 }) < 0 end,
}

--- A range as a test of versions; nil when it cannot be read.
---@param range any
---@return (fun(version: string): boolean)?
function semver.range(range)
  if type(range) ~= "string" or not range:find("%S") then return nil end
  local list = {}
  for part in range:gmatch("%S+") do
    local sign, rest = part:match("^([<>=^~]*)(.*)$")
    local test, version = tests[sign == "" and "=" or sign], semver.parse(rest)
    if not test or not version then return nil end
    list[#list + 1] = { test, version }
  end
  return function(version)
    local have = semver.parse(version)
    for _, one in ipairs(list) do
      if not have or not one[1](have, one[2]) then return false end
    end
    return true
  end
end

return semver
