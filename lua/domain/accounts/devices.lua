--- Browsers: what to call them, and which of them their owner has come in from before.
local crypto = require("core.crypto")
local store = require("domain.accounts.store_security")
local devices = {}

local COOKIE, YEAR_S = "copp-device", 365 * 86400

-- The first that is found: who imitates others names himself later in the line.
local BROWSERS = {
  { "YaBrowser/", "Яндекс Браузер" }, { "Edg/", "Edge" }, { "OPR/", "Opera" }, { "SamsungBrowser/", "Samsung Internet" },
  { "Firefox/", "Firefox" }, { "FxiOS/", "Firefox" }, { "CriOS/", "Chrome" }, { "Chrome/", "Chrome" }, { "Safari/", "Safari" },
  { "curl/", "curl" },
}
local SYSTEMS = {
  { "Android", "Android" }, { "iPhone", "iPhone" }, { "iPad", "iPad" }, { "Windows", "Windows" }, { "Mac OS X", "macOS" },
  { "CrOS", "ChromeOS" }, { "Linux", "Linux" },
}

local function first_of(list, agent)
  for _, entry in ipairs(list) do
    if agent:find(entry[1], 1, true) then return entry[2] end
  end
end

--- «Chrome на Windows».
---@param agent string? header User-Agent
---@return string
function devices.words(agent)
  agent = agent or ""
  local browser, system = first_of(BROWSERS, agent), first_of(SYSTEMS, agent)
  if browser and system then return browser .. " на " .. system end
  return browser or system or "Неизвестная программа"
end

--- The token of the browser that asks.
---@return string?
function devices.token(request)
  return request:cookie(COOKIE)
end

--- The hash of a browser known for this account; nil when it is not.
---@param user_id integer?
---@param token string?
---@return string?
function devices.hash_of(user_id, token)
  if not user_id or not token or token == "" then return nil end
  local hash = crypto.sha256(token)
  return store.device(hash, user_id) and hash or nil
end

--- Makes the browser of the request a known one.
function devices.remember(request, user_id)
  if devices.hash_of(user_id, devices.token(request)) then return end
  local token = crypto.token(32)
  store.insert_device(crypto.sha256(token), user_id)
  request:set_cookie(COOKIE, token, YEAR_S)
end

return devices
