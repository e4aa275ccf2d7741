--- Addresses in pages: made, and checked.
local settings = require("core.settings")
local text = require("core.text")
local urls = {}

local ATTRIBUTES = { href = true, src = true, action = true, formaction = true, poster = true, data = true }

--- Does an attribute of this name hold an address?
---@return boolean
function urls.is_address(attribute)
  return ATTRIBUTES[attribute] == true
end

--- The address if it leads to http(s), mail, phone or inside this site; "#" otherwise ("javascript:" and the like).
---@param value any
---@return string?
urls.safe = text.link

local function add(parts, name, value)
  parts[#parts + 1] = text.url_encode(name) .. "=" .. text.url_encode(tostring(value))
end

-- Names in order, so that the same page has the same address.
local function sorted_names(params)
  local names, n = {}, 0
  for name in pairs(params) do
    n = n + 1
    names[n] = name
  end
  if n > 1 then table.sort(names) end
  return names
end

local function merge(params, overrides)
  if not params or not overrides then return params or overrides end
  local merged = {}
  for name, value in pairs(params) do merged[name] = value end
  for name, value in pairs(overrides) do merged[name] = value end
  return merged
end

--- An address with a query. Values may be arrays; in overrides false removes a name.
---@param path string
---@param params table<string, any>?
---@param overrides table<string, any>?
---@return string
function urls.with(path, params, overrides)
  local merged = merge(params, overrides)
  if not merged then return path end
  local parts = {}
  for _, name in ipairs(sorted_names(merged)) do
    local value = merged[name]
    if type(value) == "table" then
      for _, item in ipairs(value) do add(parts, name, item) end
    elseif value ~= false and value ~= nil and value ~= "" then
      add(parts, name, value)
    end
  end
  if #parts == 0 then return path end
  return path .. "?" .. table.concat(parts, "&")
end

--- The address of the site as others know it, without a slash at the end.
---@param request kit.Request
---@return string
function urls.origin(request)
  local public = settings.public_url or ""
  return public ~= "" and public:gsub("/+$", "") or request:origin()
end

return urls
