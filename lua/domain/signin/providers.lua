--- Providers as they are set up: small, asked by every log-in page, hence kept in each worker.
local cached = require("kit.cached")
local json = require("core.json")
local store = require("domain.signin.store")
local providers = {}

local DRIVERS = { esia = "domain.signin.esia", oidc = "domain.signin.oidc" }
local NAMES = { esia = "Госуслуги", oidc = "Единый вход" }

local all = cached.new("signin", function()
  local list = {}
  for index, row in ipairs(store.providers()) do
    local provider = json.decode(row.settings)
    provider.code, provider.kind, provider.is_on, provider.is_mock, provider.version = row.code, row.kind, row.is_on, row.is_mock, row.version
    provider.name = provider.name and provider.name ~= "" and provider.name or NAMES[row.code]
    provider.updated_at = row.updated_at
    list[index], list[row.code] = provider, provider
  end
  return list
end)

--- All of them, by place and by code.
---@return table
function providers.all() return all.get() end

--- One that is switched on; nil otherwise.
---@param code string
function providers.find(code)
  local provider = all.get()[code]
  return provider and provider.is_on and provider or nil
end

function providers.driver(provider) return require(DRIVERS[provider.kind]) end

--- In the writer's transaction.
function providers.changed() cached.changed("signin") end

--- «Войти через Госуслуги», «Войти через «Единый вход»».
function providers.label(provider, verb)
  return (verb or "Войти через") .. " " .. (provider.kind == "esia" and provider.name or "«" .. provider.name .. "»")
end

return providers
