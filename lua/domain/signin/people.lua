--- Whose identity it is: linking by СНИЛС, new people, names that have changed, organisations of a head.
local audit = require("kit.audit")
local checks = require("kit.checks")
local db = require("core.db")
local errors = require("kit.errors")
local outbox = require("kit.outbox")
local russian = require("kit.russian")
local store = require("domain.signin.store")
local text = require("core.text")
local people = {}

local function proper(name)
  if not name or name ~= text.upper(name) then return name end
  return (text.lower(name):gsub("[^%s%-]+", function(word) return text.upper(text.sub(word, 1, 1)) .. text.sub(word, 2) end))
end

--- «ИВАНОВ-ПЕТРОВ» → «Иванов-Петров»: ЕСИА writes names as they come.
function people.tidy_names(profile)
  for _, name in ipairs({ "last_name", "first_name", "middle_name" }) do profile[name] = proper(profile[name]) end
  return profile
end

local function tidy(profile)
  local snils = profile.is_trusted and profile.snils and checks.snils(profile.snils) or nil
  return {
    last_name = profile.last_name, first_name = profile.first_name, middle_name = profile.middle_name, birth_date = profile.birth_date,
    gender = profile.gender, snils = snils, email = profile.email,
  }
end

local function same(a, b) return text.fold(a or "") == text.fold(b or "") end

local function full(p) return russian.full_name(p.last_name, p.first_name, p.middle_name) end

-- A checked name replaces the one we had, never silently: history, journal, and a word to the owner.
local function update(person, profile, user_id)
  if not profile.is_trusted then return nil end
  local p = tidy(profile)
  if p.snils and person.snils ~= p.snils then
    local other = store.person_by_snils(p.snils)
    if other and other.id ~= person.id then p.snils = nil end -- two cards of one person: an administrator merges them
  end
  store.complete(person.id, p, user_id)
  p.first_name = p.first_name or ""
  local is_same = not p.last_name or same(p.last_name, person.last_name) and same(p.first_name, person.first_name) and same(p.middle_name, person.middle_name)
  if not is_same then store.rename(person.id, p, user_id) end
  store.vouch(person.id, p)
  if is_same then return nil end
  audit.write("person.rename_by_esia", "person", person.id, { name = { full(person), full(p) } })
  return ("ФИО обновлено по данным Госуслуг: было «%s», стало «%s»."):format(full(person), full(p))
end

--- A log-in of somebody known: fills in what is empty; tells of a changed name.
---@return string? notice
function people.refresh(user_id, profile)
  local person = store.person_of(user_id)
  return person and update(person, profile, user_id) or nil
end

local function announce(user_id, provider, how)
  audit.write("user.link_identity", "user_account", user_id, { provider = { nil, provider }, how = { nil, how } })
end

local function is_born_alike(person, profile)
  return not person.birth_date or not profile.birth_date or person.birth_date == profile.birth_date
end

--- Finds the person by СНИЛС, when the provider vouches for it, and links. Somebody listed by an employer gets an account.
---@return table? known { user_id, email, state, otp_since }
---@return string? notice
---@return kit.Error? err
function people.link_by_snils(provider, profile)
  local snils = provider.kind == "esia" and profile.is_trusted and profile.snils and checks.snils(profile.snils)
  local person = snils and store.person_by_snils(snils)
  if not person then return nil end
  if not is_born_alike(person, profile) then
    return nil, nil, errors.conflict("snils_of_another", "Ваш СНИЛС записан у нас за другим человеком. Обратитесь в центр: мы проверим и поправим.")
  end
  local user_id = person.user_id
  if not user_id then
    local email = profile.email and store.email_is_free(profile.email) and profile.email or nil
    user_id = store.insert_account(email).id
    store.own_person(person.id, user_id)
    store.insert_grant(user_id, "learner")
    person.state, person.email = "active", email
  end
  if person.state == "deleted" then return nil end
  local row, taken = store.insert_identity(user_id, provider.code, profile.subject, true)
  if not row then return nil, nil, taken end
  announce(user_id, provider.code, "snils")
  local notice = update(person, profile, user_id)
  return { user_id = user_id, email = person.email, state = person.state, otp_since = person.otp_since },
    notice or "Мы узнали вас по СНИЛС: вход через Госуслуги привязан."
end

--- A new person with an account.
---@return integer? user_id
---@return kit.Error? err
function people.create(profile)
  local p = tidy(profile)
  if p.snils and store.person_by_snils(p.snils) then p.snils = nil end
  if p.email and not store.email_is_free(p.email) then p.email = nil end
  p.last_name = p.last_name or (p.email and p.email:match("^[^@]+")) or "Без имени"
  p.first_name = p.first_name or ""
  local account, taken = store.insert_account(p.email)
  if not account then return nil, taken end
  local user_id = account.id
  local person = store.insert_person(user_id, p)
  if profile.is_trusted then store.vouch(person.id, p) end
  store.insert_grant(user_id, "learner")
  local row
  row, taken = store.insert_identity(user_id, profile.provider, profile.subject, profile.is_trusted)
  if not row then return nil, taken end
  audit.write("user.register", "user_account", user_id, { provider = { nil, profile.provider } })
  outbox.emit("user.registered", nil, { user_id = tostring(user_id) })
  profile.email = p.email
  return user_id
end

--- Links an identity to an account, because its owner asked.
---@return string? notice
---@return kit.Error? err
function people.link(user_id, provider, profile)
  local known = store.identity(provider.code, profile.subject)
  if known and known.user_id == user_id then return "Уже привязано." end
  if known then return nil, errors.conflict("identity_taken", "Эта учётная запись уже привязана к другой записи на платформе.") end
  local row, taken = store.insert_identity(user_id, provider.code, profile.subject, profile.is_trusted)
  if not row then return nil, errors.conflict("identity_taken", "К вашей записи уже привязан такой вход: сначала отвяжите его.", { cause = taken }) end
  announce(user_id, provider.code, "owner")
  local notice = people.refresh(user_id, profile)
  people.offer(user_id, profile)
  return notice or "Вход привязан."
end

--- Offers the rights of a curator to the head of an organisation that we know by its ОГРН.
function people.offer(user_id, profile)
  if not profile.is_trusted or #(profile.organizations or {}) == 0 then return 0 end
  return store.offer(user_id, db.array(profile.organizations))
end

return people
