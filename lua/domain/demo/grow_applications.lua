--- Writers of a grown region, part three: applications with their events and documents, orders, enrolments.
local district = require("domain.demo.district")
local layout = require("domain.demo.layout")

local template = district.template

local APPLICATION = template({ "id", "number", "person_id", "program_id", "intake_id", "organization_id", "group_id", "funding", "state",
  "reason", "responsible_id", "submitted_at", "sla_due_at", "docs_due_on", "waiting_since", "decided_at", "decided_by", "created_at",
  "updated_at" })
local DOCUMENT = template({ "application_id", { "kind", "education" }, { "title", "Документ об образовании" }, "file_id", "state",
  "created_at" })
local ORDER = template({ "id", { "kind", "enroll" }, "organization_id", "group_id", "number", "dated_on", "effective_on",
  { "title", "О зачислении на обучение" }, { "basis_text", "заявления граждан" }, { "state", "registered" }, "signatory_id", "signed_at",
  "registered_at", "created_at" })
local ENROLLMENT = template({ "id", "group_id", "person_id", "application_id", "order_in_id", { "funding", "regional" }, "enrolled_on",
  "left_on", "state", "final_mark" })
local EVENT = template({ { "machine", "application" }, "object_id", "action", "from_state", "to_state", "at", "user_id", "role", "reason" })

-- Steps to a state: action, state after it, who. Only what is under way keeps its timeline; older ones are in the archive.
local SUBMIT, TAKE = { "submit", "submitted", "learner" }, { "take", "in_review", "staff" }
local ASK, SEND = { "ask_docs", "docs_required", "staff" }, { "send_docs", "docs_review", "learner" }
local APPROVE, WAIT = { "approve", "approved", "staff" }, { "wait", "waitlisted", "staff" }
local ENROLL, START = { "enroll", "enrolled", "staff" }, { "start", "studying", "system" }
local WAYS = {
  submitted = { SUBMIT }, in_review = { SUBMIT, TAKE }, docs_required = { SUBMIT, TAKE, ASK }, docs_review = { SUBMIT, TAKE, ASK, SEND },
  approved = { SUBMIT, TAKE, APPROVE }, waitlisted = { SUBMIT, TAKE, WAIT }, enrolled = { SUBMIT, TAKE, APPROVE, ENROLL },
  studying = { SUBMIT, TAKE, APPROVE, ENROLL, START },
}
-- How many days ago what is under way was filed: at least, and spread over how many days.
local FILED = { submitted = { 1, 8 }, in_review = { 2, 8 }, docs_required = { 4, 3 }, docs_review = { 5, 5 }, approved = { 5, 20 },
  waitlisted = { 5, 20 }, draft = { 1, 12 } }
local REASONS = { rejected = "Не подходит уровень образования.", withdrawn = "Нашёл другую работу." }
local RUNNING = { submitted = true, in_review = true, docs_review = true }
local DECIDED = { approved = true, waitlisted = true, rejected = true, enrolled = true, studying = true, completed = true }
local DOCUMENTS = { docs_required = "asked", docs_review = "new" }

-- Day of filing, counted from the anchor.
local function filed_on(d, a, i, state)
  local chance = layout.hash(a, d.number + 11)
  local filed = FILED[state]
  if filed then return d:now() - filed[1] - chance % filed[2] end
  return math.min(layout.intake_start(i, d.number) - 22, -1) - chance % 18
end

-- NULL of COPY unless the condition holds.
local function only(condition, value) return condition and value or "\\N" end

-- Until when a decision is due: five working days from the filing, or from the documents sent.
local function due_at(d, state, filed, minute)
  if not RUNNING[state] then return "\\N" end
  return d:moment(d:after_working_days(state == "docs_review" and filed + 3 or filed, 5), minute)
end

local function write_application(d, out, a)
  local person, i, state, g = layout.application(a)
  local p, college = layout.intake(i)
  local filed, minute = filed_on(d, a, i, state), 480 + layout.hash(a, 3) % 780
  local at = d:moment(filed, minute)
  local is_decided, is_draft = DECIDED[state], state == "draft"
  local decided = only(is_decided, d:moment(filed + 2, 700))
  out[#out + 1] = APPLICATION.format:format(d.keys.application + a,
    ("%s-%05d"):format(at:sub(1, 4), d.first_number + d.index * layout.APPLICATIONS + a), d.keys.person + layout.ROOMS + person,
    d.keys.program + p, d.keys.intake + i, d.keys.organization + college, only(g, d.keys.study_group + (g or 0)), "regional", state,
    REASONS[state] or "\\N", only(not is_draft and state ~= "submitted", d.clerk_id), only(not is_draft, at),
    due_at(d, state, filed, minute), only(state == "docs_required", d:day(d:after_working_days(filed + 2, 5))),
    only(state == "waitlisted", decided), decided, only(is_decided, d.clerk_id), at, is_decided and decided or at)
end

local function write_events(d, out, a)
  local _, i, state, g = layout.application(a)
  local way = WAYS[state]
  if not way then return end
  local filed, from = filed_on(d, a, i, state), "draft"
  for index, step in ipairs(way) do
    local day = math.min(filed + index - 1, d:now() - 1)
    if step == START then day = layout.intake_start(g, d.number) end
    out[#out + 1] = EVENT.format:format(d.keys.application + a, step[1], from, step[2], d:moment(day, 480 + layout.hash(a, 3) % 780 + index),
      step[3] == "staff" and d.clerk_id or "\\N", step[3], "\\N")
    from = step[2]
  end
end

-- All scans are the one specimen that the region of the stories has stored.
local function write_document(d, out, a)
  local _, i, state = layout.application(a)
  local document = DOCUMENTS[state]
  if document then
    out[#out + 1] = DOCUMENT.format:format(d.keys.application + a, document == "new" and d.sample_id or "\\N", document,
      d:moment(filed_on(d, a, i, state) + 1, 720))
  end
end

local function order_day(d, g) return math.min(layout.intake_start(g, d.number) - 3, d:now() - 1) end

local function write_order(d, out, g)
  local day = order_day(d, g)
  local at = d:moment(day, 800)
  out[#out + 1] = ORDER.format:format(d.keys.order_doc + g, d.keys.organization + layout.college(g), d.keys.study_group + g,
    ("%d-з"):format(d.number * layout.ENROLLED_GROUPS + g + 1), d:day(day), d:day(layout.intake_start(g, d.number)),
    d.director_id, at, at, at)
end

local ENROLLED = { studying = "studying", formed = "enrolled", closed = "graduated" }

local function write_enrollment(d, out, e)
  local g = layout.group_of(e)
  local state = layout.group_state(g)
  local start = layout.intake_start(g, d.number)
  out[#out + 1] = ENROLLMENT.format:format(d.keys.enrollment + e, d.keys.study_group + g, d.keys.person + layout.ROOMS + e,
    d.keys.application + e, d.keys.order_doc + g, d:day(start), state == "closed" and d:day(start + 60) or "\\N", ENROLLED[state],
    state == "closed" and 3 + layout.hash(e, d.number) % 3 or "\\N")
end

return {
  { "application", APPLICATION, layout.APPLICATIONS, write_application },
  { "application_document", DOCUMENT, layout.APPLICATIONS, write_document },
  { "order_doc", ORDER, layout.ENROLLED_GROUPS, write_order },
  { "enrollment", ENROLLMENT, layout.ENROLLMENTS, write_enrollment },
  { "workflow_event", EVENT, layout.APPLICATIONS, write_events },
}
