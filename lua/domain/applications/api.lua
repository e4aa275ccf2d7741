--- JSON of single applications. The list is in domain/inbox.
local documents = require("domain.applications.documents")
local errors = require("kit.errors")
local fields = require("domain.applications.fields")
local form = require("kit.form")
local personal = require("kit.personal")
local present = require("domain.applications.present")
local respond = require("kit.respond")
local service = require("domain.applications.service")

local function read_body(request, schema)
  local body, err = request:json()
  if not body then return nil, err end
  return form.parse(schema, body)
end

local function show(request)
  local application, err = service.card(request.user, request.params.id)
  if not application then return nil, err end
  return respond.json(present.json(application))
end

local function create(request)
  local input, err = read_body(request, fields.CREATE)
  if not input then return nil, err end
  local application
  application, err = service.create(request.user, input)
  if not application then return nil, err end
  return respond.json(present.json(application), 201, { location = "/api/v1/applications/" .. application.public_id })
end

local function transition(request)
  local input, err = read_body(request, form.TRANSITION)
  if not input then return nil, err end
  local application
  application, err = service.transition(request.user, request.params.id, input.action, input)
  if not application then return nil, err end
  return respond.json(present.json(application))
end

-- The card with the special data of the applicant, for a purpose that stays on record.
local function reveal(request)
  local input, err = read_body(request, personal.PURPOSE)
  if not input then return nil, err end
  local application
  application, err = service.card(request.user, request.params.id, { purpose = input.purpose })
  if not application then return nil, err end
  return respond.json(present.json(application))
end

local function key_of(value)
  return math.tointeger(tonumber(value:match("^%d+$")))
end

local function send_document(request)
  local application, err = service.find(request.user, request.params.id)
  if not application then return nil, err end
  local input
  input, err = form.parse(fields.UPLOAD, request:form())
  if not input then return nil, err end
  local upload = request:file("file")
  if not upload then return nil, errors.invalid("file", "required", "Приложите файл в поле file.") end
  local document
  document, err = documents.send(request.user, application, upload, input)
  if not document then return nil, err end
  return respond.json(present.document_json(document), 201)
end

local function judge_document(request)
  local application, err = service.find(request.user, request.params.id)
  if not application then return nil, err end
  local input
  input, err = read_body(request, fields.VERDICT)
  if not input then return nil, err end
  local document
  document, err = documents.judge(request.user, application, key_of(request.params.document), input)
  if not document then return nil, err end
  return respond.json(present.document_json(document))
end

local function add_note(request)
  local input, err = read_body(request, fields.NOTE)
  if not input then return nil, err end
  local note
  note, err = service.add_note(request.user, request.params.id, input)
  if not note then return nil, err end
  return respond.json({ id = tostring(note.id) }, 201)
end

local function assign(request)
  local input, err = read_body(request, fields.ASSIGN)
  if not input then return nil, err end
  local application
  application, err = service.assign(request.user, request.params.id, input.responsible_id)
  if not application then return nil, err end
  return respond.json(present.json(application))
end

local CREATE_CODES = "program_id выбирает ближайший открытый набор. Отказы: 422 no_open_intake, unknown (такого набора нет); при submit — "
  .. "коды действия submit, и тогда не сохраняется ничего; 409 already_active, если заявку подали одновременно."
local TRANSITION_CODES = "403 not_allowed; 409 wrong_state, version_conflict, already_active; 422 с именем правила в rule: age_below_minimum, "
  .. "age_above_maximum, already_active, intake_closed, profile_incomplete, consent_required, guardian_consent_required (submit); "
  .. "documents_required (ask_docs: data.documents = [{title, kind, comment}]); documents_missing (send_docs); nothing_rejected, "
  .. "comment_required (return_docs); education_unsuitable (approve); places_available (wait); reason_required (reject); order_required "
  .. "(enroll, expel, return_to_queue); already_started (withdraw)."

return {
  schemas = require("domain.applications.schemas"),
  { "POST", "/api/v1/applications", create, access = "user", body = fields.CREATE, returns = "Application",
    description = CREATE_CODES, summary = "Создать черновик заявки; с submit — сразу подать" },
  { "GET", "/api/v1/applications/{id}", show, access = "user", returns = "Application", summary = "Заявка с документами и историей" },
  { "POST", "/api/v1/applications/{id}/transitions", transition, access = "user", body = form.TRANSITION, returns = "Application",
    description = TRANSITION_CODES, summary = "Действие над заявкой: подать, взять, запросить документы, одобрить …" },
  { "POST", "/api/v1/applications/{id}/special", reveal, access = { "person.read_special" }, body = personal.PURPOSE, returns = "Application",
    status = 200, summary = "Заявка с особыми данными заявителя: с целью и записью в журнал" },
  { "POST", "/api/v1/applications/{id}/documents", send_document, access = "user", multipart = { max_bytes = fields.FILE_MAX_BYTES, max_files = 1 },
    body = fields.UPLOAD, returns = "ApplicationDocument", summary = "Приложить документ (поле file); document_id — в ответ на запрос" },
  { "POST", "/api/v1/applications/{id}/documents/{document}/verdict", judge_document, access = { "application.decide" },
    body = fields.VERDICT, returns = "ApplicationDocument", status = 200, summary = "Принять документ или вернуть с комментарием" },
  { "POST", "/api/v1/applications/{id}/notes", add_note, access = { "application.decide" }, body = fields.NOTE, returns = "Note",
    summary = "Заметка для коллег или комментарий заявителю" },
  { "PUT", "/api/v1/applications/{id}/responsible", assign, access = { "application.decide" }, body = fields.ASSIGN,
    returns = "Application", summary = "Назначить ответственного" },
}
