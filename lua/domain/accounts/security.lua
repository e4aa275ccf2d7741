--- What the owner of an account does about its safety: sessions, password, address, proofs of identity; and the second
--- step of a log-in.
local attempts = require("domain.accounts.attempts")
local audit = require("kit.audit")
local crypto = require("core.crypto")
local devices = require("domain.accounts.devices")
local errors = require("kit.errors")
local factor = require("domain.accounts.second_factor")
local mail = require("kit.mail")
local outbox = require("kit.outbox")
local passwords = require("domain.accounts.passwords")
local policy = require("domain.accounts.policy")
local session = require("kit.session")
local store = require("domain.accounts.store")
local security_store = require("domain.accounts.store_security")
local transaction = require("kit.transaction")
local security = {}

local STEP_COOKIE, STEP_MINUTES = "copp-step", 10
local RECENT_LOGINS, EMAIL_HOURS = 10, 24

-- ---- the second step of a log-in

--- Remembers who has given the password; the code comes on the next page.
function security.begin_step(request, account, next_path)
  local token = crypto.token(32)
  security_store.insert_step(crypto.sha256(token), account.id, next_path, STEP_MINUTES)
  request:set_cookie(STEP_COOKIE, token, STEP_MINUTES * 60)
end

--- The step that the browser is at: {user_id, next, email}; nil when there is none.
function security.step(request)
  local token = request:cookie(STEP_COOKIE)
  local step = token and security_store.step(crypto.sha256(token))
  if not step or step.state == "blocked" or step.state == "deleted" then return nil end
  step.hash = crypto.sha256(token)
  return step
end

--- Checks the code of the second step; the step is over then.
---@return table? account for service.open()
---@return kit.Error? err
function security.end_step(request, step, typed)
  local ok, err = factor.check(step.user_id, typed, request.ip)
  if not ok then return nil, err end
  security_store.drop_step(step.hash)
  request:set_cookie(STEP_COOKIE, "", 0)
  return { id = step.user_id, email = step.email }
end

-- ---- proofs of identity

--- Password or code once more; stamps the session and changes its token.
---@param input {password: string?, code: string?}
---@return true? ok
---@return kit.Error? err
function security.prove(request, input)
  local user = request.user
  if input.code and input.code ~= "" and request.session.has_otp then
    local ok, err = factor.check(user.id, input.code, request.ip)
    if not ok then return nil, errors.invalid("code", "bad_otp", err.text) end
  else
    local ok, err = security.check_password(request, input.password or "", "password")
    if not ok then return nil, err end
  end
  session.prove(request)
  audit.write("user.prove", "user_account", user.id, {})
  return true
end

--- The password of whoever asks, with the limits of guessing.
---@return true? ok
---@return kit.Error? err
function security.check_password(request, password, field)
  local user = request.user
  local device = devices.hash_of(user.id, devices.token(request))
  local tried, refused = attempts.note(policy.login_limits(user.email or tostring(user.id), request.ip, device))
  if not tried then return nil, refused end
  local account = security_store.account(user.id)
  if not account.password_hash or not crypto.password_verify(password, account.password_hash) then
    audit.write("user.login_failed", "user_account", user.id, { kind = { nil, "proof" } })
    return nil, errors.invalid(field, "wrong_password", "Пароль не подходит. Проверьте раскладку и Caps Lock.")
  end
  tried:forget()
  return true
end

-- ---- sessions

--- Own sessions: {id, device, ip, created_at, last_seen_at, is_current, kind}.
function security.sessions(request)
  local list = session.list(request.user.id)
  for _, row in ipairs(list) do
    row.device = row.kind == "api" and "Приложение, " .. devices.words(row.user_agent) or devices.words(row.user_agent)
    row.is_current = request.session ~= nil and row.id == request.session.id
  end
  return list
end

--- Ends one of the own sessions.
---@return true? ok
---@return kit.Error? err
function security.end_session(user, id)
  return transaction.run(function()
    if session.revoke(user.id, id) == 0 then return nil, errors.not_found("session", id) end
    audit.write("user.end_session", "user_account", user.id, { session = { tostring(id), nil } })
    return true
  end)
end

--- Ends all own sessions but the one that asks.
function security.end_others(request)
  return transaction.run(function()
    session.revoke_all(request.user.id, request.session.id)
    audit.write("user.end_other_sessions", "user_account", request.user.id, {})
    return true
  end)
end

--- The account, its latest log-ins, and a change of the address under way.
function security.overview(user)
  return security_store.account(user.id), security_store.logins(user.id, RECENT_LOGINS), security_store.email_change(user.id)
end

-- ---- password

--- A new password: the other sessions end, this one gets a new token.
---@param input {current: string?, password: string}
---@return true? ok
---@return kit.Error? err
function security.change_password(request, input)
  local user = request.user
  local account = security_store.account(user.id)
  if account.password_hash then
    local ok, err = security.check_password(request, input.current or "", "current")
    if not ok then return nil, err end
  end
  local code, message = passwords.fault(input.password, user.email)
  if code then return nil, errors.invalid("password", code, message) end
  local hash = crypto.password_hash(input.password)
  return transaction.run(function()
    store.set_password(user.id, hash)
    store.spend_tokens(user.id, nil)
    session.revoke_all(user.id, request.session.id)
    session.prove(request)
    security_store.forget_devices(user.id)
    devices.remember(request, user.id)
    if account.email then mail.send("password_changed", account.email, {}) end
    audit.write("user.change_password", "user_account", user.id, {})
    outbox.emit("user.password_changed", nil, { user_id = tostring(user.id) })
    return true
  end)
end

-- ---- address

local function mail_link(user_id, purpose, to, data)
  local token = crypto.token(32)
  store.insert_token(crypto.sha256(token), user_id, purpose, EMAIL_HOURS)
  data.token, data.hours = token, EMAIL_HOURS
  mail.send(purpose, to, data)
end

--- Asks both addresses for their yes. The page has asked for a proof of identity. Taken addresses look like free ones.
---@return true? ok
---@return kit.Error? err
function security.ask_email(user, email)
  if user.email and email:lower() == user.email:lower() then
    return nil, errors.invalid("email", "same", "Это ваш нынешний адрес. Укажите другой.")
  end
  if not attempts.note(policy.mail_limits(email)) then return true end
  return transaction.run(function()
    store.spend_tokens(user.id, "email_old")
    store.spend_tokens(user.id, "email_new")
    security_store.put_email_change(user.id, email, EMAIL_HOURS)
    local known = store.find_by_email(email)
    if known then
      mail.send("already_registered", email, { first_name = known.first_name })
    else
      mail_link(user.id, "email_new", email, { email = email })
    end
    if user.email then
      mail_link(user.id, "email_old", user.email, { email = email })
    else
      security_store.agree_email(user.id, true)
    end
    audit.write("user.ask_email", "user_account", user.id, {})
    return true
  end)
end

local function dead_link()
  return errors.new(410, "link_expired", "Ссылка уже использована или устарела. Начните смену адреса заново.")
end

-- Whose link: row, and whether it came to the old address.
local function email_link(token)
  local hash = crypto.sha256(token)
  for _, purpose in ipairs({ "email_old", "email_new" }) do
    local row = store.find_token(hash, purpose)
    if row then return row, purpose end
  end
  return nil, dead_link()
end

--- What a link of a change of the address is about: {email, new_email}.
function security.email_link(token)
  local row, purpose = email_link(token)
  if not row then return nil, purpose end
  local change = security_store.email_change(row.user_id)
  if not change then return nil, dead_link() end
  return { email = row.email, new_email = change.new_email, is_old = purpose == "email_old" }
end

--- One address says yes; with both the account has the new one.
---@return {is_done: boolean}? result
---@return kit.Error? err
function security.agree_email(token)
  local row, purpose = email_link(token)
  if not row then return nil, purpose end
  return transaction.run(function()
    if not store.take_token(crypto.sha256(token), purpose) then return nil, dead_link() end
    local change = security_store.agree_email(row.user_id, purpose == "email_old")
    if not change then return nil, dead_link() end
    if not change.old_agreed_at or not change.new_agreed_at then return { is_done = false } end
    local count, err = security_store.set_email(row.user_id, change.new_email)
    if not count then return nil, err end
    security_store.drop_email_change(row.user_id)
    store.spend_tokens(row.user_id, nil)
    audit.write("user.change_email", "user_account", row.user_id, {})
    return { is_done = true }
  end)
end

return security
