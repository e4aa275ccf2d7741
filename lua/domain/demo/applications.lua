--- Applications with the way that each has gone: events, deadlines, documents. Pure.
local dates = require("domain.demo.dates")
local applications = {}

local DECISION_DAYS, DOCUMENTS_DAYS = 5, 5 -- working days, as in rules/sla.lua

local OFFICE_CLOSES = 1000 -- 16:40: what comes later is taken up the next day

local STEPS = {
  submit = { to = "submitted", by = "learner" }, take = { to = "in_review", by = "clerk" },
  ask_docs = { to = "docs_required", by = "clerk" }, send_docs = { to = "docs_review", by = "learner" },
  approve = { to = "approved", by = "clerk" }, wait = { to = "waitlisted", by = "clerk" },
  reject = { to = "rejected", by = "clerk" }, withdraw = { to = "withdrawn", by = "learner" },
  expire = { to = "expired", by = "system" }, enroll = { to = "enrolled", by = "clerk" },
  start = { to = "studying", by = "system" }, finish = { to = "completed", by = "system" },
  expel = { to = "expelled", by = "clerk" },
}

-- Why an application was refused depends on what its programme asks; the other reasons fit any.
local function reason_for(world, action, program)
  if action == "withdraw" or action == "expel" then return world.random:pick(world.reasons[action]) end
  if action ~= "reject" then return nil end
  if #program.entry_education > 0 then return world.random:pick(world.reasons.reject_education) end
  if program.kind == "po_retraining" or program.kind == "po_upskilling" then return world.random:pick(world.reasons.reject_profession) end
  return world.random:pick(world.reasons.reject)
end

-- When the next step happens: soon, in office hours, never after `limit` (the last day that has passed).
local function next_moment(world, at, step, limit)
  local day = at.day
  if step.by == "learner" then
    day = math.min(day + world.random:below(3), limit)
  else
    local is_late = at.minute > OFFICE_CLOSES or not world.calendar.is_working(day)
    day = world.calendar.add(day, world.random:between(is_late and 1 or 0, 2))
    day = math.min(day, math.max(world.calendar.last_working(limit), at.day))
  end
  local minute = world.random:between(545, 1045)
  if day == at.day and minute <= at.minute then minute = math.min(at.minute + world.random:between(6, 45), 1435) end
  return { day = day, minute = minute }
end

local function clerk_of(world, application)
  local curator = world.curators[application.organization_id]
  if curator and world.random:chance(35) then return curator.user_id, "partner" end
  local fixture = world.random:chance(60) and world.fixtures.staff or world.fixtures.clerk
  return fixture.user_id, "staff"
end

local function apply_step(world, application, action, at, actor)
  local state = STEPS[action].to
  application.submitted_at = action == "submit" and actor.text or application.submitted_at
  application.sla_due_at, application.docs_due_on = nil, nil
  if state == "submitted" or state == "docs_review" then
    application.sla_due = { day = world.calendar.add(at.day, DECISION_DAYS), minute = at.minute }
  end
  if state == "submitted" or state == "docs_review" or state == "in_review" then
    application.sla_due_at = dates.moment(application.sla_due.day, application.sla_due.minute)
  end
  if state == "docs_required" then application.docs_due_on = dates.text(world.calendar.add(at.day, DOCUMENTS_DAYS)) end
  if state == "waitlisted" then application.waiting_since = actor.text end
  if state == "approved" or state == "waitlisted" or state == "rejected" then
    application.decided_at, application.decided_by = actor.text, actor.user_id
  end
  if action == "take" then application.responsible_id = actor.user_id end
  application.state, application.updated_at, application.updated_by = state, actor.text, actor.user_id
end

local function note_approval(world, intake_id, at)
  local last = world.approved_last[intake_id]
  if not last or last.day < at.day or last.day == at.day and last.minute < at.minute then world.approved_last[intake_id] = at end
end

-- Rules forbid two steps before their time: nobody waits while there are places, and documents are late once their day is over.
local function in_time(world, application, action, at)
  if action == "expire" then
    local day = dates.parse(application.docs_due_on) + 1
    if at.day < day then return { day = day, minute = 5 } end
  end
  local full = action == "wait" and world.approved_last[application.intake_id]
  if full and (at.day < full.day or at.day == full.day and at.minute <= full.minute) then
    return { day = full.day, minute = math.min(full.minute + 7, 1435) }
  end
  return at
end

local function moment_of(world, application, action, at, is_first, options)
  if options.at and options.at[action] then return options.at[action] end
  if is_first then return at end
  return in_time(world, application, action, next_moment(world, at, STEPS[action], options.limit or world.today - 1))
end

local function walk(world, application, person, path, options)
  local at = { day = options.submitted, minute = world.random:between(480, 1290) }
  local clerk_id, clerk_role = clerk_of(world, application)
  for index, action in ipairs(path) do
    local step = STEPS[action]
    at = moment_of(world, application, action, at, index == 1, options)
    if action == "approve" then note_approval(world, application.intake_id, at) end
    if index == 1 then application.created_at = dates.moment(at.day, at.minute - 9) end
    local actor = { text = dates.moment(at.day, at.minute),
      user_id = step.by == "learner" and person.acting_user_id or step.by == "clerk" and clerk_id or nil }
    local role = step.by == "clerk" and clerk_role or step.by
    if action == "enroll" or action == "expel" then actor.user_id, role = world.fixtures.staff.user_id, "staff" end
    local reason = reason_for(world, action, options.program)
    local event = world:event("application", application.id, action, application.state, step.to, actor.text, actor.user_id, role, reason)
    event.docs_due_on = application.docs_due_on
    application.reason = reason
    apply_step(world, application, action, at, actor)
  end
end

local DOCUMENT_FILES = { identity = "passport", education = "diploma", profession = "diploma" }
local FILE_NAMES = { passport = "Паспорт", diploma = "Диплом", other = "Скан" }

local function add_file(world, kind, person, at)
  local sample_name = DOCUMENT_FILES[kind] or "other"
  local sample = world.samples[sample_name]
  return world:add("file_object", { sha256 = sample.sha256, size_bytes = sample.size, mime = "application/pdf",
    name = FILE_NAMES[sample_name] .. " " .. person.last_name .. ".pdf", created_at = at, created_by = person.user_id })
end

-- Asked once the clerk has asked; sent, checked and accepted as the state tells.
local DOCUMENT_STATES = { docs_required = "asked", expired = "asked", docs_review = "new", submitted = "new", in_review = "new",
  approved = "confirmed", waitlisted = "confirmed", enrolled = "confirmed", studying = "confirmed", completed = "confirmed",
  expelled = "confirmed", rejected = "rejected" }

local function add_documents(world, application, person, program)
  local state = DOCUMENT_STATES[application.state]
  if not state or (application.state == "submitted" and world.random:chance(60)) then return end
  for index, kind in ipairs(program.required_documents) do
    local own_state = state
    if state == "asked" and index == 1 then own_state = "confirmed" end
    if state == "rejected" then own_state = index == 1 and "rejected" or "confirmed" end
    local file = own_state ~= "asked" and add_file(world, kind, person, application.submitted_at) or nil
    world:add("application_document", {
      application_id = application.id, kind = kind, title = world.document_names[kind], file_id = file and file.id,
      state = own_state, comment = own_state == "rejected" and world.random:pick(world.reasons.remark) or nil,
      created_at = application.submitted_at, created_by = person.user_id, updated_at = application.updated_at,
    })
  end
end

local function add_notes(world, application)
  if application.state ~= "draft" and application.responsible_id and world.random:chance(12) then
    world:add("application_note", { application_id = application.id, is_internal = true, text = world.random:pick(world.reasons.note),
      created_at = application.updated_at, created_by = application.responsible_id })
  end
end

--- An application that has gone the way `path`.
---@param path table list of actions, empty for a draft
---@param options table {submitted = day, limit = last day of events, at = {action = {day, minute}}}
function applications.add(world, person, intake, path, options)
  local application = world:add("application", {
    person_id = person.id, program_id = intake.program_id, intake_id = intake.id, organization_id = intake.deliverer_id,
    source = "citizen", channel = "web", funding = intake.funding[1], citizen_category = person.citizen_category,
    comment = world.random:chance(10) and world.random:pick(world.reasons.comment) or nil, state = "draft",
    created_at = dates.moment(options.submitted, 470), created_by = person.acting_user_id,
    updated_at = dates.moment(options.submitted, 475),
  })
  options.program = intake.program
  walk(world, application, person, path, options)
  add_documents(world, application, person, intake.program)
  add_notes(world, application)
  return application
end

--- Numbers in the order of filing.
---@param first integer the first free number
---@return integer next
function applications.number(world, first)
  local list = { table.unpack(world.rows.application) }
  table.sort(list, function(a, b)
    if a.created_at ~= b.created_at then return a.created_at < b.created_at end
    return a.id < b.id
  end)
  for index, application in ipairs(list) do
    application.number = ("%s-%05d"):format(application.created_at:sub(1, 4), first + index - 1)
  end
  return first + #list
end

return applications
