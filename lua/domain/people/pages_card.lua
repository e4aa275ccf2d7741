--- Pages of the card of a person, and of correcting who he is.
local audit = require("domain.audit")
local card = require("domain.people.card")
local errors = require("kit.errors")
local fields = require("domain.people.fields")
local form = require("kit.form")
local lookup = require("kit.lookup")
local personal = require("kit.personal")
local respond = require("kit.respond")
local roles = require("kit.roles")
local russian = require("kit.russian")
local service = require("domain.people.service")

local purposes = lookup.module("rules.purposes")

local PATH = "/cabinet/people/{id}"
local ACCOUNT = {
  registered = { text = "Почта не подтверждена", tone = "warn" }, active = { text = "Есть учётная запись", tone = "ok" },
  locked = { text = "Учётная запись временно закрыта", tone = "warn" }, blocked = { text = "Учётная запись заблокирована", tone = "bad" },
}
local MARKS = { esia = "Госуслуги", staff = "проверено" }
local PAPER_STATES = { asked = "ждём", new = "новый", rejected = "отклонён", confirmed = "подтверждён", expired = "просрочен" }

local function label_of(options, value)
  for _, option in ipairs(options) do
    if option.value == value then return option.label end
  end
end

local function application_rows(person)
  local rows = {}
  for index, a in ipairs(person.applications) do
    local href = "/cabinet/applications/" .. a.public_id
    rows[index] = { href = href, cells = { { text = "№ " .. a.number, sub = russian.date(a.submitted_at), href = href },
      { text = a.program, sub = a.organization }, { chip = { "application", a.state } } } }
  end
  return rows
end

local function enrollment_rows(person)
  local rows = {}
  for index, e in ipairs(person.enrollments) do
    local href = "/cabinet/groups/" .. e.group_id
    rows[index] = { href = href, cells = { { text = e.code, sub = russian.period(e.enrolled_on, e.left_on), href = href },
      { text = e.program, sub = e.organization }, { chip = { "enrollment", e.state } } } }
  end
  return rows
end

local function identity(person)
  local line = function(label, value, field) return { label = label, value = value, mark = value and field and MARKS[person.verified[field]] } end
  return {
    line("Дата рождения", person.birth_date and ("%s, %s"):format(russian.date(person.birth_date, "long"),
      russian.plural(person.age, "%s год", "%s года", "%s лет")), "birth_date"),
    line("Пол", label_of(fields.GENDERS, person.gender), "gender"), line("Гражданство", label_of(fields.CITIZENSHIPS, person.citizenship), "citizenship"),
    line("СНИЛС", person.snils, "snils"), line("Образование", person.education), line("Документ об образовании", person.education_document),
    line("Категория", person.category), line("Ограничения здоровья", person.health_limit),
    line("Прежние имена", #person.ties.former_names > 0 and table.concat(person.ties.former_names, "; ") or nil),
    line("Законные представители", #person.ties.guardians > 0 and table.concat(person.ties.guardians, "; ") or nil),
    line("Представляет детей", #person.ties.wards > 0 and table.concat(person.ties.wards, "; ") or nil),
  }
end

local function grant_lines(person)
  local lines = {}
  for index, grant in ipairs(person.grants) do
    lines[index] = { name = roles.name(grant.role), organization = grant.organization, period = grant.valid_to and russian.period(grant.valid_from, grant.valid_to) }
  end
  return lines
end

local function page(request, options, err)
  local person, fault = card.get(request.user, request.params.id, options)
  if not person then return nil, fault end
  for _, document in ipairs(person.documents) do document.state = PAPER_STATES[document.state] end
  return respond.page(request, "people/card", {
    title = person.name, nav = "applications", person = person, identity = identity(person), account = ACCOUNT[person.account_state],
    applications = application_rows(person), enrollments = enrollment_rows(person), held = grant_lines(person),
    purposes = purposes, fault = err and err.text, journal = audit.timeline(request.user, "person", person.id),
  }, err and err.status or 200)
end

local function show(request) return page(request) end

local function reveal(request)
  local input, err = form.parse(personal.PURPOSE, request:form())
  if not input then return page(request, nil, err) end
  return page(request, { purpose = input.purpose })
end

-- The journal of actions knows people by their key; whether the card may be opened is asked there.
local function by_key(request)
  local public_id = card.public_id(math.tointeger(tonumber(request.params.key)))
  if not public_id then return nil, errors.not_found("person") end
  return respond.redirect("/cabinet/people/" .. public_id)
end

-- ---- correcting

local function correct_page(request, typed, err)
  local person, fault = card.get(request.user, request.params.id)
  if not person then return nil, fault end
  if not person.can_correct then return nil, errors.not_found("person") end
  local current = { last_name = person.last_name, first_name = person.first_name, middle_name = person.middle_name,
    no_middle_name = not person.has_middle_name, birth_date = person.birth_date, gender = person.gender, citizenship = person.citizenship,
    version = person.version }
  return respond.page(request, "people/correct", {
    title = "Исправить данные", nav = "applications", person = person, typed = typed or current, genders = fields.GENDERS,
    citizenships = fields.CITIZENSHIPS, errors = err and err.fields or {}, by_field = err and err.by_field or {},
    fault = err and not err.by_field and err.text or nil, crumbs = { { label = person.name, href = "/cabinet/people/" .. person.public_id },
      { label = "Исправить данные" } },
  }, err and err.status or 200)
end

local function show_correct(request) return correct_page(request) end

local function correct(request)
  local typed = request:form()
  local input, err = form.parse(fields.CORRECTION, typed)
  local saved
  if input then saved, err = service.correct(request.user, request.params.id, input) end
  if saved then return respond.redirect("/cabinet/people/" .. request.params.id, { notice = "Исправлено: данные проверены по документу" }) end
  if err.status == 404 then return nil, err end
  return correct_page(request, typed, err)
end

return {
  { "GET", PATH, show, access = { "person.read" }, summary = "Карточка человека" },
  { "GET", "/cabinet/people/key/{key}", by_key, access = { "audit.read" }, summary = "Карточка человека по ключу из журнала действий" },
  { "POST", PATH .. "/special", reveal, access = { "person.read_special" }, body = personal.PURPOSE, summary = "Показать особые данные человека" },
  { "GET", PATH .. "/correct", show_correct, access = { "person.edit" }, summary = "Форма исправления данных по документу" },
  { "POST", PATH .. "/correct", correct, access = { "person.edit" }, body = fields.CORRECTION, summary = "Исправить данные по документу" },
}
