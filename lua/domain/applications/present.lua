--- Turns applications into what views and clients show: words, tones, steps. Reads nothing, decides nothing.
local fields = require("domain.applications.fields")
local json = require("core.json")
local lookup = require("kit.lookup")
local roles = require("kit.roles")
local russian = require("kit.russian")
local sla = lookup.module("rules.sla").application
local why = require("kit.why")
local workflow = require("kit.workflow")
local present = {}

local FINAL_BAD = { rejected = true, expired = true, expelled = true, withdrawn = true }

--- «до 27 ноября, осталось 4 рабочих дня» with a tone; nil while the clock stands still.
---@return table? chip {text, tone, icon, due}
function present.sla(application)
  if not application.sla_due_at then return nil end
  local due, left = russian.date(application.sla_due_at, "day"), application.sla_left_s
  if left < 0 then
    local hours = -left // 3600
    local late = hours < 24 and russian.plural(math.max(hours, 1), "%s час", "%s часа", "%s часов")
      or russian.plural(hours // 24, "%s день", "%s дня", "%s дней")
    return { text = "просрочено на " .. late, tone = "bad", icon = "alarm", due = due }
  end
  local days = application.sla_left_days or 0
  local text = days == 0 and "сегодня до " .. russian.time(application.sla_due_at)
    or russian.plural(days, "%s рабочий день", "%s рабочих дня", "%s рабочих дней")
  local is_near = days <= sla.warn_days
  return { text = text, tone = is_near and "warn" or nil, icon = is_near and "clock" or nil, due = due }
end

local function fill(template, application)
  return (template:gsub("{(%w+)}", {
    sla = russian.date(application.sla_due_at, "day"), ["docs"] = russian.date(application.docs_due_on, "day"),
    place = tostring(application.waiting_place or ""), starts = russian.date(application.group_starts_on or application.starts_on, "day"),
  }))
end

--- Who makes the next step, in a sentence for the applicant.
function present.next_step(application)
  local known = fields.NEXT_STEP[application.state]
  if not known then
    return ("Сейчас заявка в состоянии «%s». Когда оно изменится, мы напишем вам."):format(workflow.state("application", application.state).label)
  end
  local text = fill(known, application)
  local left = application.docs_left_days
  if application.state == "docs_required" and left and left >= 0 then
    text = text .. (left == 0 and " Сегодня последний день." or " Осталось " .. russian.plural(left, "%s день", "%s дня", "%s дней") .. ".")
  end
  return text
end

-- The moment at which each state was last entered.
local function moments(application)
  local found = { draft = application.created_at, submitted = application.submitted_at }
  if application.decided_at then found[application.state == "waitlisted" and "waitlisted" or "approved"] = application.decided_at end
  for _, event in ipairs(application.history or {}) do found[event.to_state] = event.at end
  return found
end

local function step_of(state)
  for index, step in ipairs(fields.TRACK) do
    for _, known in ipairs(step.states) do
      if known == state then return index end
    end
  end
  return 0
end

-- How many steps are done, and which is current (nil: it has ended).
local function progress(application, at)
  local state = application.state
  if state == "submitted" then return 1, 2 end -- filed: the next step is the centre's
  if state == "completed" then return #fields.TRACK, nil end
  if not FINAL_BAD[state] and step_of(state) > 0 then return step_of(state) - 1, step_of(state) end
  local furthest = 0
  for known in pairs(at) do furthest = math.max(furthest, step_of(known)) end
  if FINAL_BAD[state] or state == "draft" then return furthest, nil end
  return furthest, math.min(furthest + 1, #fields.TRACK) -- a state that the region has added: on the way to the next step
end

local PLANNED = {
  review = function(a) return a.sla_due_at and "до " .. russian.date(a.sla_due_at, "day") end,
  decision = function(a) return a.sla_due_at and "до " .. russian.date(a.sla_due_at, "day") end,
  training = function(a) return "с " .. russian.date(a.group_starts_on or a.starts_on, "day") end,
}

local function step_text(step, application, at, is_done)
  if application.state == "docs_required" and step.id == "review" then
    return "документы до " .. russian.date(application.docs_due_on, "day")
  end
  if application.state == "waitlisted" and step.id == "decision" then
    return "в листе ожидания, место " .. tostring(application.waiting_place or "")
  end
  for _, state in ipairs(step.states) do
    if at[state] then return russian.datetime(at[state], "day") end
  end
  local plan = not is_done and PLANNED[step.id]
  return plan and plan(application) or ""
end

--- Steps of the tracker: what is done, where it stands, what is to come.
---@return table[] items for parts/steps
function present.track(application)
  local items, at = {}, moments(application)
  local done, current = progress(application, at)
  for index, step in ipairs(fields.TRACK) do
    local state = index <= done and "done" or index == current and "cur" or nil
    items[index] = { title = step.title, text = step_text(step, application, at, state == "done"), state = state }
  end
  return items
end

local ROLE_WORDS = { learner = "заявитель", system = "автоматически", partner = "организация", staff = "центр" }

--- The history for parts/timeline, oldest first.
---@param shows_names boolean clerks see who; applicants see which side
function present.timeline(application, shows_names)
  local items = { { title = "Создан черновик", at = russian.datetime(application.created_at), state = "on" } }
  for index, event in ipairs(application.history) do
    local who = shows_names and event.who or ROLE_WORDS[event.role]
    items[#items + 1] = {
      title = event.state.label, at = russian.datetime(event.at), who = event.role == "system" and ROLE_WORDS.system or who,
      text = event.reason, state = FINAL_BAD[event.to_state] and "bad" or index == #application.history and "cur" or "on",
      because = event.because,
    }
  end
  return items
end

-- Where what stands in the way can be put right.
local FIXES = {
  applicant = { profile_incomplete = { "/cabinet/profile", "Заполнить профиль" },
    guardian_consent_required = { "/cabinet/profile/guardian", "Указать представителя" },
    documents_missing = { "#documents", "К документам" }, consent_required = { "/cabinet/data", "К согласиям" } },
  clerk = { order_required = { "/cabinet/orders", "К приказам" }, nothing_rejected = { "#documents", "К документам" },
    comment_required = { "#documents", "К документам" }, documents_missing = { "#documents", "К документам" },
    guardian_paper_unchecked = { "#documents", "К документам" }, places_available = { "#actions", "К действиям" } },
}

--- Adds to refused actions the way out.
function present.with_fixes(actions, is_applicant)
  local known = FIXES[is_applicant and "applicant" or "clerk"]
  for _, action in ipairs(actions) do
    local fix = not action.allowed and known[action.code]
    if fix then action.fix = { href = fix[1], label = fix[2] } end
  end
  return actions
end

local function who_may(other)
  if other.permission then return why.sentence(other.permission) end
  local names, is_automatic = {}, false
  for _, code in ipairs(other.by) do
    local role = roles.state().by_code[code]
    if code == "system" then is_automatic = true else names[#names + 1] = ROLE_WORDS[code] or role and role.name or code end
  end
  local text = #names > 0 and "Может: " .. table.concat(names, ", ") .. (is_automatic and "; или платформа сама" or "") or "Платформа делает это сама"
  return text .. (#other.conditions > 0 and ", когда: " .. table.concat(other.conditions, "; ") or "") .. "."
end

--- What others may do with the application now, in words: why there is no button.
---@return {tone: string, text: string}[] items for parts/rule
function present.others(application)
  local items = {}
  for index, other in ipairs(application.others or {}) do
    items[index] = { title = ("%s → «%s»"):format(other.label, other.to), text = who_may(other) }
  end
  return items
end

-- ---- JSON (described in schemas.lua)

local function null(value)
  if value == nil then return json.null end
  return value
end

local function document_json(document)
  return {
    id = tostring(document.id), kind = document.kind, title = document.title, is_required = document.is_required,
    state = document.state, comment = null(document.comment), updated_at = document.updated_at,
    file = document.file_public_id and {
      id = document.file_public_id, name = document.file_name, size_bytes = document.size_bytes, mime = document.mime,
      url = "/files/" .. document.file_public_id,
    } or json.null,
  }
end
present.document_json = document_json

local function action_json(action)
  return {
    action = action.action, label = action.label, to = action.to, allowed = action.allowed, why = null(action.why),
    reason_required = action.reason_required,
  }
end

local function event_json(event)
  return {
    action = event.action, label = event.label, from = event.from_state, to = event.to_state, at = event.at, role = event.role,
    reason = null(event.reason),
  }
end

local function map(list, fn)
  local out = {}
  for index, item in ipairs(list or {}) do out[index] = fn(item) end
  return json.array(out)
end

local APPLICANT = { "name", "birth_date", "age_on_start", "gender", "phone", "email", "education", "education_year", "category",
  "snils", "guardian", "consent_given_at" }

local function applicant_json(applicant)
  if not applicant then return nil end
  local out = { id = applicant.public_id }
  for _, name in ipairs(APPLICANT) do out[name] = null(applicant[name]) end
  return out
end

--- An application for the API: keys as strings, special data masked, details only where the card has them.
function present.json(application)
  local a = application
  local out = {
    id = a.public_id, number = a.number, state = a.state, version = a.version,
    program = { id = tostring(a.program_id), title = a.program, slug = a.program_slug },
    program_id = tostring(a.program_id), intake_id = tostring(a.intake_id), organization_id = tostring(a.organization_id),
    organization = a.organization, group_id = a.group_id and tostring(a.group_id) or json.null, group = null(a.group_code),
    person = { id = a.person_public_id, name = a.person_name }, source = a.source, funding = null(a.funding), comment = null(a.comment),
    reason = null(a.reason), responsible_id = a.responsible_id and tostring(a.responsible_id) or json.null,
    responsible = null(a.responsible), starts_on = a.starts_on, created_at = a.created_at, submitted_at = null(a.submitted_at),
    sla_due_at = null(a.sla_due_at), docs_due_on = null(a.docs_due_on), waiting_place = null(a.waiting_place),
    decided_at = null(a.decided_at), updated_at = a.updated_at,
  }
  if a.history then
    out.documents, out.history = map(a.documents, document_json), map(a.history, event_json)
    out.actions = map(a.actions, action_json)
    out.notes = map(a.notes, function(note)
      return { id = tostring(note.id), text = note.text, is_internal = note.is_internal, author = null(note.author), created_at = note.created_at }
    end)
    out.applicant = applicant_json(a.applicant)
  end
  return out
end

return present
