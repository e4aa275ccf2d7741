--- Second factor of an account: enrolment, codes, recovery codes, switching off.
local access = require("kit.access")
local attempts = require("domain.accounts.attempts")
local audit = require("kit.audit")
local clock = require("core.clock")
local crypto = require("core.crypto")
local db = require("core.db")
local errors = require("kit.errors")
local mail = require("kit.mail")
local otp = require("domain.accounts.otp")
local policy = require("domain.accounts.policy")
local settings = require("core.settings")
local store = require("domain.accounts.store_security")
local transaction = require("kit.transaction")
local factor = {}

local KEY_BYTES = 20
local RECOVERY_CODES, RECOVERY_BYTES = 10, 10

local function sealed_name(user_id) return "otp." .. user_id end

local function random_bytes(count) return crypto.unbase64url(crypto.token(count)) end

local function key_of(user_id, row)
  local key = crypto.unseal(sealed_name(user_id), row.sealed)
  if key then return key end
  return nil, errors.new(503, "secret_unreadable",
    "Второй фактор не читается: ключ платформы сменился. Попросите администратора сбросить второй фактор.")
end

local function issuer()
  local region = settings.region or {}
  return region.short and region.short ~= "" and region.short or "ЦОПП"
end

--- The key to be proved: the same one until it is, so that a reloaded page shows the same picture.
---@return {address: string, readable: string}? offer
---@return kit.Error? err 409 when a second factor is in force
function factor.offer(user)
  local row = store.factor(user.id)
  if row and row.confirmed_at then return nil, errors.conflict("otp_on", "Второй фактор уже включён. Чтобы сменить телефон, сначала отключите его.") end
  local key = row and crypto.unseal(sealed_name(user.id), row.sealed)
  if not key then
    key = random_bytes(KEY_BYTES)
    store.put_factor(user.id, crypto.seal(sealed_name(user.id), key))
  end
  return { address = otp.address(key, user.email or user.name or tostring(user.id), issuer()), readable = otp.readable(key) }
end

-- «ABCD-EFGH-JKLM-NPQR»: 80 bits each, so that a plain hash is enough.
local function new_recovery_codes(user_id)
  local codes, hashes = {}, {}
  for index = 1, RECOVERY_CODES do
    local letters = otp.base32(random_bytes(RECOVERY_BYTES))
    codes[index] = letters:gsub("(....)", "%1-"):gsub("%-$", "")
    hashes[index] = factor.recovery_hash(user_id, codes[index])
  end
  store.put_recovery_codes(user_id, db.array(hashes))
  return codes
end

--- However it was typed: case, spaces and dashes do not count.
function factor.recovery_hash(user_id, code)
  return crypto.sha256(("recovery|%d|%s"):format(user_id, code:upper():gsub("[%s%-]", "")))
end

local function bad_code()
  return errors.invalid("code", "bad_otp", "Код не подходит. Проверьте, что время на телефоне верное, и введите новый код.")
end

local function confirm(user, row, typed)
  local key, err = key_of(user.id, row)
  if not key then return nil, err end
  local step = otp.find(key, typed, clock.now(), row.last_step)
  if not step or store.use_step(user.id, step) == 0 then return nil, bad_code() end
  store.confirm_factor(user.id)
  audit.write("user.otp_on", "user_account", user.id, {})
  if user.email then mail.send("otp_on", user.email, {}) end
  return new_recovery_codes(user.id)
end

--- Proves the key by a code: from now on log-ins ask for one.
---@return string[]? recovery_codes shown once
---@return kit.Error? err
function factor.confirm(user, typed)
  local row = store.factor(user.id)
  if not row then return nil, errors.conflict("no_offer", "Начните сначала: откройте страницу второго фактора.") end
  if row.confirmed_at then return nil, errors.conflict("otp_on", "Второй фактор уже включён.") end
  local tried, refused = attempts.note(policy.otp_limits(user.id))
  if not tried then return nil, refused end
  local codes, err = transaction.run(function() return confirm(user, row, typed) end)
  if codes then tried:forget() end
  return codes, err
end

local function is_right(user_id, typed)
  local row = store.factor(user_id)
  if not row or not row.confirmed_at then return nil, errors.conflict("otp_off", "Второй фактор не включён.") end
  if typed:gsub("[%s%-]", ""):find("^%d+$") == nil then
    return store.use_recovery_code(user_id, factor.recovery_hash(user_id, typed)) > 0, nil, true
  end
  local key, err = key_of(user_id, row)
  if not key then return nil, err end
  local step = otp.find(key, typed, clock.now(), row.last_step)
  return step ~= nil and store.use_step(user_id, step) > 0
end

--- Checks a code of the phone or a recovery code, and uses it up. Guessing is slowed.
---@param user_id integer
---@param typed string
---@param ip string
---@return true? ok
---@return kit.Error? err 401 bad_otp, 429
function factor.check(user_id, typed, ip)
  local tried, refused = attempts.note(policy.otp_limits(user_id, ip))
  if not tried then return nil, refused end
  local ok, err, is_recovery = is_right(user_id, typed)
  if err then return nil, err end
  if not ok then
    audit.write("user.otp_failed", "user_account", user_id, {})
    return nil, errors.unauthorized("bad_otp", "Код не подходит. Введите новый код из приложения или код восстановления.")
  end
  tried:forget()
  if is_recovery then audit.write("user.recovery_code", "user_account", user_id, { left = { nil, store.recovery_codes_left(user_id) } }) end
  return true
end

--- Fresh recovery codes; the former ones are void.
---@return string[] codes
function factor.renew_codes(user)
  return transaction.run(function()
    audit.write("user.recovery_codes", "user_account", user.id, {})
    return new_recovery_codes(user.id)
  end)
end

--- How many recovery codes are left.
function factor.codes_left(user) return store.recovery_codes_left(user.id) end

--- Switches the own second factor off. The page has asked for a proof of identity.
---@return true? ok
---@return kit.Error? err
function factor.disable(user)
  if policy.must_have_otp(user.grants) then
    return nil, errors.conflict("otp_required", "Для вашей роли второй фактор обязателен: отключить его нельзя.")
  end
  return transaction.run(function()
    if store.drop_factor(user.id, user.id) == 0 then return nil, errors.conflict("otp_off", "Второй фактор не включён.") end
    audit.write("user.otp_off", "user_account", user.id, {})
    if user.email then mail.send("otp_off", user.email, {}) end
    return true
  end)
end

--- An administrator takes the second factor off somebody who has lost the phone and the codes.
---@param user kit.User who does it; needs user.manage
---@param user_id integer
---@param reason string
---@return true? ok
---@return kit.Error? err
function factor.reset(user, user_id, reason)
  local ok, err = access.need(user, "user.manage")
  if not ok then return nil, err end
  if not reason or reason == "" then return nil, errors.invalid("reason", "required", "Напишите, почему сбрасываете второй фактор.") end
  return transaction.run(function()
    local account = store.account(user_id)
    if not account then return nil, errors.not_found("user_account", user_id) end
    if store.drop_factor(user_id, user.id) == 0 then return nil, errors.conflict("otp_off", "Второй фактор не включён.") end
    audit.write("user.otp_reset", "user_account", user_id, {}, reason)
    if account.email then mail.send("otp_off", account.email, { is_reset = true }) end
    return true
  end)
end

return factor
