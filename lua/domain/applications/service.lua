--- Applications of citizens for programmes: made, moved through their states, looked at.
local access = require("kit.access")
local audit = require("kit.audit")
local because = require("kit.because")
local binding = require("domain.applications.binding")
local errors = require("kit.errors")
local facts = require("domain.applications.facts")
local fields = require("domain.applications.fields")
local form = require("kit.form")
local lookup = require("kit.lookup")
local outbox = require("kit.outbox")
local people = require("domain.people")
local policy = require("domain.applications.policy")
local sla = lookup.module("rules.sla").application
local personal = require("kit.personal")
local store = require("domain.applications.store")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local service = {}

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

--- The application by its public id, when the user may know of it.
---@return table? application
---@return kit.Error? err
function service.find(user, public_id)
  local application = public_id:find(UUID) and store.find(public_id)
  if not application then return nil, errors.not_found("application", public_id) end
  local ok, err = policy.need_read(user, application)
  if not ok then return nil, err end
  return application
end

-- ---- moving

--- Fires an action by the inner key: for services that checked access themselves, for jobs and timers.
---@param id integer
---@param action string
---@param user kit.User workflow.SYSTEM for timers
---@param input {reason: string?, data: table?, version: integer?}?
---@return table? application
---@return kit.Error? err
function service.fire(id, action, user, input)
  return workflow.fire(binding, id, action, user, input)
end

-- What the caller brings along with an action, checked by the schema of that action; the rest is dropped.
local function read_data(action, data)
  local schema = fields.DATA[action]
  if not schema then return {} end
  return form.parse(schema, type(data) == "table" and data or {}, { strict = true })
end

--- Fires an action asked for by a person.
---@param input {reason: string?, data: table?, version: integer?}
---@return table? application
---@return kit.Error? err
function service.transition(user, public_id, action, input)
  local application, err = service.find(user, public_id)
  if not application then return nil, err end
  local data
  data, err = read_data(action, input.data)
  if not data then return nil, err end
  return service.fire(application.id, action, user, { reason = input.reason, data = data, version = input.version })
end

-- ---- making

local function pick_intake(input)
  if input.intake_id then return input.intake_id end
  if not input.program_id then
    return nil, errors.invalid("intake_id", "required", "Назовите набор (intake_id) или программу (program_id).")
  end
  local row = store.nearest_intake(input.program_id)
  if row then return row.id end
  return nil, errors.rule("no_open_intake", "На эту программу сейчас нет открытого набора.", "intake_is_open", "program_id")
end

local function insert(user, person_id, input, intake_id)
  local row = store.insert(person_id, intake_id, "citizen", input.comment, user.id)
  if not row then return nil, errors.invalid("intake_id", "unknown", "Такого набора нет.") end
  audit.write("application.create", "application", row.id, {})
  outbox.emit("application.created", nil, { application_id = row.public_id })
  return row.id
end

--- Makes a draft of the user's own (or of a child for whom he acts), and files it at once when `submit` is set: then either both happen or nothing.
---@param input table values of fields.CREATE
---@return table? application
---@return kit.Error? err
function service.create(user, input)
  local person_id, err = policy.subject(user, input.person_id)
  if not person_id then return nil, err end
  local intake_id, fault = pick_intake(input)
  if not intake_id then return nil, fault end
  return transaction.run(function()
    if input.consent then
      local given, refused = people.give_consent(user, person_id, "personal_data")
      if not given then return nil, refused end
    end
    local id, refused = insert(user, person_id, input, intake_id)
    if not id then return nil, refused end
    if not input.submit then return store.get(id) end
    return service.fire(id, "submit", user, {})
  end)
end

--- The draft that the form of a page works on: the one of this person and intake, or a new one.
---@return table? application
---@return kit.Error? err
function service.open_draft(user, intake_id, comment, ward_id)
  local person_id, err = policy.subject(user, ward_id)
  if not person_id then return nil, err end
  local draft = store.find_draft(person_id, intake_id)
  local active = not draft and store.find_active(person_id, intake_id)
  if active then -- no second draft that could never be filed
    return nil, errors.rule("already_active", ("У вас уже есть активная заявка на этот набор: № %s."):format(active.number), "no_active_application")
  end
  if not draft then return service.create(user, { intake_id = intake_id, comment = comment, person_id = ward_id }) end
  if comment ~= draft.comment then store.save_comment(draft.id, comment, user.id) end
  return store.get(draft.id)
end

--- Files a draft; consent is given in the same breath when the box was ticked.
function service.submit(user, public_id, input)
  return transaction.run(function()
    if input.consent then
      local application, fault = service.find(user, public_id)
      if not application or not policy.is_own(application, user) then return nil, fault or errors.not_found("application", public_id) end
      local given, err = people.give_consent(user, application.person_id, "personal_data")
      if not given then return nil, err end
    end
    return service.transition(user, public_id, "submit", { version = input.version })
  end)
end

-- ---- looking

local function blocks_of(application, user)
  local gathered = facts.gather(application, nil, user)
  local found = workflow.refusals(binding, application, "submit", user, gathered)
  for _, block in ipairs(found) do block.other_id = block.code == "already_active" and gathered.active_id or nil end
  return found
end

--- What the form for an intake needs: the offer, the profile, and whether anything stands in the way.
---@return table? offer {intake fields, draft_…, profile, blocks = {{code, text}}, documents, kinds}
---@return kit.Error? err
function service.offer(user, intake_id, ward_id)
  local person_id, err = policy.subject(user, ward_id)
  if not person_id then return nil, err end
  local offer = store.offer(intake_id, person_id)
  if not offer then return nil, errors.not_found("intake", intake_id) end
  local profile
  profile, err = people.get(person_id)
  if not profile then return nil, err end
  offer.profile = profile
  local subject = { id = offer.draft_id, person_id = person_id, intake_id = intake_id, state = "draft" }
  offer.blocks = blocks_of(subject, user)
  local parts = store.parts(offer.draft_id)
  offer.documents, offer.kinds = parts.documents, parts.kinds
  return offer
end

--- Applications of a child of the user, newest first.
---@return table[]? list
---@return kit.Error? err
function service.of_ward(user, person_id)
  if not people.wards(user)[person_id] then return nil, errors.not_found("person", person_id) end
  local list = {}
  for _, application in ipairs(store.own(person_id)) do
    if application.state ~= "draft" or people.acts_for(user, person_id) then list[#list + 1] = application end
  end
  return list
end

local STOPPED = { submitted = true, in_review = true, docs_required = true, docs_review = true, waitlisted = true, approved = true }

--- Without the consent nothing may be decided: what is under way is withdrawn in the same transaction (hook of people).
---@param consent {person_id: integer, kind: string, user: kit.User}
---@return true? ok
---@return kit.Error? err
function service.consent_withdrawn(consent)
  if consent.kind ~= "personal_data" then return true end
  -- Whoever enters the withdrawal, it is the applicant who withdraws.
  local applicant = { id = consent.user.id, person_id = consent.person_id, grants = {}, grant = { role = "learner", code = "learner", sets = {} } }
  for _, application in ipairs(store.own(consent.person_id)) do
    if STOPPED[application.state] then
      local ok, err = service.fire(application.id, "withdraw", applicant, { reason = "Отозвано согласие на обработку персональных данных" })
      if not ok then return nil, err end
    end
  end
  return true
end

--- Own applications, newest first.
function service.own(user)
  return user.person_id and store.own(user.person_id) or {}
end

-- The special part of the applicant's data is shown for a purpose only, and the view is on record.
local function applicant_of(user, application, purpose)
  if not policy.can_see_applicant(user, application) then return nil end
  local applicant = store.applicant(application.id)
  local subject = { entity = "person", id = applicant.id, object = application }
  applicant.snils = people.format_snils(applicant.snils)
  applicant.may_see_special = personal.can_reveal(user, subject)
  if not purpose then return personal.show(user, fields.APPLICANT, applicant, subject) end
  applicant.special_shown = true
  return personal.reveal(user, fields.APPLICANT, applicant, subject, purpose)
end

-- Words of the machine for the events of the history, and why each came about: what was looked at is shown to the applicant and to
-- those who see his data.
local function describe(user, application)
  local machine = workflow.machine("application")
  local shown = { shows_values = application.is_own or policy.can_see_applicant(user, application), shows_places = access.can(user, "rule.read") }
  for _, event in ipairs(application.history) do
    local transition = machine.index[event.from_state] and machine.index[event.from_state][event.action]
    event.state, event.label = workflow.state("application", event.to_state), transition and transition.label or event.action
    event.because = because.of(event.decision, shown)
  end
end

--- The whole application as this user may see it.
---@param options {purpose: string?}? for what the special data of the applicant is to be shown
---@return table? application with documents, notes, history, kinds, clerks, actions, applicant?, is_own, can_decide
---@return kit.Error? err
function service.card(user, public_id, options)
  local application, err = service.find(user, public_id)
  if not application then return nil, err end
  application.is_own = policy.is_own(application, user) or policy.is_guardian_of(application, user)
  application.can_decide = policy.can_decide(user, application)
  local parts = store.parts(application.id, application.can_decide, application.can_decide and application.organization_id or nil)
  for name, list in pairs(parts) do application[name] = list end
  describe(user, application)
  application.others = workflow.others(binding, application, user)
  application.actions = workflow.actions(binding, application, user, facts.gather(application, nil, user))
  if not application.is_own then
    application.applicant, err = applicant_of(user, application, options and options.purpose)
    if err then return nil, err end
    application.person_name = personal.name(user, application.person_name)
    if not application.applicant then application.person_email = nil end
  end
  return application
end

-- ---- clerks

local function need_decide(user, public_id)
  local application, err = service.find(user, public_id)
  if not application then return nil, err end
  local ok
  ok, err = access.need(user, "application.decide", application)
  if not ok then return nil, err end
  return application
end

--- A note: for colleagues, or for the applicant to read.
---@return table? note {id}
---@return kit.Error? err
function service.add_note(user, public_id, input)
  local application, err = need_decide(user, public_id)
  if not application then return nil, err end
  return transaction.run(function()
    local row = store.insert_note(application.id, input.is_internal or false, input.text, user.id)
    audit.write("application.note", "application", application.id, { is_internal = { "", tostring(input.is_internal or false) } })
    outbox.emit("application.noted", nil, { application_id = application.public_id, is_internal = input.is_internal or false })
    return row
  end)
end

--- Puts somebody in charge; nil takes the charge away.
---@return table? application
---@return kit.Error? err
function service.assign(user, public_id, responsible_id)
  local application, err = need_decide(user, public_id)
  if not application then return nil, err end
  return transaction.run(function()
    if responsible_id and not store.is_clerk(responsible_id, application.organization_id) then
      return nil, errors.invalid("responsible_id", "unknown", "Выберите сотрудника из списка.")
    end
    store.assign(application.id, responsible_id, user.id)
    audit.write("application.assign", "application", application.id,
      { responsible = { tostring(application.responsible_id or ""), tostring(responsible_id or "") } })
    outbox.emit("application.assigned", nil, { application_id = application.public_id })
    return store.get(application.id)
  end)
end

function service.clerks(application) return store.clerks(application and application.organization_id) end
function service.document_kinds() return store.document_kinds() end

--- The nearest open intake of a programme, or nil.
function service.nearest_intake(program_id)
  local row = store.nearest_intake(program_id)
  return row and row.id
end

-- ---- timers

local function fire_all(rows, action)
  for _, row in ipairs(rows) do
    local ok, err = service.fire(row.id, action, workflow.SYSTEM, {})
    -- Somebody was faster: the row is no longer what the list said.
    if not ok and err.status ~= 409 and err.status ~= 422 then error(err, 0) end
  end
end

--- Applications whose time is over: documents that did not come, intakes that are gone.
function service.expire_due()
  fire_all(store.overdue_documents(), "expire")
  fire_all(store.dead_intakes(sla.waitlist_days), "expire")
  return true
end

--- Places that became free otherwise than by a transition: an intake was enlarged, a group was added.
function service.promote_due()
  for _, intake in ipairs(store.waiting_intakes()) do
    local ok, err = binding.promote(intake.id)
    if not ok then error(err, 0) end
  end
  return true
end

return service
