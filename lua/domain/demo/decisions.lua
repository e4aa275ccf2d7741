--- What was known at each step of an application of the demo, and what the rules in force said of it: the record that a real transition
--- leaves (kit.workflow), so that a dry run of changed rules has a past to ask. Told in the order in which things happened, for places
--- and groups fill up on the way. Pure but for the rules.
local applications = require("domain.applications")
local decision = require("kit.decision")
local workflow = require("kit.workflow")
local decisions = {}

local HOLDS_PLACE = { approved = true, enrolled = true, studying = true, completed = true } -- application_holds_place()
local IS_FILLING = { planned = true, recruiting = true, formed = true }
local HAS_PASSED = { passed = true, graduated = true }

local function index_by(rows, field)
  local index = {}
  for _, row in ipairs(rows or {}) do
    if row[field] then index[row[field]] = row end
  end
  return index
end

local function lists_by(rows, field)
  local index = {}
  for _, row in ipairs(rows or {}) do
    index[row[field]] = index[row[field]] or {}
    table.insert(index[row[field]], row)
  end
  return index
end

local function sets_of(list)
  local sets = {}
  for _, name in ipairs(list) do sets[name] = true end
  return sets
end

-- Everything that a step may ask, by key; what changes on the way: `states` and `seats` of groups, `taken` and `promised` of intakes.
local function open(world, refs)
  local rows, names = world.rows, {}
  for _, item in ipairs(refs) do
    if item.list == "education_level" then names[#names + 1] = item end
  end
  table.sort(names, function(a, b) return tonumber(a.sort) < tonumber(b.sort) end)
  return {
    persons = index_by(rows.person, "id"), users = index_by(rows.person, "user_id"), grants = index_by(rows.role_grant, "user_id"),
    intakes = index_by(rows.intake, "id"), applications = index_by(rows.application, "id"), orders = index_by(rows.order_doc, "id"),
    enrollments = index_by(rows.enrollment, "application_id"), groups = index_by(rows.study_group, "id"),
    groups_of = lists_by(rows.study_group, "intake_id"), documents = lists_by(rows.application_document, "application_id"),
    consents = lists_by(rows.consent, "person_id"), guardians = lists_by(rows.guardian_link, "minor_id"), education = names,
    states = {}, seats = {}, taken = {}, promised = {},
  }
end

local function years_on(birth, day)
  local year, month_day = tonumber(day:sub(1, 4)) - tonumber(birth:sub(1, 4)), day:sub(6, 10)
  return month_day < birth:sub(6, 10) and year - 1 or year
end

local function happened(list, field, at)
  for _, row in ipairs(list or {}) do
    if row[field] <= at then return true end
  end
  return false
end

local function add_person(row, past, person, event, today)
  for _, name in ipairs({ "last_name", "first_name", "middle_name", "has_middle_name", "birth_date", "gender", "phone", "education_level",
    "citizen_category" }) do row[name] = person[name] end
  row.has_snils, row.citizenship = person.snils ~= nil, "643"
  row.has_consent = happened(past.consents[person.id], "given_at", event.at)
  row.has_guardian_consent = happened(past.guardians[person.id], "consented_at", event.at)
  row.guardian_is_asked, row.has_unchecked_paper = false, false
  row.age = years_on(person.birth_date, today)
end

local function group_seats(past, intake)
  local seats
  for _, group in ipairs(past.groups_of[intake.id] or {}) do
    local state = past.states[group.id] or "planned"
    if state ~= "cancelled" then
      seats = (seats or 0) + (IS_FILLING[state] and group.capacity_max - (past.seats[group.id] or 0) or 0)
    end
  end
  return seats
end

-- An intake that is closed by now was open until its last day.
local function add_intake(row, past, intake, event, today)
  local program, names = intake.program, {}
  for _, level in ipairs(past.education) do
    for _, code in ipairs(program.entry_education) do
      if code == level.code then names[#names + 1] = level.name end
    end
  end
  row.intake_state = intake.state == "closed" and today <= intake.closes_on and "open" or intake.state
  row.intake_is_open = row.intake_state == "open" and today >= intake.opens_on and today <= intake.closes_on
  row.opens_on, row.closes_on, row.starts_on, row.today = intake.opens_on, intake.closes_on, intake.starts_on, today
  row.program_is_published, row.min_age, row.max_age = program.state == "published", program.min_age, program.max_age
  row.entry_education, row.entry_education_names = program.entry_education, #names > 0 and names or nil
  row.places, row.taken = intake.places, past.taken[intake.id] or 0
  row.group_seats = group_seats(past, intake)
  row.approved = (past.promised[intake.id] or 0) - (event.from_state == "approved" and 1 or 0)
end

local function is_signed(past, order_id, at)
  local order = order_id and past.orders[order_id]
  return order ~= nil and order.signed_at ~= nil and order.signed_at <= at
end

local function add_group(row, past, enrollment, event, today)
  row.has_enroll_order, row.has_leave_order, row.has_passed = false, false, false
  if not enrollment or not (event.action == "enroll" or event.from_state == "enrolled" or event.from_state == "studying") then return end
  local group = past.groups[enrollment.group_id]
  row.group_state = past.states[group.id] or "planned"
  row.group_has_started = group.starts_on <= today
  row.has_enroll_order = event.action == "enroll" and is_signed(past, enrollment.order_in_id, event.at)
  row.has_leave_order = enrollment.state == "expelled" and is_signed(past, enrollment.order_out_id, event.at)
  row.has_passed = HAS_PASSED[enrollment.state] == true and (row.group_state == "completed" or row.group_state == "closed")
end

local function add_documents(row, documents, event)
  row.documents_missing, row.documents_rejected, row.documents_uncommented = 0, 0, 0
  for _, document in ipairs(documents) do
    if document.state == "asked" and event.from_state == "docs_required" then row.documents_missing = row.documents_missing + 1 end
    if document.state == "rejected" and event.action == "reject" then
      row.documents_rejected = row.documents_rejected + 1
      if not document.comment then row.documents_uncommented = row.documents_uncommented + 1 end
    end
  end
end

local function user_of(past, event)
  local person = past.users[event.user_id]
  if not person then return workflow.SYSTEM end
  local grant = past.grants[event.user_id]
  return { id = event.user_id, person_id = person.id,
    grant = { role = event.role, organization_id = grant.organization_id, sets = sets_of(grant.sets) } }
end

local function data_of(documents, event)
  if event.action ~= "ask_docs" then return {} end
  local asked = {}
  for index, document in ipairs(documents) do asked[index] = { kind = document.kind, title = document.title } end
  return { documents = asked }
end

-- As store.facts of the applications would have answered then; a second active application for an intake does not exist.
local function row_of(past, application, documents, event)
  local row, today = {}, event.at:sub(1, 10)
  local intake = past.intakes[application.intake_id]
  local person = past.persons[application.person_id]
  add_person(row, past, person, event, today)
  add_intake(row, past, intake, event, today)
  add_group(row, past, past.enrollments[application.id], event, today)
  add_documents(row, documents, event)
  row.age_on_start = years_on(person.birth_date, intake.starts_on)
  return row
end

local function judge(past, machine, event)
  local application, user = past.applications[event.object_id], user_of(past, event)
  local documents = past.documents[application.id] or {}
  local object = { id = application.id, person_id = application.person_id, organization_id = application.organization_id,
    state = event.from_state, docs_due_on = event.docs_due_on }
  local facts = applications.facts_of_row(row_of(past, application, documents, event), object, user)
  local input = { facts = facts, data = data_of(documents, event), reason = event.reason }
  local ok, err, record = workflow.judge(machine, object, user, event.action, input, { today = event.at:sub(1, 10), now = event.at })
  if not ok then return err end
  for _, guard in ipairs(record.guards) do guard.us = nil end -- the demo is the same every time
  event.decision, event.inputs = decision.encode(record), decision.inputs(record)
end

local function count(table_of, key, by) table_of[key] = (table_of[key] or 0) + by end

local function go_on(past, event)
  local application = past.applications[event.object_id]
  local function change(is_so) return (is_so(event.to_state) and 1 or 0) - (is_so(event.from_state) and 1 or 0) end
  count(past.taken, application.intake_id, change(function(state) return HOLDS_PLACE[state] end))
  count(past.promised, application.intake_id, change(function(state) return state == "approved" end))
  local enrollment = past.enrollments[application.id]
  if enrollment and event.to_state == "enrolled" then count(past.seats, enrollment.group_id, 1) end
  if enrollment and event.to_state == "expelled" then count(past.seats, enrollment.group_id, -1) end
end

--- Gives each step of each application its record. A step that the region's own rules would refuse has been made under others: it keeps
--- none.
---@param world table
---@param machine table of kit.workflow
---@param refs table rows of data/refs
---@return {event: table, err: kit.Error}[] refused
function decisions.record(world, machine, refs)
  local past, refused = open(world, refs), {}
  local events = { table.unpack(world.rows.workflow_event) }
  table.sort(events, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.id < b.id
  end)
  for _, event in ipairs(events) do
    if event.machine == "group" then past.states[event.object_id] = event.to_state end
    if event.machine == "application" then
      local err = judge(past, machine, event)
      if err then refused[#refused + 1] = { event = event, err = err } end
      go_on(past, event)
    end
  end
  return refused
end

return decisions
