--- Setting providers up: saving, and «Проверить», which says what is wrong before anybody tries to log in.
local access = require("kit.access")
local audit = require("kit.audit")
local clock = require("core.clock")
local errors = require("kit.errors")
local fetch = require("core.fetch")
local fields = require("domain.signin.fields")
local form = require("kit.form")
local http = require("domain.signin.http")
local json = require("core.json")
local providers = require("domain.signin.providers")
local secret = require("kit.secret")
local signer = require("domain.signin.signer")
local store = require("domain.signin.store")
local transaction = require("kit.transaction")
local setup = {}

local SKEW_S = 60

local function secret_name(code, name) return "signin." .. code .. "." .. name end

--- One provider with what its page shows of the secrets.
---@return table? provider
---@return kit.Error? err
function setup.get(user, code)
  local ok, err = access.need(user, "signin.manage")
  if not ok then return nil, err end
  local provider = providers.all()[code]
  if not provider then return nil, errors.not_found("signin_provider", code) end
  local secrets = {}
  for index, one in ipairs(fields.SECRETS[provider.kind]) do
    local set = secret.is_set(secret_name(code, one.name))
    secrets[index] = { name = one.name, label = one.label, multiline = one.multiline, set_at = set and set.set_at }
  end
  return provider, secrets
end

-- What is needed before it may be shown to people.
local function lacks(kind, values, is_mock)
  if is_mock then return nil end
  local needed = kind == "esia" and { "client_id", "host", "issuer", "scopes", "authorize_path", "token_path", "order_authorize", "order_token", "signer", "verify" }
    or { "issuer", "client_id", "scopes" }
  local list = {}
  for _, name in ipairs(needed) do
    if values[name] == nil or values[name] == "" then list[#list + 1] = { field = name, code = "required", message = "Без этого вход не включить" } end
  end
  return #list > 0 and errors.invalid(list) or nil
end

--- Saves the settings. An empty secret leaves the one that is set.
---@return true? ok
---@return kit.Error? err
function setup.save(user, code, typed)
  local ok, err = access.need(user, "signin.manage")
  if not ok then return nil, err end
  local provider = providers.all()[code]
  if not provider then return nil, errors.not_found("signin_provider", code) end
  local schema = { fields.VERSION, table.unpack(fields[provider.kind]) }
  local values
  values, err = form.parse(schema, typed)
  if not values then return nil, err end
  local address = values[provider.kind == "esia" and "host" or "issuer"]
  local is_mock = provider.is_mock and (address == nil or address == "") -- a real address ends the mock
  if values.is_on then err = lacks(provider.kind, values, is_mock) end
  if err then return nil, err end
  local is_on, version = values.is_on or false, values.version
  values.is_on, values.version = nil, nil
  if is_mock then values.own_certificate = provider.own_certificate end
  return transaction.run(function()
    if store.save_provider(code, is_on, is_mock, json.encode(json.object(values)), version, user.id) == 0 then
      return nil, errors.conflict("stale", "Настройки уже изменил кто-то другой. Обновите страницу и сверьте.")
    end
    for _, one in ipairs(fields.SECRETS[provider.kind]) do
      local value = typed["secret." .. one.name]
      if type(value) == "string" and value ~= "" then secret.put(secret_name(code, one.name), value) end
    end
    audit.write("signin.save", "signin_provider", nil, { provider = { code, code }, is_on = { provider.is_on, is_on } })
    providers.changed()
    return true
  end)
end

-- ---- «Проверить»

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12 }

-- Seconds by which the clock of the other side is ahead of ours.
local function skew(date)
  local day, month, year, h, m, s = tostring(date or ""):match("(%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT")
  if not day then return nil end
  local russian = require("kit.russian")
  local days = russian.day_number(("%s-%02d-%s"):format(year, MONTHS[month] or 1, day)) - russian.day_number("1970-01-01")
  return days * 86400 + tonumber(h) * 3600 + tonumber(m) * 60 + tonumber(s) - clock.now()
end

local function add(list, is_fine, good, bad) list[#list + 1] = { tone = is_fine and "ok" or "bad", text = is_fine and good or bad } end

local function check_host(list, provider, url)
  local answer, err = fetch.fetch({ url = url, is_own = provider.is_mock, timeout_ms = 10000, max_bytes = 1 << 20 })
  add(list, answer ~= nil, "Узел отвечает", "Узел не отвечает: " .. (err and err.text or ""))
  local ahead = answer and skew(answer.headers.date)
  if ahead then
    add(list, math.abs(ahead) <= SKEW_S, "Часы сходятся",
      ("Часы расходятся на %d с: Госуслуги откажут (ESIA-007015). Включите синхронизацию времени."):format(math.floor(math.abs(ahead))))
  end
end

local checks = {}

function checks.esia(provider)
  local list = {}
  local signature, err = signer.sign(provider, "проверка подписи")
  add(list, signature ~= nil, "Запрос подписывается", err and err.text)
  if provider.verify == "certificate" then
    local right, fault = require("core.sign").verify(provider.verify_alg or "RS256", provider.issuer_certificate or "", "x", "x")
    add(list, right ~= nil, "Сертификат ЕСИА читается", "Сертификат ЕСИА не читается или другого вида: " .. (fault and fault.text or ""))
  elseif provider.verify == "tls" then
    list[#list + 1] = { tone = "warn", text = "Подпись токена не проверяется: мы верим соединению TLS с узлом" }
  end
  check_host(list, provider, provider.is_mock and http.own_origin() .. "/dev/esia/idp/ext/Logout" or (provider.host or "") .. "/")
  return list
end

function checks.oidc(provider)
  local list = {}
  local found, err = require("domain.signin.oidc").discover(provider)
  add(list, found ~= nil, "Провайдер рассказал о себе", err and err.text)
  if found then check_host(list, provider, provider.is_mock and http.own_origin() .. "/dev/oidc/jwks" or found.jwks_uri) end
  return list
end

--- Tries what is saved: a list of {tone, text}.
function setup.check(user, code)
  local provider, err = setup.get(user, code)
  if not provider then return nil, err end
  local list = {}
  for _, lack in ipairs((lacks(provider.kind, provider, provider.is_mock) or {}).fields or {}) do
    for _, field in ipairs(fields[provider.kind]) do
      if field.name == lack.field then list[#list + 1] = { tone = "bad", text = ("Не заполнено: %s"):format(field.label) } end
    end
  end
  for _, item in ipairs(checks[provider.kind](provider)) do list[#list + 1] = item end
  audit.write("signin.check", "signin_provider", nil, { provider = { nil, code } })
  return list
end


return setup
