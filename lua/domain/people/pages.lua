--- The profile: what is known, and the wizard that fills it step by step.
local completeness = require("domain.people.completeness")
local consents = require("domain.people.consents")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.people.fields")
local form = require("kit.form")
local locks = require("domain.people.locks")
local guardians = require("domain.people.guardians")
local policy = require("domain.people.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.people.service")
local text = require("core.text")

local OVERVIEW = "/cabinet/profile"

local function label_of(options, value)
  for _, option in ipairs(options) do
    if option.value == value then return option.label end
  end
end

local function tracker(profile, current)
  local items = {}
  for index, step in ipairs(profile.steps) do
    items[index] = { title = step.title, text = step.is_done and "заполнено" or "", state = step.id == current and "cur"
      or step.is_done and "done" or nil }
  end
  return items
end

local function joined(...)
  local parts = {}
  for _, value in ipairs({ ... }) do
    if value and value ~= "" then parts[#parts + 1] = value end
  end
  return table.concat(parts, " ")
end

local function show(request)
  local profile, err = service.get(request.user.person_id)
  if not profile then return nil, err end
  return respond.page(request, "people/show", {
    title = "Профиль", nav = "profile", profile = profile, tracker = tracker(profile, profile.next_step),
    full_name = joined(profile.last_name, profile.first_name, profile.middle_name),
    guardian_name = joined(profile.guardian_last_name, profile.guardian_first_name, profile.guardian_middle_name),
    gender = label_of(fields.GENDERS, profile.gender), citizenship = label_of(fields.CITIZENSHIPS, profile.citizenship),
    snils = policy.format_snils(profile.snils), relation = label_of(fields.RELATIONS, profile.guardian_relation),
  })
end

-- Locked fields as lines: {label, value, why}.
local function held_lines(profile)
  local shown = { gender = label_of(fields.GENDERS, profile.gender), citizenship = label_of(fields.CITIZENSHIPS, profile.citizenship),
    snils = policy.format_snils(profile.snils), birth_date = russian.date(profile.birth_date, "long"),
    middle_name = profile.has_middle_name == false and "нет" or profile.middle_name }
  local lines = {}
  for _, field in ipairs(fields.PERSON) do
    local why = profile.locks[field.name]
    if why then lines[#lines + 1] = { name = field.name, label = field.label, value = shown[field.name] or profile[field.name], why = why } end
  end
  return lines
end

local function find_step(id)
  for _, step in ipairs(fields.STEPS) do
    if step.id == id then return step end
  end
end

-- What the form shows at first: the stored values under the names of the fields.
local function stored(profile)
  local typed = {}
  for _, step in ipairs(fields.STEPS) do
    for _, field in ipairs(step.fields) do typed[field.name] = profile[field.name] end
  end
  typed.snils = policy.format_snils(profile.snils)
  typed.no_middle_name = profile.has_middle_name == false
  typed.guardian_consent = profile.guardian_consented_at ~= nil and profile.guardian_channel == "paper"
  return typed
end

-- What a refused form shows; nothing when it is shown for the first time.
local function refusal(err)
  if not err then return { fields = {}, by_field = {}, status = 200 } end
  return { fields = err.fields or {}, by_field = err.by_field or {}, status = err.status, text = not err.by_field and err.text or nil }
end

local function step_page(request, profile, step, typed, err)
  local is_last, refused = profile.steps[#profile.steps].id == step.id, refusal(err)
  return respond.page(request, "people/step", {
    title = step.title, nav = "profile", profile = profile, step = step, tracker = tracker(profile, step.id),
    typed = typed or stored(profile), errors = refused.fields, by_field = refused.by_field, fault = refused.text,
    options = step.id == "education" and service.options() or nil, genders = fields.GENDERS,
    citizenships = fields.CITIZENSHIPS,
    held = step.id == "person" and held_lines(profile) or nil, relations = fields.RELATIONS, wording = consents.wording("personal_data"),
    next = respond.local_path(request.query.next or (typed and typed.next), OVERVIEW),
    button = is_last and "Сохранить" or "Сохранить и продолжить",
  }, refused.status)
end

local function find(request)
  local profile, err = service.get(request.user.person_id)
  if not profile then return nil, nil, err end
  local step = find_step(request.params.step)
  if not step then return nil, nil, errors.not_found("page") end
  return profile, step
end

local function show_step(request)
  local profile, step, err = find(request)
  if not profile then return nil, err end
  return step_page(request, profile, step)
end

local savers = {}

-- Names the guardian, and writes to him when his address is there.
function savers.guardian(user, input)
  local profile, err = service.save_guardian(user, input)
  if not profile or not input.guardian_email then return profile, err end
  local ok
  ok, err = guardians.ask(user, profile.guardian_link_id, input.guardian_email)
  if not ok then return nil, err end
  return service.get(user.person_id)
end

function savers.consent(user, input)
  if not input.consent then
    return nil, errors.invalid("consent", "required", "Отметьте согласие: без него мы не можем рассмотреть заявку.")
  end
  local given, err = consents.give(user, user.person_id, "personal_data")
  if not given then return nil, err end
  return service.get(user.person_id)
end

-- A field emptied in the form is erased; a locked one is not in it, unless somebody sends it all the same.
local function save_fields(user, input, schema, version)
  for _, field in ipairs(schema) do
    if input[field.name] == nil then input[field.name] = db.null end
  end
  input.version = version
  return service.save(user, input)
end

local function after(profile, next_path)
  local step = completeness.next_step(profile)
  if not step then
    return respond.redirect(next_path, { notice = "Профиль заполнен" })
  end
  local query = next_path ~= OVERVIEW and ("?next=" .. text.url_encode(next_path)) or ""
  return respond.redirect(OVERVIEW .. "/" .. step .. query)
end

local function save_step(request)
  local profile, step, err = find(request)
  if not profile then return nil, err end
  local typed = request:form()
  local input, saved
  local schema = locks.open_fields(step.fields, profile.locks, typed)
  input, err = form.parse(schema, typed)
  if input then
    local save = savers[step.id]
    if save then
      saved, err = save(request.user, input)
    else
      saved, err = save_fields(request.user, input, schema, math.tointeger(tonumber(typed.version)))
    end
  end
  if not saved then return step_page(request, profile, step, typed, err) end
  return after(saved, respond.local_path(typed.next, OVERVIEW))
end

local routes = {
  { "GET", "/cabinet/profile", show, access = "user", private = true, summary = "Свой профиль" },
  { "GET", "/cabinet/profile/{step}", show_step, access = "user", private = true, summary = "Шаг заполнения профиля" },
  { "POST", "/cabinet/profile/{step}", save_step, access = "user", private = true, summary = "Сохранить шаг профиля" },
}
for _, name in ipairs({ "consents", "children", "card" }) do
  for _, route in ipairs(require("domain.people.pages_" .. name)) do routes[#routes + 1] = route end
end
return routes
