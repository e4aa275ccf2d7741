--- What is kept of a person as lines that people read.
local fields = require("domain.privacy.fields")
local json = require("core.json")
local russian = require("kit.russian")
local present = {}

local WORDS = { male = "мужской", female = "женский", web = "в кабинете", paper = "на бумаге", esia = "через Госуслуги", given = "дано",
  withdrawn = "отозвано", superseded = "заменено", expired = "истекло", active = "действует" }

local function word(value)
  if type(value) ~= "string" then return tostring(value) end
  if value:find("^%d%d%d%d%-%d%d%-%d%d %d%d:") then return russian.datetime(value) end
  if value:find("^%d%d%d%d%-%d%d%-%d%d$") then return russian.date(value) end
  return WORDS[value] or value
end

local function is_shown(value) return value ~= nil and value ~= json.null and value ~= "" and type(value) ~= "table" end

local function lines_of(object)
  local lines = {}
  for _, name in ipairs(fields.NAMES) do
    if is_shown(object[name[1]]) then lines[#lines + 1] = { label = name[2], value = word(object[name[1]]) } end
  end
  return lines
end

--- Groups with their entries: { {title, entries = { { {label, value} } } } }; an empty group says so.
function present.groups(data)
  local groups = {}
  for index, group in ipairs(fields.GROUPS) do
    local found, entries = data[group[1]], {}
    if found and found[1] ~= nil then
      for i, object in ipairs(found) do entries[i] = lines_of(object) end
    elseif found then
      entries[1] = lines_of(found)
    end
    groups[index] = { id = group[1], title = group[2], entries = entries }
  end
  return groups
end

return present
