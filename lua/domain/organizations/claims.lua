--- Asking to be let in: a new organisation, or a place in one that the platform knows. A guest's request waits until his
--- address is proved; then it is the same as that of somebody logged in.
local accounts = require("domain.accounts")
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.organizations.fields")
local json = require("core.json")
local mail = require("kit.mail")
local members = require("domain.organizations.members")
local outbox = require("kit.outbox")
local people = require("domain.organizations.store_people")
local policy = require("domain.organizations.policy")
local requisites = require("domain.organizations.requisites")
local setting = require("kit.setting")
local store = require("domain.organizations.store")
local transaction = require("kit.transaction")
local claims = {}

local KIND = { partner = "poo", customer = "employer" } -- until the staff says better

--- May partners register themselves?
---@return boolean
function claims.is_open(role)
  return role ~= "partner" or setting.get("organizations.partner_registration")
end

local function closed()
  return errors.forbidden("Организации-партнёры сейчас регистрируются по приглашению центра.", "registration_closed")
end

local function check(input, role)
  if not claims.is_open(role) then return nil, closed() end
  local faults = requisites.mismatches(input)
  if #faults > 0 then return nil, errors.invalid(faults) end
  return true
end

--- 422 that shows the way: the organisation is there, its curator can let one in.
local function already_here(known)
  local err = errors.invalid("inn", "already_registered",
    ("Организация уже на платформе: %s. Попросите доступ у её куратора."):format(known.short_name))
  err.extra = { organization_id = tostring(known.id) }
  err.organization = known
  return err
end

-- ---- the staff and the curators hear of it

local function tell_curators(organization_id, claim)
  for _, curator in ipairs(people.curators(organization_id)) do
    mail.send("organization_join", curator.email, { first_name = curator.first_name, name = claim.name, email = claim.email, post = claim.post,
      organization = claim.short_name, comment = claim.comment })
  end
end

local function insert_organization(input, role, user_id)
  return store.insert({
    kind = input.kind or KIND[role], is_partner = role == "partner", is_customer = role == "customer", full_name = input.full_name,
    short_name = input.short_name, inn = input.inn, kpp = input.kpp, ogrn = input.ogrn, legal_address = input.legal_address,
  }, user_id)
end

local function record(organization_id, user_id, kind)
  audit.write("organization." .. kind, "organization", organization_id, { user = { "", tostring(user_id) } })
  outbox.emit("organization." .. kind, nil, { organization_id = tostring(organization_id), user_id = tostring(user_id) })
end

-- A new organisation in state pending with the claim of who brought it. nil, already_registered when somebody was first.
local function found(input, role, user_id)
  local known = store.by_numbers(input.inn, input.kpp, nil)
  if known then return nil, already_here(known) end
  local row, err = insert_organization(input, role, user_id)
  if not row then return nil, err end
  people.insert_claim({ kind = "register", user_id = user_id, organization_id = row.id, role = role, post = input.post, state = "pending" })
  record(row.id, user_id, "register")
  return row.id
end

local function ask(organization, role, user_id, input)
  if people.member_of(organization.id, user_id, false) then
    return nil, errors.conflict("already_member", "Вы уже работаете в этой организации.")
  end
  local claim = { kind = "join", user_id = user_id, organization_id = organization.id, role = role, post = input.post, comment = input.comment,
    state = "pending" }
  if people.has_claim(user_id, organization.id) then
    return nil, errors.conflict("already_asked", "Запрос уже отправлен и ждёт ответа.")
  end
  local row, err = people.insert_claim(claim)
  if not row then
    if err.constraint == "org_claim_key" then return nil, errors.conflict("already_asked", "Запрос уже отправлен и ждёт ответа.") end
    return nil, err
  end
  record(organization.id, user_id, "join")
  tell_curators(organization.id, people.lock_claim(organization.id, row.id))
  return row.id
end

-- ---- by somebody logged in

--- Brings a new organisation.
---@param input table values of fields.REGISTER
---@param role "partner"|"customer"
---@param wants_join boolean? he has seen that the organisation is there, and asks to be let in
---@return integer? id of the organisation, or of the request to join
---@return kit.Error? err 422 already_registered: err.organization is there
function claims.register(user, input, role, wants_join)
  local ok, err = check(input, role)
  if not ok then return nil, err end
  local known = wants_join and store.by_numbers(input.inn, input.kpp, nil)
  if known then return claims.join(user, { organization_id = known.id, post = input.post }) end
  local id, refused = transaction.run(function() return found(input, role, user.id) end)
  -- Somebody registered the same one at the same moment.
  if not id and refused.constraint == "organization_inn_kpp_key" then
    return nil, already_here(store.by_numbers(input.inn, input.kpp, nil))
  end
  return id, refused
end

--- Asks for a place in an organisation that is there.
---@param input table values of fields.JOIN
---@return integer? claim_id
---@return kit.Error? err
function claims.join(user, input)
  local organization = store.find(input.organization_id)
  if not organization or organization.state == "rejected" or organization.state == "closed" then
    return nil, errors.invalid("organization_id", "unknown", "Такой организации на платформе нет.")
  end
  return transaction.run(function()
    return ask(organization, organization.is_customer and "customer" or "partner", user.id, input)
  end)
end

-- ---- by a guest

--- Registers the person and keeps what he says of his organisation until his address is proved. The answer is the same for
--- known and unknown addresses.
---@param person table values of accounts.REGISTER
---@param input table values of fields.REGISTER
---@param wants_join boolean he has seen that the organisation is there, and asks to be let in
---@return true? ok
---@return kit.Error? err
function claims.register_guest(person, input, role, wants_join, ip)
  local ok, err = check(input, role)
  if not ok then return nil, err end
  local known = store.by_numbers(input.inn, input.kpp, nil)
  if known and not wants_join then return nil, already_here(known) end
  local data = {}
  for _, field in ipairs(fields.REGISTER) do data[field.name] = input[field.name] end
  return accounts.register(person, ip, "/cabinet/organization", { letter = "already_registered_organization", on_account = function(user_id)
    people.drop_unconfirmed(user_id)
    people.insert_claim({ kind = "register", user_id = user_id, role = role, post = input.post, data = json.encode(data), state = "unconfirmed" })
  end })
end

local function settle(claim)
  local input = json.decode(claim.data)
  local known = store.by_numbers(input.inn, input.kpp, nil)
  if known then
    people.activate_claim(claim.id, "join", known.id)
    record(known.id, claim.user_id, "join")
    tell_curators(known.id, people.lock_claim(known.id, claim.id))
    return true
  end
  local row, err = insert_organization(input, claim.role, claim.user_id)
  if not row then return nil, err end
  people.activate_claim(claim.id, "register", row.id)
  record(row.id, claim.user_id, "register")
  return true
end

--- The address is proved (hook of accounts, in its transaction): what waited becomes a request.
function claims.confirmed(account)
  for _, claim in ipairs(people.unconfirmed(account.id)) do
    local ok, err = transaction.attempt(function() return settle(claim) end)
    if not ok and err.constraint == "organization_inn_kpp_key" then ok, err = settle(claim) end -- now it is there: join it
    if not ok then return nil, err end
  end
  return true
end

-- ---- deciding

local function answer(claim, is_accepted, reason)
  mail.send(is_accepted and "organization_let_in" or "organization_turned_away", claim.email,
    { first_name = claim.first_name, organization = claim.short_name, reason = reason })
end

--- Lets somebody in, or refuses with a reason: by a curator of the organisation or by the staff.
---@param input {verdict: "accept"|"reject", capacity: string?, reason: string?}
---@return true? ok
---@return kit.Error? err
function claims.decide(user, organization_id, claim_id, input)
  local organization = store.find(organization_id)
  if not organization then return nil, errors.not_found("organization", organization_id) end
  local ok, err = policy.need_members(user, organization)
  if not ok then return nil, err end
  if input.verdict == "reject" and not (input.reason or ""):find("%S") then
    return nil, errors.invalid("reason", "reason_required", "Напишите причину: её увидит тот, кто просит.")
  end
  return transaction.run(function()
    local claim = claim_id and people.lock_claim(organization.id, claim_id)
    if not claim then return nil, errors.not_found("claim", claim_id) end
    if claim.state ~= "pending" then return nil, errors.conflict("wrong_state", "По этому запросу уже решили.") end
    if claim.kind == "register" then
      return nil, errors.conflict("moderation", "Это заявка на регистрацию самой организации: её решает проверка.")
    end
    if input.verdict == "accept" then
      if organization.state ~= "active" then return nil, errors.conflict("not_active", "Организация ещё не подтверждена.") end
      local id, refused = members.start(organization, claim.user_id, input.capacity or "member", claim.post, user)
      if not id then return nil, refused end
    end
    people.decide_claim(claim.id, input.verdict == "accept" and "accepted" or "rejected", input.reason, user.id)
    audit.write("organization.claim_" .. input.verdict, "organization", organization.id, { user = { "", claim.name } }, input.reason)
    answer(claim, input.verdict == "accept", input.reason)
    return true
  end)
end

--- The organisation is confirmed: who brought it becomes its curator; who asked to join stays to be decided by him.
function claims.let_in(organization, user)
  for _, claim in ipairs(people.pending_claims(organization.id)) do
    if claim.kind == "register" then
      local id, err = members.start(organization, claim.user_id, "curator", claim.post, user)
      if not id then return nil, err end
      people.decide_claim(claim.id, "accepted", nil, user.id)
    end
  end
  return true
end

--- The organisation is refused: all who asked hear why.
function claims.turn_away(organization, user, reason)
  for _, claim in ipairs(people.pending_claims(organization.id)) do
    people.decide_claim(claim.id, "rejected", reason, user.id)
    if claim.kind == "join" then answer(claim, false, reason) end
  end
  return true
end

return claims
