--- Coming in through a provider: an attempt bound to the browser, the answer of the provider, and what follows from it.
local accounts = require("domain.accounts")
local audit = require("kit.audit")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local json = require("core.json")
local people = require("domain.signin.people")
local providers = require("domain.signin.providers")
local session = require("kit.session")
local store = require("domain.signin.store")
local transaction = require("kit.transaction")
local service = {}

local BROWSER, NEWCOMER, LIFE_S = "copp-signin", "copp-newcomer", 900

local function redirect_uri(request, provider)
  local public = require("core.settings").public_url
  local origin = public and public ~= "" and public:gsub("/+$", "") or request:origin()
  return origin .. "/login/callback/" .. provider.code
end

--- Begins an attempt: the address where the browser goes.
---@param request kit.Request
---@param code string of the provider
---@param options {purpose: "login"|"link"|"prove", next: string}
---@return string? url
---@return kit.Error? err
function service.begin(request, code, options)
  local provider = providers.find(code)
  if not provider then return nil, errors.not_found("signin_provider", code) end
  local state, browser = require("domain.signin.esia").uuid(), crypto.token(32)
  local proof = { nonce = crypto.token(24), verifier = crypto.token(48) }
  local url, err = providers.driver(provider).authorize(provider, { state = state, proof = proof, redirect_uri = redirect_uri(request, provider) })
  if not url then return nil, err end
  store.insert_attempt({
    state_hash = crypto.sha256(state), provider = code, browser_hash = crypto.sha256(browser), purpose = options.purpose,
    user_id = options.purpose ~= "login" and request.user.id or nil, next = options.next, proof = crypto.seal("signin.proof", json.encode(proof)),
  })
  request:set_cookie(BROWSER, browser, LIFE_S)
  return url
end

local function wrong_state()
  return errors.new(400, "wrong_state", "Этот вход начали не здесь, или он уже завершён. Начните вход ещё раз с этой страницы.")
end

local function take_attempt(request, provider)
  local browser, state = request:cookie(BROWSER), request.query.state
  request:set_cookie(BROWSER, "", 0)
  if not browser or not state or state == "" then return nil, wrong_state() end
  local attempt = store.take_attempt(crypto.sha256(state), provider.code, crypto.sha256(browser))
  if not attempt then return nil, wrong_state() end
  attempt.proof = json.decode(crypto.unseal("signin.proof", attempt.proof) or "{}")
  return attempt
end

local function refusal(provider, query)
  if provider.kind == "esia" then return require("domain.signin.esia").refusal(query.error_description) end
  return require("domain.signin.oidc").refusal(query.error)
end

--- The provider's answer: takes the attempt, asks who it is.
---@return table? result { provider, attempt, profile }
---@return kit.Error? err
function service.answer(request, code)
  local provider = providers.find(code)
  if not provider then return nil, errors.not_found("signin_provider", code) end
  local attempt, err = take_attempt(request, provider)
  if not attempt then return nil, err end
  if request.query.error then return nil, refusal(provider, request.query) end
  if not request.query.code or request.query.code == "" then return nil, wrong_state() end
  local profile
  profile, err = providers.driver(provider).exchange(provider, {
    code = request.query.code, proof = attempt.proof, redirect_uri = redirect_uri(request, provider),
  })
  if not profile then
    audit.write("user.login_failed", "user_account", nil, { kind = { nil, code }, code = { nil, err.code } })
    return nil, err
  end
  return { provider = provider, attempt = attempt, profile = people.tidy_names(profile) }
end

-- ---- what follows

local function blocked() return errors.forbidden("Учётная запись заблокирована. Обратитесь в центр.", "account_blocked") end

--- Comes in with an identity that is known, or with one that is linked just now by СНИЛС. { account, notice } or nil: a newcomer.
---@return table? result
---@return kit.Error? err
function service.come_in(result)
  local provider, profile = result.provider, result.profile
  return transaction.run(function()
    local known = store.identity(provider.code, profile.subject)
    local notice
    if known then
      store.touch_identity(known.id, profile.is_trusted)
      notice = people.refresh(known.user_id, profile)
    else
      local err
      known, notice, err = people.link_by_snils(provider, profile)
      if err then return nil, err end
      if not known then return {} end
    end
    if known.state == "blocked" or known.state == "deleted" then return nil, blocked() end
    people.offer(known.user_id, profile)
    return { account = { id = known.user_id, email = known.email, otp_since = known.otp_since }, notice = notice }
  end)
end

--- Keeps what the provider said of a newcomer until he decides.
function service.keep_newcomer(request, result, next_path)
  local token = crypto.token(32)
  result.profile.provider = result.provider.code
  store.insert_newcomer(crypto.sha256(token), crypto.seal("signin.newcomer", json.encode(result.profile)), next_path)
  request:set_cookie(NEWCOMER, token, LIFE_S)
end

local function open_profile(row)
  local text = row and crypto.unseal("signin.newcomer", row.profile)
  return text and json.decode(text)
end

--- The newcomer of this browser: { profile, next }, nil when there is none.
function service.newcomer(request)
  local token = request:cookie(NEWCOMER)
  local row = token and store.newcomer(crypto.sha256(token))
  local profile = open_profile(row)
  return profile and { profile = profile, next = row.next, email_is_taken = profile.email ~= nil and not store.email_is_free(profile.email) }
end

--- Makes an account of what the provider said. The consent to process data is asked later, by itself.
---@return table? result { account, next }
---@return kit.Error? err
function service.make_account(request)
  local token = request:cookie(NEWCOMER)
  return transaction.run(function()
    local row = token and store.take_newcomer(crypto.sha256(token))
    local profile = open_profile(row)
    if not profile then return nil, errors.new(410, "link_expired", "Время вышло. Начните вход ещё раз.") end
    local user_id, err = people.create(profile)
    if not user_id then return nil, err end
    people.offer(user_id, profile)
    request:set_cookie(NEWCOMER, "", 0)
    return { account = { id = user_id, email = profile.email }, next = row.next }
  end)
end

--- Links an identity to the account that asked for it.
---@return string? notice
---@return kit.Error? err
function service.link(request, result)
  local user, attempt = request.user, result.attempt
  if user.is_guest or user.id ~= attempt.user_id then return nil, wrong_state() end
  return transaction.run(function() return people.link(user.id, result.provider, result.profile) end)
end

--- The owner of a session proves himself by the identity that is linked.
---@return true? ok
---@return kit.Error? err
function service.prove(request, result)
  local user = request.user
  local known = store.identity(result.provider.code, result.profile.subject)
  if user.is_guest or user.id ~= result.attempt.user_id or not known or known.user_id ~= user.id then
    return nil, errors.forbidden("Это не та учётная запись, которая привязана к вашей.", "other_identity")
  end
  session.prove(request)
  audit.write("user.prove", "user_account", user.id, { kind = { nil, result.provider.code } })
  return true
end

--- Takes an identity off the own account.
---@return true? ok
---@return kit.Error? err
function service.unlink(user, code)
  return transaction.run(function()
    if store.drop_identity(user.id, code) == 0 then
      return nil, errors.conflict("last_way_in", "Это единственный способ войти. Сначала задайте пароль и почту.")
    end
    audit.write("user.unlink_identity", "user_account", user.id, { provider = { code, nil } })
    return true
  end)
end

-- ---- organisations of a head

function service.offers(user) return store.offers(user.id) end

--- The head becomes a curator of an organisation that was offered.
---@return true? ok
---@return kit.Error? err
function service.accept(user, organization_id)
  return transaction.run(function()
    local organization = store.take_offer(user.id, organization_id)
    if not organization then return nil, errors.new(410, "link_expired", "Предложение устарело. Войдите через Госуслуги ещё раз.") end
    for role, is_so in pairs({ partner = organization.is_partner, customer = organization.is_customer }) do
      if is_so then store.insert_grant(user.id, role, organization_id, "{curator}") end
    end
    audit.write("user.curator_by_esia", "user_account", user.id, { organization = { nil, tostring(organization_id) } })
    return true
  end)
end

function service.decline(user) return store.drop_offers(user.id) end

--- Opens the session, or leads to the second step.
function service.enter(request, account, next_path)
  return accounts.enter(request, account, next_path)
end

return service
