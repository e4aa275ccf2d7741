--- Secrets of integrations: written in the browser, encrypted in PostgreSQL, never shown again. The key is made of the
--- secret file (COPP_SECRET_FILE), so a copy of the database alone opens nothing.
---
---   secret.put("signin.esia.key", pem)        -- in the transaction of a service that has checked the right
---   local pem = secret.get("signin.esia.key")  -- only to be used; not for pages, logs or errors
---   secret.is_set("signin.esia.key")           -- what a page may show: { set_at, set_by }
local audit = require("kit.audit")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local session = require("kit.session")
local store = require("kit.store")
local secret = {}

local declared = {}

---@class kit.SecretDeclaration
---@field name string
---@field label string
---@field reason string what it is for
---@field module string

--- Adds what a module lists in `secrets` of its init, so that the page of integrations shows it: called by boot.
---@param module string
---@param list {name: string, label: string, reason: string}[]
function secret.declare(module, list)
  for _, entry in ipairs(list) do
    if not (entry.name and entry.label and entry.reason) then
      error(("lua/domain/%s/init.lua:0: secret %s lacks name, label or reason"):format(module, tostring(entry.name)), 0)
    end
    declared[#declared + 1] = { name = entry.name, label = entry.label, reason = entry.reason, module = module }
  end
end

---@return kit.SecretDeclaration[]
function secret.declared() return declared end

--- Keeps a value; the former one is gone.
---@param name string lower-case words joined by dots: module, object, what
---@param value string not empty
function secret.put(name, value)
  if value == "" then error("a secret must not be empty: remove() it", 2) end
  local row = store.put_secret(name, crypto.seal(name, value), session.current().id)
  audit.write(row.is_new and "secret.set" or "secret.change", "integration_secret", nil, { name = { nil, name } })
end

--- The value, nil when there is none.
---@param name string
---@return string? value
---@return kit.Error? err "secret_unreadable": the secret file is another one now
function secret.get(name)
  local row = store.secret(name)
  if not row then return nil end
  local value = crypto.unseal(name, row.sealed)
  if value then return value end
  return nil, errors.new(503, "secret_unreadable",
    ("Секрет «%s» не открывается: файл ключа платформы сменился. Введите секрет заново."):format(name))
end

--- When and by whom it was set, without opening it; nil when it is not set.
---@param name string
---@return {set_at: string, set_by: integer?}?
function secret.is_set(name)
  local row = store.secret(name)
  return row and { set_at = row.set_at, set_by = row.set_by }
end

--- The names that begin with a prefix, without values.
---@param prefix string
---@return {name: string, set_at: string, set_by: integer?}[]
function secret.list(prefix)
  return store.secrets(prefix)
end

--- Forgets a value.
---@param name string
---@return boolean was_there
function secret.remove(name)
  if store.drop_secret(name) == 0 then return false end
  audit.write("secret.remove", "integration_secret", nil, { name = { name, nil } })
  return true
end

return secret
