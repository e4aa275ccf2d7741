--- Guardians of minors. Under 14 the guardian acts for the child; from 14 to 17 the minor acts and the guardian consents. The tie
--- is made by a request that the other side confirms: a minor names his guardian, a guardian names his child.
local audit = require("kit.audit")
local clock = require("core.clock")
local consents = require("domain.people.consents")
local crypto = require("core.crypto")
local errors = require("kit.errors")
local fields = require("domain.people.fields")
local lookup = require("kit.lookup")
local mail = require("kit.mail")
local outbox = require("kit.outbox")
local people = require("domain.people.service")
local rules = lookup.module("rules.profile")
local store = require("domain.people.store_guardians")
local transaction = require("kit.transaction")
local guardians = {}

local HOURS = 14 * 24

-- ---- who acts for whom

--- Children of the user by the key of their person; asked once a request.
---@return table<integer, table>
function guardians.wards(user)
  if not user.person_id then return {} end
  if not user.wards then
    user.wards = {}
    for _, link in ipairs(store.wards(user.person_id)) do
      if link.age and link.age < rules.adult_age then user.wards[link.minor_id] = link end
    end
  end
  return user.wards
end

--- Does the user act in the child's place?
---@return boolean
function guardians.acts_for(user, person_id)
  local link = guardians.wards(user)[person_id]
  return link ~= nil and link.age < rules.acting_age
end

--- The child of the user by its public id; nil when it is none of his.
function guardians.ward(user, public_id)
  for _, link in pairs(guardians.wards(user)) do
    if link.minor_public_id == public_id then return link end
  end
end

local function record(action, link, more)
  audit.write("guardian." .. action, "person", link.minor_id, more)
  outbox.emit("guardian." .. action, nil, { link_id = tostring(link.id), person_id = tostring(link.minor_id) })
end

-- ---- asking

local function mail_request(link_id, email, kind, data, asked_by)
  local token = crypto.token(32)
  store.ask(link_id, crypto.sha256(token), email, HOURS, asked_by)
  data.token, data.days = token, HOURS // 24
  mail.send(kind, email, data)
end

--- A minor asks his guardian, whom he has named in the profile, to confirm and consent.
---@return true? ok
---@return kit.Error? err
function guardians.ask(user, link_id, email)
  return transaction.run(function()
    local link = link_id and store.lock(link_id)
    if not link or link.minor_id ~= user.person_id then return nil, errors.not_found("guardian", link_id) end
    if link.state == "active" then return nil, errors.conflict("already_active", "Представитель уже подтвердил связь.") end
    mail_request(link.id, email, "guardian_request", { minor = link.minor_name, guardian = link.guardian_name }, "minor")
    record("ask", link)
    return true
  end)
end

--- The request behind a link of a letter.
---@return table? link
---@return kit.Error? err 410
function guardians.find_request(token)
  local link = store.by_token(crypto.sha256(token))
  if link then return link end
  return nil, errors.new(410, "link_expired", "Ссылка уже использована или устарела. Попросите прислать новую.")
end

local function check_confirmer(link, user)
  if not user.person_id then return errors.forbidden("Нужна учётная запись гражданина.") end
  if link.asked_by == "guardian" then
    return user.person_id ~= link.minor_id and errors.forbidden("Запрос отправлен другому человеку.", "not_yours") or nil
  end
  if user.person_id == link.minor_id then return errors.forbidden("Представитель подтверждает связь сам, под своей учётной записью.", "not_yours") end
  local own = people.get(user.person_id)
  if not own.birth_date then
    return errors.rule("profile_incomplete", "Сначала укажите в профиле свою дату рождения: представителем может быть только взрослый.", "guardian_is_adult")
  end
  if own.age < rules.adult_age then return errors.rule("guardian_is_minor", "Законным представителем может быть только взрослый.", "guardian_is_adult") end
end

--- The other side confirms. A guardian may consent in the same breath; a minor who confirms leaves the consent to the guardian.
---@param input {consent: boolean?}
---@return table? link
---@return kit.Error? err
function guardians.confirm(user, token, input)
  local link, err = guardians.find_request(token)
  if not link then return nil, err end
  err = check_confirmer(link, user)
  if err then return nil, err end
  return transaction.run(function()
    local by_guardian = link.asked_by == "minor"
    local guardian_id = by_guardian and user.person_id or link.guardian_id
    local done, refused = store.confirm(link.id, guardian_id, not by_guardian or input.consent == true)
    if not done then
      if refused.constraint == "guardian_link_key" then return nil, errors.conflict("already_active", "Эта связь уже подтверждена.") end
      return nil, refused
    end
    if done == 0 then return nil, errors.conflict("wrong_state", "На этот запрос уже ответили.") end
    if by_guardian and link.guardian_id ~= user.person_id then store.drop_placeholder(link.guardian_id) end
    user.wards = nil
    record("confirm", link, { guardian = { "", "***" } })
    return store.find(link.id)
  end)
end

function guardians.decline(user, token)
  local link, err = guardians.find_request(token)
  if not link then return nil, err end
  return transaction.run(function()
    store.finish(link.id, "declined", not user.is_guest and user.id or nil)
    record("decline", link)
    return true
  end)
end

-- ---- the guardian's side

local function own_link(user, link_id)
  local link = link_id and store.lock(link_id)
  if not link or link.guardian_id ~= user.person_id or link.state ~= "active" then return nil, errors.not_found("guardian", link_id) end
  return link
end

--- Gives or withdraws the consent to the child's training.
---@return true? ok
---@return kit.Error? err
function guardians.consent(user, link_id, is_given)
  return transaction.run(function()
    local link, err = own_link(user, link_id)
    if not link then return nil, err end
    store.set_consent(link.id, is_given)
    record(is_given and "consent_give" or "consent_withdraw", link)
    return true
  end)
end

--- Ends the tie: by either side.
---@return true? ok
---@return kit.Error? err
function guardians.revoke(user, link_id)
  return transaction.run(function()
    local link = link_id and store.lock(link_id)
    if not link or not user.person_id or (link.guardian_id ~= user.person_id and link.minor_id ~= user.person_id) then
      return nil, errors.not_found("guardian", link_id)
    end
    store.finish(link.id, "revoked", user.id)
    user.wards = nil
    record("revoke", link)
    return true
  end)
end

local function age_of(birth_date)
  local today = clock.date()
  local years = tonumber(today:sub(1, 4)) - tonumber(birth_date:sub(1, 4))
  return today:sub(6) < birth_date:sub(6) and years - 1 or years
end
guardians.age_of = age_of

local function check_child(c)
  local faults, age = {}, age_of(c.birth_date)
  if c.birth_date > clock.date() or age >= rules.acting_age then
    faults[1] = { field = "birth_date", code = "not_a_child",
      message = ("Так добавляют детей до %d лет. Старшие заводят свою учётную запись, а вы отправьте им запрос."):format(rules.acting_age) }
  end
  if not c.middle_name and not c.no_middle_name then
    faults[#faults + 1] = { field = "middle_name", code = "required", message = "Заполните отчество или отметьте «Отчества нет»." }
  end
  if c.citizenship == fields.RUSSIA and not c.snils then
    faults[#faults + 1] = { field = "snils", code = "required", message = "Укажите СНИЛС ребёнка: 11 цифр." }
  end
  return #faults > 0 and errors.invalid(faults) or nil
end

--- A guardian must be known himself: an adult with a birth date.
local function check_guardian(user)
  local own, err = people.get(user.person_id)
  if not own then return err end
  if not own.age or own.age < rules.adult_age then
    return errors.rule("guardian_is_adult", "Сначала заполните свой профиль: представителем может быть только взрослый.", "guardian_is_adult")
  end
end

--- Adds a child under 14, who has no account: the guardian acts for it.
---@param input table values of fields.CHILD
---@return table? link
---@return kit.Error? err
function guardians.add_child(user, input)
  local err = check_guardian(user) or check_child(input)
  if err then return nil, err end
  if input.no_middle_name then input.middle_name = nil end
  input.email = user.email
  return transaction.run(function()
    local child, refused = store.insert_child(input, user.id)
    if not child then
      if refused.constraint == "person_snils_key" then
        return nil, errors.invalid("snils", "taken", "Этот СНИЛС уже есть в системе. Если ребёнка уже записывали, позвоните в центр.")
      end
      return nil, errors.invalid("birth_date", "refused", "Данные не подошли. Проверьте дату рождения и СНИЛС.")
    end
    local row = store.insert(child.id, user.person_id, input.relation, "active")
    user.wards = nil
    local link = store.find(row.id)
    record("add_child", link, { birth_date = { "***", "***" } })
    if input.consent then
      local ok, fault = consents.give(user, child.id, "personal_data")
      if not ok then return nil, fault end
    end
    return link
  end)
end

--- Asks a minor who has an account. The answer is the same whether there is one.
---@return true? ok
---@return kit.Error? err
function guardians.ask_child(user, email, relation)
  local err = check_guardian(user)
  if err then return nil, err end
  return transaction.run(function()
    local minor = store.person_by_email(email)
    if not minor or minor.id == user.person_id or (minor.age and minor.age >= rules.adult_age) then return true end
    local row, refused = transaction.attempt(function() return store.insert(minor.id, user.person_id, relation, "requested") end)
    if not row then return refused.constraint == "guardian_link_key" and true or nil, refused end
    local link = store.find(row.id)
    mail_request(row.id, email, "guardian_offer", { minor = link.minor_name, guardian = link.guardian_name }, "guardian")
    record("ask", link)
    return true
  end)
end

--- The staff has seen the signed paper. The caller has checked who may.
function guardians.check_paper(user, person_id)
  return transaction.run(function()
    if store.check_paper(person_id, user.id) > 0 then audit.write("guardian.check_paper", "person", person_id, {}) end
    return true
  end)
end

return guardians
