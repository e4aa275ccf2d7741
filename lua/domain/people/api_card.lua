--- JSON of the card of a person.
local card = require("domain.people.card")
local fields = require("domain.people.fields")
local form = require("kit.form")
local json = require("core.json")
local personal = require("kit.personal")
local respond = require("kit.respond")
local service = require("domain.people.service")
local shape = require("kit.shape")

local PATH = "/api/v1/people/{id}"
local COPIED = { "last_name", "first_name", "middle_name", "gender", "birth_date", "age", "citizenship", "snils", "education", "education_document",
  "category", "health_limit", "phone", "email", "address" }

local function copies(list, names)
  local items = {}
  for index, row in ipairs(list) do
    items[index] = {}
    for target, source in pairs(names) do items[index][target] = row[source] == nil and json.null or row[source] end
  end
  return json.array(items)
end

local function card_json(person)
  local out = { id = person.public_id, version = person.version, verified = json.object(person.verified), is_special_shown = person.is_shown == true,
    applications = copies(person.applications, { id = "public_id", number = "number", state = "state", program = "program" }),
    enrollments = copies(person.enrollments, { group_id = "group_id", group = "code", state = "state", enrolled_on = "enrolled_on" }),
    consents = copies(person.consents, { title = "title", given_at = "given_at" }) }
  for _, entry in ipairs(out.enrollments) do entry.group_id = tostring(entry.group_id) end
  for _, name in ipairs(COPIED) do out[name] = person[name] == nil and json.null or person[name] end
  return out
end

local function answer(request, options)
  local person, err = card.get(request.user, request.params.id, options)
  if not person then return nil, err end
  return respond.json(card_json(person))
end

local function read_body(request, schema)
  local body, err = request:json()
  if not body then return nil, err end
  return form.parse(schema, body)
end

local function show(request) return answer(request) end

local function reveal(request)
  local input, err = read_body(request, personal.PURPOSE)
  if not input then return nil, err end
  return answer(request, { purpose = input.purpose })
end

local function correct(request)
  local input, err = read_body(request, fields.CORRECTION)
  if not input then return nil, err end
  local saved
  saved, err = service.correct(request.user, request.params.id, input)
  if not saved then return nil, err end
  return answer(request)
end

local maybe, text = shape.maybe, shape.text

return {
  { "GET", PATH, show, access = { "person.read" }, returns = "Person", summary = "Карточка человека: СНИЛС и другие особые данные скрыты" },
  { "POST", PATH .. "/special", reveal, access = { "person.read_special" }, body = personal.PURPOSE, returns = "Person", status = 200,
    summary = "То же с особыми данными: нужна цель, просмотр остаётся в журнале" },
  { "POST", PATH .. "/corrections", correct, access = { "person.edit" }, body = fields.CORRECTION, returns = "Person", status = 200,
    summary = "Исправить данные человека по документу" },
  schemas = {
    Person = shape.object({
      id = shape.uuid, version = shape.integer, last_name = text, first_name = maybe(text), middle_name = maybe(text), gender = maybe(text),
      birth_date = maybe(shape.date), age = maybe(shape.integer), citizenship = maybe(text), snils = maybe(text), education = maybe(text),
      education_document = maybe(text), category = maybe(text), health_limit = maybe(text), phone = maybe(text), email = maybe(text),
      address = maybe(text), verified = shape.any, is_special_shown = shape.boolean,
      applications = shape.list(shape.object({ id = shape.uuid, number = text, state = text, program = text })),
      enrollments = shape.list(shape.object({ group_id = text, group = text, state = text, enrolled_on = maybe(shape.date) })),
      consents = shape.list(shape.object({ title = text, given_at = shape.moment })),
    }),
  },
}
