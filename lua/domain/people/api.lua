--- The profile of whoever asks, and his consents.
local consents = require("domain.people.consents")
local errors = require("kit.errors")
local fields = require("domain.people.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.people.service")
local shape = require("kit.shape")

local COPIED = { "last_name", "first_name", "middle_name", "gender", "birth_date", "snils", "citizenship", "phone", "email", "address",
  "education_level", "education_year", "education_last_name", "citizen_category" }

local function profile_json(profile)
  local out = { id = profile.public_id, version = profile.version, has_middle_name = profile.has_middle_name, age = profile.age or json.null,
    is_minor = profile.is_minor, is_complete = #profile.missing == 0 }
  for _, name in ipairs(COPIED) do out[name] = profile[name] == nil and json.null or profile[name] end
  local missing = {}
  for index, lack in ipairs(profile.missing) do missing[index] = lack.field end
  out.missing = json.array(missing)
  out.consents = json.array(profile.consent_given_at and { {
    kind = "personal_data", given_at = profile.consent_given_at, text_version = profile.consent_version } } or {})
  out.guardian = profile.guardian_link_id and {
    last_name = profile.guardian_last_name, first_name = profile.guardian_first_name,
    middle_name = profile.guardian_middle_name or json.null, relation = profile.guardian_relation,
    consented_at = profile.guardian_consented_at or json.null } or json.null
  return out
end

local function show(request)
  local profile, err = service.get(request.user.person_id)
  if not profile then return nil, err end
  return respond.json(profile_json(profile))
end

local function update(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(fields.PATCH, body, { partial = true })
  if not input then return nil, err end
  local profile
  profile, err = service.save(request.user, input)
  if not profile then return nil, err end
  return respond.json(profile_json(profile))
end

local function give_consent(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(fields.CONSENT_BODY, body)
  if not input then return nil, err end
  local given
  if not request.user.person_id then return nil, errors.not_found("person") end
  given, err = consents.give(request.user, request.user.person_id, input.kind)
  if not given then return nil, err end
  return respond.json({ kind = input.kind, text_version = given.version }, 201)
end

local function null(value)
  if value == nil then return json.null end
  return value
end

local function list_consents(request)
  local items = {}
  for index, entry in ipairs(consents.list(request.user.person_id)) do
    local current, wording = entry.current or {}, entry.wording
    items[index] = { kind = wording.kind, title = wording.title, text = json.array(wording.text), text_version = wording.version, stops = wording.stops,
      is_given = entry.current ~= nil and not entry.is_outdated, is_outdated = entry.is_outdated, given_at = null(current.given_at),
      given_version = null(current.text_version), channel = null(current.channel), guardian = null(current.guardian) }
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function withdraw_consent(request)
  local ok, err = consents.withdraw(request.user, request.user.person_id, request.params.kind)
  if not ok then return nil, err end
  return respond.empty()
end

local maybe, text = shape.maybe, shape.text
local CONSENT = shape.object({ kind = text, text_version = text }, { given_at = shape.moment })
local SCHEMAS = {
  Consent = CONSENT,
  ConsentState = shape.object({ kind = text, title = text, text = shape.list(text), text_version = text, stops = text, is_given = shape.boolean,
    is_outdated = shape.boolean, given_at = maybe(shape.moment), given_version = maybe(text), channel = maybe(text), guardian = maybe(text) }),
  Profile = shape.object({
    id = shape.uuid, version = shape.integer, last_name = maybe(text), first_name = maybe(text), middle_name = maybe(text),
    has_middle_name = shape.boolean, gender = maybe(text), birth_date = maybe(shape.date), age = maybe(shape.integer),
    is_minor = shape.boolean, is_complete = shape.boolean, missing = shape.list(text), snils = maybe(text), citizenship = maybe(text),
    phone = maybe(text), email = maybe(text), address = maybe(text), education_level = maybe(text), education_year = maybe(shape.integer),
    education_last_name = maybe(text), citizen_category = maybe(text), consents = shape.list(CONSENT), guardian = maybe(shape.any),
  }),
}

local routes = {
  schemas = SCHEMAS,
  { "GET", "/api/v1/me/profile", show, access = "user", private = true, returns = "Profile", summary = "Свой профиль" },
  { "PATCH", "/api/v1/me/profile", update, access = "user", private = true, body = fields.PATCH, returns = "Profile",
    summary = "Изменить часть своего профиля" },
  { "GET", "/api/v1/me/consents", list_consents, access = "user", private = true, returns = "ConsentStateList", summary = "Согласия: тексты и что дано" },
  { "POST", "/api/v1/me/consents", give_consent, access = "user", private = true, body = fields.CONSENT_BODY, returns = "Consent",
    summary = "Дать согласие в нынешней редакции" },
  { "DELETE", "/api/v1/me/consents/{kind}", withdraw_consent, access = "user", private = true, status = 204, summary = "Отозвать согласие" },
}
for _, name in ipairs({ "card", "children" }) do
  local more = require("domain.people.api_" .. name)
  for _, route in ipairs(more) do routes[#routes + 1] = route end
  for key, schema in pairs(more.schemas) do routes.schemas[key] = schema end
end

return routes
