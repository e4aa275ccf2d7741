--- What was typed, as the search understands it: folded, split, and also as it would read in the other keyboard layout.
local text = require("core.text")
local words = {}

local LATIN = [[qwertyuiop[]asdfghjkl;'zxcvbnm,.`]]
local RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"

local to_russian, to_latin = {}, {}
do
  local position = 0
  for _, code in utf8.codes(RUSSIAN) do
    position = position + 1
    local letter, key = utf8.char(code), LATIN:sub(position, position)
    to_russian[key], to_latin[letter] = letter, key
  end
end

--- Lower case, ё = е, one space between words: as fold() of the database.
---@param typed string
---@return string
function words.fold(typed)
  return (text.trim(text.lower(typed)):gsub("ё", "е"):gsub("%s+", " "))
end

-- Keys struck in the wrong layout: «ghjuhfvvf» was meant as «программа», «зщкеащдшщ» as "portfolio". nil when nothing changes.
local function other_layout(typed)
  local lower = text.lower(typed)
  local map = lower:find("[\208\209]") and to_latin or to_russian
  local changed = lower:gsub(utf8.charpattern, map)
  return changed ~= lower and changed or nil
end

-- Words as patterns of LIKE, the longest first: it narrows most.
local function patterns(folded)
  local list = {}
  for word in folded:gmatch("%S+") do
    if #list < 6 then list[#list + 1] = "%" .. word:gsub("[\\%%_]", "\\%0") .. "%" end
  end
  table.sort(list, function(a, b) return #a > #b end)
  return list
end

---@class domain.finder.Words
---@field readings string[] folded: as typed, then in the other layout
---@field patterns string[][] of each reading
---@field words string[] those that slips of the pen are looked for in
---@field beginnings string[] patterns of words at the beginning
---@field is_long boolean long enough for names (three letters of a word have an index)

--- Reads what was typed; nil when there is nothing.
---@param typed string?
---@return domain.finder.Words?
function words.read(typed)
  local folded = words.fold(typed or "")
  if folded == "" then return nil end
  local readings = { folded }
  local other = other_layout(typed)
  if other then readings[2] = words.fold(other) end
  local made = { readings = readings, patterns = {}, words = {}, beginnings = {}, is_long = false }
  for index, reading in ipairs(readings) do
    made.patterns[index] = patterns(reading)
    for word in reading:gmatch("%S+") do
      local length = utf8.len(word) or 0
      if length >= 3 then made.beginnings[#made.beginnings + 1] = word:gsub("[\\%%_]", "\\%0") .. "%" end
      if length >= 4 and #made.words < 6 then made.words[#made.words + 1] = word end
    end
  end
  made.is_long = #made.beginnings > 0
  return made
end

--- Does a label hold all words of one of the readings?
---@param label string
---@param asked domain.finder.Words
---@return boolean
function words.holds(label, asked)
  local folded = words.fold(label)
  for _, reading in ipairs(asked.readings) do
    local holds = true
    for word in reading:gmatch("%S+") do holds = holds and folded:find(word, 1, true) ~= nil end
    if holds then return true end
  end
  return false
end

return words
