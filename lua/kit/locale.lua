--- Texts of the interface. lua/locale/ru.lua is a tree; keys are dotted paths: "errors.forbidden".
--- A region's layer may override single keys (kit.lookup passes them to locale.overlay at load).
local russian_texts = require("locale.ru")
local locale = {}

local flat

local function flatten(tree, prefix, into)
  for key, value in pairs(tree) do
    if type(value) == "table" then
      flatten(value, prefix .. key .. ".", into)
    else
      into[prefix .. key] = value
    end
  end
  return into
end

--- The text, or nil when there is none.
---@param key string
---@return string?
function locale.find(key)
  flat = flat or flatten(russian_texts, "", {})
  return flat[key]
end

--- The text with {names} replaced; a missing key raises, since that is our mistake.
---@param key string
---@param values table<string, any>?
---@return string
function locale.text(key, values)
  local found = locale.find(key)
  if not found then error("no text for the key " .. key, 2) end
  if not values then return found end
  return (found:gsub("{([%w_]+)}", function(name)
    return values[name] ~= nil and tostring(values[name]) or ""
  end))
end

--- Lays a region's texts over ours. At load only.
---@param tree table
function locale.overlay(tree)
  flat = flatten(tree, "", flat or flatten(russian_texts, "", {}))
end

return locale
