--- Coming in through Госуслуги and other providers, as other modules see it.
local json = require("core.json")
local mock = require("domain.signin.mock")
local providers = require("domain.signin.providers")
local russian = require("kit.russian")
local store = require("domain.signin.store")
local transaction = require("kit.transaction")
local urls = require("kit.urls")
local signin = {}

local function ways_in(next_path)
  local list = {}
  for _, provider in ipairs(providers.all()) do
    if provider.is_on then
      list[#list + 1] = { label = providers.label(provider), kind = provider.kind, href = urls.with("/login/with/" .. provider.code, { next = next_path }) }
    end
  end
  return list
end

local function own_providers(user)
  local mine = {}
  for _, row in ipairs(store.identities(user.id)) do mine[row.provider] = row end
  return mine
end

-- Linked ways to prove oneself.
local function ways_to_prove(user, next_path)
  local mine, list = own_providers(user), {}
  for _, provider in ipairs(providers.all()) do
    if provider.is_on and mine[provider.code] then
      list[#list + 1] = { label = providers.label(provider, "Подтвердить через"),
        href = urls.with("/cabinet/security/prove/" .. provider.code, { next = next_path }) }
    end
  end
  return list
end

-- Buttons of the log-in page and of the page of proof.
local function ways(request, data)
  if request.path == "/login" then
    data.ways = ways_in(data.next)
  elseif data.wants_proof then
    data.ways = ways_to_prove(request.user, data.next)
  end
end

-- Linked and linkable identities on «Безопасность».
local function links(request, data)
  if request.path ~= "/cabinet/security" or not data.links then return end
  local mine = own_providers(request.user)
  for _, provider in ipairs(providers.all()) do
    local row, base = mine[provider.code], "/cabinet/security/link/" .. provider.code
    if row then
      table.insert(data.links, { label = provider.name, text = "Привязан " .. russian.datetime(row.created_at), unlink = base .. "/remove" })
    elseif provider.is_on then
      table.insert(data.links, { label = provider.name, text = "Не привязан", href = base, action = "Привязать" })
    end
  end
end

signin.page_data = { { layout = "plain", fn = ways }, { layout = "cabinet", fn = links } }

--- The demo speaks with the mock: keys are made, both providers are switched on. What is set up already stays.
function signin.prepare_demo()
  return transaction.run(function()
    for code, settings in pairs(mock.settings()) do store.use_mock(code, json.encode(settings)) end
    providers.changed()
    return true
  end)
end

return signin
