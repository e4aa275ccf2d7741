--- Pages of applications: the form of the citizen, his list, the card for him and for clerks.
local access = require("kit.access")
local audit = require("domain.audit")
local documents = require("domain.applications.documents")
local errors = require("kit.errors")
local fields = require("domain.applications.fields")
local form = require("kit.form")
local people = require("domain.people")
local policy = require("domain.applications.policy")
local present = require("domain.applications.present")
local personal = require("kit.personal")
local purposes = require("kit.lookup").module("rules.purposes")
local respond = require("kit.respond")
local service = require("domain.applications.service")
local slots = require("kit.plugin.slots")

local BASE = "/cabinet/applications"

local function path_of(application) return BASE .. "/" .. application.public_id end

local function key_of(value)
  return math.tointeger(tonumber((value or ""):match("^%d+$")))
end

-- ---- the form of the citizen

-- What stands in the way besides the consent, which the form itself asks for.
local function blocks_of(offer)
  local blocks = {}
  for _, block in ipairs(offer.blocks) do
    if block.code == "profile_incomplete" or block.code == "guardian_consent_required" then
      block.href = "/cabinet/profile/" .. (block.code == "profile_incomplete" and offer.profile.next_step or "guardian")
      block.action = "Заполнить профиль"
    end
    if block.other_id then block.href, block.action = BASE .. "/" .. block.other_id, "Открыть заявку" end
    if block.code ~= "consent_required" then blocks[#blocks + 1] = block end
  end
  return blocks
end

local function wanted_documents(offer)
  local sent, wanted = {}, {}
  for _, document in ipairs(offer.documents) do sent[document.kind] = true end
  for _, kind in ipairs(offer.kinds) do
    for _, code in ipairs(offer.required_documents) do
      if kind.value == code and not sent[code] then wanted[#wanted + 1] = kind end
    end
  end
  return wanted
end

-- The same refusal is not said twice: a block names it already, with the way out.
local function said_by_block(blocks, err)
  for _, block in ipairs(blocks) do
    if err and block.code == err.code then return true end
  end
  return false
end

-- What was typed last time, else what the draft keeps.
local function written(offer, typed)
  if typed then return typed.comment, typed.consent end
  return offer.draft_comment, nil
end

local function draft_of(offer)
  return offer.draft_id and { public_id = offer.draft_public_id, number = offer.draft_number } or nil
end

-- Children in whose place the user may file.
local function acted_for(user)
  local list = {}
  for person_id, link in pairs(people.wards(user)) do
    if people.acts_for(user, person_id) then list[#list + 1] = link end
  end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

local function apply_page(request, intake_id, typed, err, ward)
  local offer, fault = service.offer(request.user, intake_id, ward)
  if not offer then return nil, fault end
  local blocks = blocks_of(offer)
  local status = err and err.status or 200
  if said_by_block(blocks, err) then err = nil end
  local refused = err or {}
  local comment, consent = written(offer, typed)
  return respond.page(request, "applications/apply", {
    title = "Заявка на обучение", nav = "applications", offer = offer, draft = draft_of(offer), blocks = blocks,
    is_active = said_by_block(blocks, { code = "already_active" }), documents = offer.documents, wanted = wanted_documents(offer),
    states = fields.DOCUMENT_STATES, comment = comment, consent = consent, ward = ward, children = acted_for(request.user),
    needs_consent = offer.profile.consent_given_at == nil, wording = people.wording("personal_data"),
    shifts = fields.SHIFTS, forms = fields.FORMS, accept = fields.FILE_ACCEPT, max_bytes = fields.FILE_MAX_BYTES,
    errors = refused.fields or {}, by_field = refused.by_field or {}, fault = not refused.by_field and refused.text or nil,
  }, status)
end

local function new(request)
  local user = request.user
  local may, err = policy.can_apply(user)
  if not may then return nil, err end
  local intake_id = key_of(request.query.intake)
  if not intake_id then
    intake_id = key_of(request.query.program) and service.nearest_intake(key_of(request.query.program))
  end
  if not intake_id then return nil, errors.not_found("intake") end
  return apply_page(request, intake_id, nil, nil, request.query["for"])
end

-- Files sent with the form become papers of the draft. The first refusal is shown beside its field.
local function keep_uploads(request, draft)
  for _, upload in ipairs(request:files()) do
    if upload.size > 0 then
      local kind = upload.name:match("^document_([%w_]+)$")
      local sent, err = documents.send(request.user, draft, upload, { kind = kind })
      if not sent then return nil, errors.invalid(upload.name, err.code, err.text) end
    end
  end
  return true
end

local function apply(request)
  local typed = request:form()
  local input, err = form.parse(fields.APPLY, typed)
  if not input then
    if not key_of(typed.intake_id) then return nil, err end
    return apply_page(request, key_of(typed.intake_id), typed, err)
  end
  local ward = input["for"]
  local draft
  draft, err = service.open_draft(request.user, input.intake_id, input.comment, ward)
  if not draft then
    if err.status ~= 422 then return nil, err end
    return apply_page(request, input.intake_id, typed, err, ward)
  end
  local ok
  ok, err = keep_uploads(request, draft)
  if not ok then return apply_page(request, input.intake_id, typed, err, ward) end
  if typed.action == "draft" then
    return respond.redirect(path_of(draft), { notice = "Черновик сохранён" })
  end
  local application
  application, err = service.submit(request.user, draft.public_id, { consent = input.consent })
  if not application then return apply_page(request, input.intake_id, typed, err, ward) end
  return respond.redirect(path_of(application), { notice = "Заявка № " .. application.number .. " подана" })
end

-- ---- the card

local DANGER = { reject = true, withdraw = true, discard = true, expel = true }
local CONFIRM = {
  withdraw = "Место достанется следующему в очереди. Подать заявку снова можно, пока открыт приём.",
  discard = "Черновик и приложенные файлы больше не понадобятся.",
}

-- Asked by other forms of the page, or belongs to the machinery.
local HIDDEN = { send_docs = true, submit = true, enroll = true, expel = true, return_to_queue = true }

local function buttons(application)
  local shown = {}
  for _, action in ipairs(application.actions) do
    if not HIDDEN[action.action] then shown[#shown + 1] = action end
  end
  return shown
end

local function action_of(application, name)
  for _, action in ipairs(application.actions) do
    if action.action == name then return action end
  end
end

local function own_page(request, application, err)
  local can_send = action_of(application, "send_docs")
  return respond.page(request, "applications/own", {
    title = "Заявка № " .. application.number, nav = "applications", application = application, track = present.track(application),
    next_step = present.next_step(application), timeline = present.timeline(application, false), others = present.others(application),
    actions = present.with_fixes(buttons(application), true),
    send_docs = can_send, states = fields.DOCUMENT_STATES, accept = fields.FILE_ACCEPT, max_bytes = fields.FILE_MAX_BYTES,
    danger = DANGER, confirm = CONFIRM, shifts = fields.SHIFTS, forms = fields.FORMS, fault = err and err.text,
  }, err and err.status or 200)
end

-- «Другой документ» is asked for in words.
local function kind_options(application)
  local options = {}
  for _, kind in ipairs(application.kinds) do
    if kind.value ~= "other" then options[#options + 1] = kind end
  end
  return options
end

-- Those that the region asks for always are ticked.
local function asked_by_default(application)
  local action = action_of(application, "ask_docs")
  return action and action.documents or nil
end

local function clerk_page(request, application, err, typed)
  return respond.page(request, "applications/card", {
    title = "Заявка № " .. application.number, nav = "applications", application = application, applicant = application.applicant,
    audited = { "application", application.id },
    sla = present.sla(application), track = present.track(application), timeline = present.timeline(application, true),
    others = present.others(application), actions = application.can_decide and present.with_fixes(buttons(application), false) or {},
    states = fields.DOCUMENT_STATES, danger = DANGER,
    fields = { ask_docs = { { name = "kinds", type = "checks", label = "Какие документы нужны", options = kind_options(application),
      value = asked_by_default(application) },
      { name = "title", label = "Другой документ", max_length = 200 },
      { name = "comment", type = "textarea", rows = 2, label = "Пояснение для заявителя", max_length = 1000 } } },
    clerks = application.clerks, shifts = fields.SHIFTS, forms = fields.FORMS,
    keeps_papers = access.scope(request.user, "person.edit") == "all",
    slots = slots.fill("application.card.sections", { application_id = application.id, public_id = application.public_id }, request),
    person_href = application.applicant and access.can(request.user, "person.read") and "/cabinet/people/" .. application.applicant.public_id or nil,
    purposes = purposes, fault = err and err.text, typed = typed or {}, journal = audit.timeline(request.user, "application", application.id),
  }, err and err.status or 200)
end

local function card(request, options, err, typed)
  local application, fault = service.card(request.user, request.params.id, options)
  if not application then return nil, fault end
  if not application.is_own then return clerk_page(request, application, err, typed) end
  if application.state == "draft" then
    local ward = application.person_id ~= request.user.person_id and application.person_public_id or nil
    return apply_page(request, application.intake_id, typed, err, ward)
  end
  return own_page(request, application, err)
end

local function show(request) return card(request) end

local function show_special(request)
  local input, err = form.parse(personal.PURPOSE, request:form())
  if not input then return card(request, nil, err) end
  return card(request, { purpose = input.purpose })
end

-- ---- actions

-- The dialog of «Запросить документы»: ticked kinds, perhaps one more in words.
local function asked_documents(request, typed)
  local labels, list = {}, {}
  for _, kind in ipairs(service.document_kinds()) do labels[kind.value] = kind.label end
  for _, code in ipairs(request:form_all().kinds or {}) do
    if labels[code] then list[#list + 1] = { kind = code, title = labels[code], comment = typed.comment } end
  end
  if typed.title and typed.title:find("%S") then
    list[#list + 1] = { kind = "other", title = typed.title, comment = typed.comment }
  end
  for _, document in ipairs(list) do
    if document.comment == "" then document.comment = nil end
  end
  return list
end

local DONE = {
  take = "Заявка у вас в работе", approve = "Заявка одобрена", reject = "Заявка отклонена", ask_docs = "Запрос отправлен заявителю",
  return_docs = "Документы возвращены на замену", wait = "Заявка в листе ожидания", promote = "Заявка одобрена",
  withdraw = "Заявка отозвана", discard = "Черновик удалён", send_docs = "Документы отправлены на проверку",
}

local function act(request)
  local typed = request:form()
  local action = typed.action or ""
  local input = { reason = typed.reason, version = key_of(typed.version) }
  if action == "ask_docs" then input.data = { documents = asked_documents(request, typed) } end
  local application, err = service.transition(request.user, request.params.id, action, input)
  if not application then
    if err.status == 404 then return nil, err end
    return card(request, nil, err, typed)
  end
  local is_gone = action == "discard"
  return respond.redirect(is_gone and BASE or path_of(application), { notice = DONE[action] or "Готово" })
end

local function with_application(request, fn)
  local application, err = service.find(request.user, request.params.id)
  if not application then return nil, err end
  local ok
  ok, err = fn(application)
  if not ok then
    if err.status == 404 then return nil, err end
    return card(request, nil, err, request:form())
  end
  return respond.redirect(path_of(application), { notice = ok })
end

local function send_document(request)
  return with_application(request, function(application)
    local typed = request:form()
    local upload = request:file("file")
    if not upload then return nil, errors.invalid("file", "required", "Выберите файл: PDF, JPG или PNG до 10 МБ.") end
    local sent, err = documents.send(request.user, application, upload,
      { document_id = key_of(typed.document_id), kind = typed.kind, title = typed.title })
    return sent and "Файл приложен", err
  end)
end

local function remove_document(request)
  return with_application(request, function(application)
    local ok, err = documents.remove(request.user, application, key_of(request.params.document))
    return ok and "Файл убран", err
  end)
end

local function judge_document(request)
  return with_application(request, function(application)
    local input, err = form.parse(fields.VERDICT, request:form())
    local document
    if input then document, err = documents.judge(request.user, application, key_of(request.params.document), input) end
    if not document then return nil, err end
    return input.verdict == "confirm" and "Документ принят" or "Документ отклонён. Верните заявку на замену, когда проверите остальные"
  end)
end

local function add_note(request)
  return with_application(request, function(application)
    local input, err = form.parse(fields.NOTE, request:form())
    local note
    if input then note, err = service.add_note(request.user, application.public_id, input) end
    return note and (input.is_internal and "Заметка сохранена" or "Комментарий отправлен заявителю"), err
  end)
end

local function assign(request)
  return with_application(request, function(application)
    local ok, err = service.assign(request.user, application.public_id, key_of(request:form().responsible_id))
    return ok and "Ответственный назначен", err
  end)
end

-- The staff has seen the guardian's signature.
local function check_paper(request)
  return with_application(request, function(application)
    local ok, err = access.need(request.user, "application.decide", application)
    if ok then ok, err = people.check_guardian_paper(request.user, application.person_id) end
    return ok and "Согласие представителя проверено", err
  end)
end

local function of_child(request)
  local link = people.ward(request.user, request.params.id)
  if not link then return nil, errors.not_found("person") end
  local list = service.of_ward(request.user, link.minor_id)
  local rows = {}
  for index, a in ipairs(list) do rows[index] = { application = a, next_step = present.next_step(a) } end
  return respond.page(request, "applications/of_child", { title = "Заявки: " .. link.minor_name, nav = "children", child = link, rows = rows,
    may_act = people.acts_for(request.user, link.minor_id) })
end

local UPLOADS = { max_bytes = fields.FILES_AT_ONCE * fields.FILE_MAX_BYTES, max_files = fields.FILES_AT_ONCE }

return {
  { "GET", BASE .. "/new", new, access = "user", summary = "Форма заявки на набор" },
  { "POST", BASE, apply, access = "user", multipart = UPLOADS, summary = "Сохранить черновик или подать заявку" },
  { "GET", BASE .. "/{id}", show, access = "user", summary = "Карточка заявки" },
  { "POST", BASE .. "/{id}/transitions", act, access = "user", summary = "Действие над заявкой" },
  { "POST", BASE .. "/{id}/special", show_special, access = { "person.read_special" }, body = personal.PURPOSE,
    summary = "Показать СНИЛС заявителя (с записью в журнал)" },
  { "POST", BASE .. "/{id}/documents", send_document, access = "user", multipart = { max_bytes = fields.FILE_MAX_BYTES, max_files = 1 },
    summary = "Приложить документ" },
  { "POST", BASE .. "/{id}/documents/{document}/remove", remove_document, access = "user", summary = "Убрать файл из черновика" },
  { "POST", BASE .. "/{id}/documents/{document}/verdict", judge_document, access = { "application.decide" },
    summary = "Принять документ или вернуть с комментарием" },
  { "POST", BASE .. "/{id}/notes", add_note, access = { "application.decide" }, summary = "Заметка или комментарий" },
  { "POST", BASE .. "/{id}/guardian-paper", check_paper, access = { "application.decide" }, summary = "Согласие представителя на бумаге проверено" },
  { "GET", "/cabinet/children/{id}/applications", of_child, access = "user", summary = "Заявки ребёнка, для его представителя" },
  { "POST", BASE .. "/{id}/responsible", assign, access = { "application.decide" }, summary = "Назначить ответственного" },
}
