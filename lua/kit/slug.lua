--- Words in an address: Russian in Latin letters, everything else a hyphen.
---
---   slug.of("День открытых дверей — 2026")   -- "den-otkrytyh-dverej-2026"
local text = require("core.text")
local slug = {}

local LETTERS = {
  ["а"] = "a", ["б"] = "b", ["в"] = "v", ["г"] = "g", ["д"] = "d", ["е"] = "e", ["ё"] = "yo", ["ж"] = "zh", ["з"] = "z", ["и"] = "i",
  ["й"] = "j", ["к"] = "k", ["л"] = "l", ["м"] = "m", ["н"] = "n", ["о"] = "o", ["п"] = "p", ["р"] = "r", ["с"] = "s", ["т"] = "t",
  ["у"] = "u", ["ф"] = "f", ["х"] = "h", ["ц"] = "c", ["ч"] = "ch", ["ш"] = "sh", ["щ"] = "shch", ["ъ"] = "", ["ы"] = "y", ["ь"] = "",
  ["э"] = "e", ["ю"] = "yu", ["я"] = "ya",
}
local MAX = 70

--- "" when nothing of the text can stand in an address.
---@param value string
---@return string
function slug.of(value)
  local latin = text.lower(value):gsub("[\xD0\xD1][\x80-\xBF]", LETTERS)
  local words = latin:gsub("[^a-z0-9]+", "-"):gsub("^%-+", ""):sub(1, MAX):gsub("%-+$", "")
  return words
end

return slug
