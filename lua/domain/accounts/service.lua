--- Accounts: registration, log-in, passwords, roles. Answers never tell whether an address is known.
local attempts = require("domain.accounts.attempts")
local audit = require("kit.audit")
local crypto = require("core.crypto")
local db = require("core.db")
local devices = require("domain.accounts.devices")
local errors = require("kit.errors")
local factor = require("domain.accounts.second_factor")
local mail = require("kit.mail")
local outbox = require("kit.outbox")
local passwords = require("domain.accounts.passwords")
local policy = require("domain.accounts.policy")
local roles = require("kit.roles")
local session = require("kit.session")
local security = require("domain.accounts.store_security")
local store = require("domain.accounts.store")
local transaction = require("kit.transaction")
local urls = require("kit.urls")
local workflow = require("kit.workflow")
local service = {}

local CONFIRM_HOURS = 72
local RESET_HOURS = 1
local INVITE_HOURS = 72

local function check_new_password(password, email)
  local code, message = passwords.fault(password, email)
  return code and errors.invalid("password", code, message) or nil
end

local function new_token(user_id, purpose, hours)
  local token = crypto.token(32)
  store.insert_token(crypto.sha256(token), user_id, purpose, hours)
  return token
end

local function mail_confirmation(user_id, email, first_name, next_path)
  local path = urls.with("/login", { confirm = new_token(user_id, "confirm", CONFIRM_HOURS), next = next_path })
  mail.send("confirm", email, { first_name = first_name, path = path, hours = CONFIRM_HOURS })
end

local function insert_citizen(input, hash)
  local account, err = store.insert_account(input.email, hash, "registered")
  if not account then return nil, err end
  store.insert_person(account.id, input.last_name, input.first_name, input.email)
  store.insert_grant(account.id, "learner", nil, account.id)
  audit.write("user.register", "user_account", account.id, {})
  outbox.emit("user.registered", nil, { user_id = tostring(account.id) })
  return account.id
end

-- A known address gets another letter, not another answer.
local function register_known(account, input, hash, next_path, more)
  if account.state == "registered" then
    store.renew_registration(account.id, hash, input.last_name, input.first_name)
    store.spend_tokens(account.id, "confirm")
    if more.on_account then more.on_account(account.id) end
    mail_confirmation(account.id, account.email, input.first_name, next_path)
  elseif account.state ~= "blocked" then
    mail.send(more.letter or "already_registered", account.email, { first_name = account.first_name })
  end
end

--- Registers a citizen and mails a link. Known and unknown addresses look the same from outside.
---@param input table values of fields.REGISTER
---@param ip string
---@param next_path string? where to go after the first log-in
---@param more {letter: string?, on_account: fun(user_id: integer)?}? letter for a known address; what else goes with a new account
---@return true? ok
---@return kit.Error? err
function service.register(input, ip, next_path, more)
  more = more or {}
  local tried, refused = attempts.note(policy.form_limits(ip))
  if not tried then return nil, refused end
  local err = check_new_password(input.password, input.email)
  if err then return nil, err end
  local hash = crypto.password_hash(input.password)
  local is_flooded = not attempts.note(policy.mail_limits(input.email))
  local _, fault = transaction.run(function()
    local account = store.find_by_email(input.email)
    if account then
      if not is_flooded then register_known(account, input, hash, next_path, more) end
      return true
    end
    local user_id, taken = insert_citizen(input, hash)
    if not user_id then return nil, taken end
    if more.on_account then more.on_account(user_id) end
    mail_confirmation(user_id, input.email, input.first_name, next_path)
    return true
  end)
  -- Somebody registered the same address at the same moment: he got the letter.
  if fault and fault.constraint ~= "user_account_email_key" then return nil, fault end
  return true
end

local function verify(account, password)
  if not account or not account.password_hash then
    crypto.password_hash(password) -- the same work as for a known address
    return false
  end
  return crypto.password_verify(password, account.password_hash)
end

-- The address is proved. Other modules take part: what a newcomer has asked for begins now.
local function confirm(user_id)
  if store.confirm(user_id) == 0 then return true end
  audit.write("user.confirm", "user_account", user_id, { state = { "registered", "active" } })
  outbox.emit("user.confirmed", nil, { user_id = tostring(user_id) })
  return workflow.announce("user_account.confirm", { id = user_id })
end

-- The link of the letter together with the password.
local function confirm_by(account, token)
  local row = token and store.find_token(crypto.sha256(token), "confirm")
  if not row or row.user_id ~= account.id then return false end
  if not store.take_token(crypto.sha256(token), "confirm") then return false end
  return confirm(account.id)
end

local function bad_credentials()
  return errors.unauthorized("bad_credentials", "Почта или пароль не подходят. Проверьте раскладку и Caps Lock.")
end

local function check_state(account, confirm_token)
  if account.state == "blocked" then
    return errors.forbidden("Учётная запись заблокирована. Обратитесь в центр.", "account_blocked")
  end
  if account.state ~= "registered" then return nil end
  local is_confirmed = transaction.run(function() return confirm_by(account, confirm_token) end)
  if is_confirmed then return nil end
  return errors.forbidden("Подтвердите почту: откройте ссылку из письма, которое мы отправили при регистрации.", "email_not_confirmed")
end

--- Checks an address and a password.
---@param input {email: string, password: string}
---@param ip string
---@param options {confirm: string?, device: string?}? token of the letter of registration; token of the browser
---@return table? account
---@return kit.Error? err unauthorized bad_credentials, forbidden email_not_confirmed | account_blocked, 429
function service.check(input, ip, options)
  options = options or {}
  local account = store.find_by_email(input.email)
  local device = devices.hash_of(account and account.id or 0, options.device)
  local tried, refused = attempts.note(policy.login_limits(input.email, ip, device))
  if not tried then return nil, refused end
  local is_right, needs_rehash = verify(account, input.password)
  if not is_right then
    audit.write("user.login_failed", "user_account", account and account.id, {})
    return nil, bad_credentials()
  end
  tried:forget() -- a whole college may log in from one address: only failures count
  local err = check_state(account, options.confirm)
  if err then return nil, err end
  account.was_confirmed = account.state == "registered"
  if needs_rehash then store.set_password(account.id, crypto.password_hash(input.password)) end
  return account
end

--- The second factor of a client of the API.
---@return true? ok
---@return kit.Error? err 401 otp_required | bad_otp, 403 otp_enrolment_required, 429
function service.check_otp(account, typed, ip)
  if not account.otp_since then
    if not policy.must_have_otp(session.impersonate(account.id).grants) then return true end
    return nil, policy.enrolment_required()
  end
  if not typed or typed == "" then
    return nil, errors.unauthorized("otp_required", "Нужен код второго фактора: передайте его в поле otp.")
  end
  return factor.check(account.id, typed, ip)
end

--- Opens the session of an account that has proved itself: a cookie on pages, a token for the API.
---@return string token
---@return integer expires_in
function service.open(request, account, kind, grant_id)
  local device = kind == "web" and devices.words(request:header("user-agent")) or nil
  return transaction.run(function()
    local grants = session.impersonate(account.id).grants
    local idle_minutes, hours
    if kind == "web" then idle_minutes, hours = policy.life(grants) end
    local token, expires_in = session.start(request, account.id, { kind = kind, grant_id = grant_id, idle_minutes = idle_minutes, hours = hours })
    request.user = { id = account.id, email = account.email, is_guest = false, grants = {} } -- the journal names who came in
    store.touch_login(account.id)
    if kind == "web" then devices.remember(request, account.id) end
    audit.write("user.login", "user_account", account.id, { kind = { nil, kind }, device = device and { nil, device } })
    return token, expires_in
  end)
end

--- Ends the session of the request.
function service.close(request)
  local user = request.user
  if user.is_guest then return end
  transaction.run(function()
    audit.write("user.logout", "user_account", user.id, {})
    session.finish(request)
    return true
  end)
end

--- Puts another grant in force.
---@return true? ok
---@return kit.Error? err
function service.switch_grant(request, grant_id)
  return transaction.run(function()
    local ok, err = session.switch_grant(request, grant_id)
    if not ok then return nil, err end
    audit.write("user.switch_grant", "user_account", request.user.id, { grant = { "", tostring(grant_id) } })
    return true
  end)
end

--- Public ids of the account and its person.
function service.account(user) return store.public_ids(user.id) end

--- The grant that a client asks for; nil, 422 when the account has no such grant now.
function service.own_grant(user_id, grant_id)
  for _, grant in ipairs(store.grants(user_id)) do
    if grant.id == grant_id then return grant end
  end
  return nil, errors.invalid("grant_id", "unknown", "Такой роли у учётной записи нет.")
end

--- Whose link of registration this is, for the log-in page; nil when it is used up or too old.
function service.confirmation(token)
  return token and store.find_token(crypto.sha256(token), "confirm")
end

--- Mails a link for a new password, if there is such an account. The answer is the same for all.
---@return true? ok
---@return kit.Error? err 429
function service.ask_reset(email, ip)
  local tried, refused = attempts.note(policy.form_limits(ip))
  if not tried then return nil, refused end
  if not attempts.note(policy.mail_limits(email)) then return true end
  crypto.password_verify(email, nil) -- known or not: its time hides that of the letter
  return transaction.run(function()
    local account = store.find_by_email(email)
    if account and account.state ~= "blocked" then
      store.spend_tokens(account.id, "reset")
      mail.send("reset", account.email, {
        first_name = account.first_name, token = new_token(account.id, "reset", RESET_HOURS), hours = RESET_HOURS,
      })
      audit.write("user.ask_reset", "user_account", account.id, {})
    end
    return true
  end)
end

--- Mails a link by which the person sets a password: after an administrator's reset, or with an invitation. Inside the caller's
--- transaction; former links die.
---@param account {id: integer, email: string, first_name: string?}
---@param letter "reset"|"invite"
function service.send_link(account, letter)
  local hours = letter == "invite" and INVITE_HOURS or RESET_HOURS
  store.spend_tokens(account.id, "reset")
  mail.send(letter, account.email, { first_name = account.first_name, token = new_token(account.id, "reset", hours), hours = hours })
end

local function dead_link()
  return errors.new(410, "link_expired", "Ссылка уже использована или устарела. Запросите новую.")
end

function service.reset_link(token)
  local row = store.find_token(crypto.sha256(token), "reset")
  if not row then return nil, dead_link() end
  return row
end

--- Sets a new password by the link: all sessions and all other links die, the address counts as proved.
---@return true? ok
---@return kit.Error? err
function service.reset(token, password)
  local row, err = service.reset_link(token)
  if not row then return nil, err end
  err = check_new_password(password, row.email)
  if err then return nil, err end
  local hash = crypto.password_hash(password)
  return transaction.run(function()
    if not store.take_token(crypto.sha256(token), "reset") then return nil, dead_link() end
    store.set_password(row.user_id, hash)
    local confirmed, refused = confirm(row.user_id)
    if not confirmed then return nil, refused end
    store.spend_tokens(row.user_id, nil)
    session.revoke_all(row.user_id)
    security.forget_devices(row.user_id)
    mail.send("password_changed", row.email, {})
    audit.write("user.reset_password", "user_account", row.user_id, {})
    outbox.emit("user.password_changed", nil, { user_id = tostring(row.user_id) })
    return true
  end)
end

local function check_new_user(input)
  local role = roles.find(input.role)
  if not role or role.kind ~= "role" or role.archived_at then
    return nil, errors.invalid("role", "unknown", "Нет роли " .. tostring(input.role) .. ".")
  end
  if role.needs_organization and not input.organization_id then
    return nil, errors.invalid("organization", "required", "Для этой роли нужна организация: --organization N.")
  end
  if input.organization_id and not store.organization(input.organization_id) then
    return nil, errors.invalid("organization", "unknown", "Нет организации с номером " .. input.organization_id .. ".")
  end
  return true
end

--- Adds an account with a role, or a role to an account that exists: `copp user add`.
---@param input {email: string, role: string, organization_id: integer?, password: string?, last_name: string?, first_name: string?}
---@return table? result {id, is_new}
---@return kit.Error? err
function service.add(input)
  local ok, err = check_new_user(input)
  if not ok then return nil, err end
  local known = store.find_by_email(input.email)
  local hash
  if not known then
    err = check_new_password(input.password or "", input.email)
    if err then return nil, err end
    hash = crypto.password_hash(input.password)
  end
  return transaction.run(function()
    local user_id = known and known.id
    if not user_id then
      local account, refused = store.insert_account(input.email, hash, "active")
      if not account then return nil, refused end
      user_id = account.id
      store.insert_person(user_id, input.last_name or input.email:match("^[^@]+"), input.first_name or "", input.email)
    end
    store.insert_grant(user_id, input.role, input.organization_id, nil, input.sets and db.array(input.sets))
    audit.write("user.add", "user_account", user_id, { role = { "", input.role }, sets = { "", input.sets } })
    return { id = user_id, is_new = known == nil }
  end)
end

--- Is there a live account of this address? For whoever holds a link that was sent to it.
---@return boolean
function service.is_known(email) return store.find_by_email(email) ~= nil end

--- An account whose address is proved by a link of ours: an invitation. Inside the caller's transaction.
---@param input {email: string, password: string, last_name: string, first_name: string}
---@return integer? user_id
---@return kit.Error? err
function service.add_invited(input)
  local err = check_new_password(input.password, input.email)
  if err then return nil, err end
  local account, refused = store.insert_account(input.email, crypto.password_hash(input.password), "active")
  if not account then return nil, refused end
  store.insert_person(account.id, input.last_name, input.first_name, input.email)
  store.insert_grant(account.id, "learner", nil, account.id)
  audit.write("user.add", "user_account", account.id, { role = { "", "learner" } })
  outbox.emit("user.registered", nil, { user_id = tostring(account.id) })
  return account.id
end

--- Daily: registrations nobody confirmed, and attempts nobody asks about any more.
function service.clean()
  store.purge_unconfirmed()
  store.purge_attempts()
  security.purge()
  return true
end

return service
