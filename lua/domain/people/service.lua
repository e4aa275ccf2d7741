--- The profile of the account's own person: step by step in the wizard, or in parts through the API.
local audit = require("kit.audit")
local card_store = require("domain.people.store_card")
local checks = require("kit.checks")
local clock = require("core.clock")
local completeness = require("domain.people.completeness")
local consents = require("domain.people.consents")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.people.fields")
local json = require("core.json")
local locks = require("domain.people.locks")
local outbox = require("kit.outbox")
local policy = require("domain.people.policy")
local store = require("domain.people.store")
local transaction = require("kit.transaction")
local service = {}

-- Fields whose values do not go into the audit trail: that they changed is enough.
local MASKED = { snils = true, birth_date = true, phone = true, address = true, education_last_name = true }
local COLUMNS = { "last_name", "first_name", "middle_name", "has_middle_name", "gender", "birth_date", "snils", "citizenship", "phone",
  "address", "education_level", "education_year", "education_last_name", "citizen_category" }

--- The profile with what is missing and the steps; nil, not_found for an account without a person.
---@return table? profile
---@return kit.Error? err
function service.get(person_id)
  local profile = person_id and store.profile(person_id)
  if not profile then return nil, errors.not_found("person", person_id) end
  profile.consent_is_outdated = profile.consent_version ~= nil and profile.consent_version ~= consents.version("personal_data")
  if profile.consent_is_outdated then profile.consent_given_at = nil end -- asked again
  profile.verified = json.decode(profile.verified)
  profile.locks = locks.of(profile)
  profile.missing = completeness.missing(profile)
  profile.is_minor = completeness.is_minor(profile)
  profile.steps = completeness.steps(profile)
  profile.next_step = completeness.next_step(profile)
  return profile
end

--- Choices of the reference books that forms show: {education_level = {{value, label}}, citizen_category = …}.
function service.options()
  local options = { education_level = {}, citizen_category = {} }
  for _, row in ipairs(store.options()) do
    table.insert(options[row.book], { value = row.value, label = row.label })
  end
  return options
end

local function fault(list, field, code, message)
  list[#list + 1] = { field = field, code = code, message = message }
end

local function check_person(list, p)
  if p.has_middle_name and not p.middle_name then
    fault(list, "middle_name", "required", "Заполните отчество или отметьте «Отчества нет».")
  end
  if p.birth_date and (p.birth_date > clock.date() or p.birth_date < "1900-01-01") then
    fault(list, "birth_date", "out_of_range", "Проверьте дату рождения: год, месяц, число.")
  end
  if p.citizenship == fields.RUSSIA and not p.snils then
    fault(list, "snils", "required", "Укажите СНИЛС: 11 цифр с зелёной карточки или из Госуслуг.")
  end
end

-- An erased value (db.null) is no value.
local function given(value)
  if value == db.null then return nil end
  return value
end

local function is_option(options, value)
  for _, option in ipairs(options) do
    if option.value == value then return true end
  end
  return false
end

local function check_education(list, input)
  local level, category, year = given(input.education_level), given(input.citizen_category), given(input.education_year)
  local options = (level or category) and service.options()
  if level and not is_option(options.education_level, level) then
    fault(list, "education_level", "unknown", "Выберите уровень образования из списка.")
  end
  if category and not is_option(options.citizen_category, category) then
    fault(list, "citizen_category", "unknown", "Выберите категорию из списка.")
  end
  if year and year > tonumber(clock.date():sub(1, 4)) then
    fault(list, "education_year", "in_future", "Год ещё не наступил. Если вы учитесь, оставьте поле пустым.")
  end
end

-- What the person will look like: the stored profile with the input laid over. db.null erases, absence keeps.
local function merge(profile, input)
  local p = { id = profile.id, version = input.version or profile.version }
  for _, column in ipairs(COLUMNS) do
    local value = profile[column]
    if input[column] ~= nil then value = given(input[column]) end
    p[column] = value
  end
  p.first_name = p.first_name or ""
  if input.no_middle_name ~= nil then p.has_middle_name = given(input.no_middle_name) ~= true end
  if given(input.middle_name) and input.no_middle_name ~= true then p.has_middle_name = true end
  if p.has_middle_name == false then p.middle_name = nil end
  return p
end

local function diff_of(old, new)
  local diff = {}
  for _, column in ipairs(COLUMNS) do
    if old[column] ~= new[column] then
      diff[column] = MASKED[column] and { "***", "***" } or { tostring(old[column] or ""), tostring(new[column] or "") }
    end
  end
  return diff
end

local function snils_is_taken()
  return errors.invalid("snils", "taken",
    "Этот СНИЛС уже есть в системе у другой записи. Позвоните в центр: поможем объединить записи.")
end

-- how = {save, action, reason}: by the owner, or by the staff.
local function write(profile, p, user, how)
  return transaction.run(function()
    local changed, err = how.save(p, user.id)
    if not changed then
      if err.constraint == "person_snils_key" then return nil, snils_is_taken() end
      return nil, errors.invalid("birth_date", "refused", "Данные не подошли. Проверьте дату рождения и СНИЛС.")
    end
    if changed == 0 then
      return nil, errors.conflict("version_conflict", "Профиль изменили в другом окне. Обновите страницу и внесите правку ещё раз.")
    end
    audit.write(how.action, "person", p.id, diff_of(profile, p), how.reason)
    outbox.emit("person.updated", nil, { person_id = tostring(p.id), user_id = tostring(user.id) })
    return service.get(p.id)
  end)
end

--- Saves a step of the wizard, or any part of the profile.
---@param user kit.User
---@param input table values of fields.PERSON, EDUCATION or PATCH; db.null erases a value, nil keeps it
---@return table? profile
---@return kit.Error? err
function service.save(user, input)
  local profile, err = service.get(user.person_id)
  if not profile then return nil, err end
  local p = merge(profile, input)
  local faults = {}
  locks.check(faults, profile, p)
  if input.last_name or input.middle_name or input.no_middle_name ~= nil or input.snils or input.birth_date or input.citizenship then
    check_person(faults, p)
  end
  check_education(faults, input)
  if #faults > 0 then return nil, errors.invalid(faults) end
  return write(profile, p, user, { save = store.save, action = "person.update" })
end

--- Corrects who somebody is, by the staff with the paper in hand: these fields are verified then, and he no longer changes them himself.
---@param user kit.User
---@param public_id string
---@param input table values of fields.CORRECTION
---@return table? profile
---@return kit.Error? err 404 for one's own: nobody vouches for himself
function service.correct(user, public_id, input)
  local person = checks.uuid(public_id) and card_store.find(public_id)
  if not person or not policy.can_keep_papers(user, person) then return nil, errors.not_found("person", public_id) end
  local profile, err = service.get(person.id)
  if not profile then return nil, err end
  for _, field in ipairs(fields.PERSON) do
    -- The stored СНИЛС is not in the form, which anybody may look at: an empty field keeps it.
    if input[field.name] == nil and field.name ~= "snils" then input[field.name] = db.null end
  end
  local p, faults = merge(profile, input), {}
  check_person(faults, p)
  if #faults > 0 then return nil, errors.invalid(faults) end
  return write(profile, p, user, { save = card_store.correct, action = "person.correct", reason = input.reason })
end

--- A guardian of a minor, as the minor names him. Then the guardian confirms by a letter and consents himself, or his consent is on
--- paper: the minor attaches the scan, and the staff checks it before the application is approved.
---@return table? profile
---@return kit.Error? err
function service.save_guardian(user, input)
  local profile, err = service.get(user.person_id)
  if not profile then return nil, err end
  if not input.guardian_consent and not input.guardian_email and not profile.guardian_consented_at then
    return nil, errors.invalid("guardian_email", "required",
      "Без согласия законного представителя заявку подать нельзя. Укажите его почту или отметьте, что согласие подписано на бумаге.")
  end
  if profile.guardian_state == "active" then
    return nil, errors.conflict("already_active", "Представитель подтвердил связь сам: его данные меняет он.")
  end
  local guardian = {
    last_name = input.guardian_last_name, first_name = input.guardian_first_name,
    middle_name = input.guardian_middle_name,
    phone = input.guardian_phone, relation = input.guardian_relation,
    consented = input.guardian_consent == true,
  }
  return transaction.run(function()
    if profile.guardian_link_id then
      store.save_guardian(profile.guardian_link_id, guardian, user.id)
    else
      store.insert_guardian(profile.id, guardian, user.id)
    end
    audit.write("person.guardian", "person", profile.id, { guardian = { "***", "***" }, relation = { "", guardian.relation } })
    outbox.emit("person.guardian_set", nil, { person_id = tostring(profile.id) })
    return service.get(profile.id)
  end)
end

return service
