--- JSON of the list of applications, and actions on many at once.
local applications = require("domain.applications")
local errors = require("kit.errors")
local fields = require("domain.inbox.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.inbox.service")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function row_json(row)
  return {
    id = row.public_id, number = row.number, state = row.state, version = row.version,
    program = { id = tostring(row.program_id), title = row.program, slug = row.program_slug },
    program_id = tostring(row.program_id), intake_id = tostring(row.intake_id), organization_id = tostring(row.organization_id),
    organization = row.organization, person = { id = row.person_public_id, name = row.person_name }, funding = null(row.funding),
    responsible_id = row.responsible_id and tostring(row.responsible_id) or json.null, responsible = null(row.responsible),
    starts_on = row.starts_on, submitted_at = null(row.submitted_at), sla_due_at = null(row.sla_due_at),
    docs_due_on = null(row.docs_due_on), updated_at = row.updated_at,
  }
end

local function wanted_states(query_all)
  local states = query_all.state
  if not states then return nil end
  local set = {}
  for _, state in ipairs(states) do set[state] = true end
  return set
end

-- A learner's own list is short: one page.
local function own(request)
  local _, err = form.parse(fields.LIST, request.query_all)
  if err then return nil, err end
  local states, items = wanted_states(request.query_all), {}
  for _, application in ipairs(applications.own(request.user)) do
    if not states or states[application.state] then items[#items + 1] = applications.present.json(application) end
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function list(request)
  if not service.is_clerk(request.user) and (not request.user.grant or request.user.grant.role == "learner") then return own(request) end
  local rows, cursor = service.page(request.user, request.query_all)
  if not rows then return nil, cursor end
  local items = {}
  for index, row in ipairs(rows) do items[index] = row_json(row) end
  return respond.json({ items = json.array(items), next_cursor = null(cursor) })
end

local function bulk(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(fields.BULK_BODY, body)
  if not input then return nil, err end
  if input.action == "assign" and not input.responsible_id then
    return nil, errors.invalid("responsible_id", "required", "Назовите ответственного.")
  end
  local rows
  rows, err = service.chosen(request.user, { ids = input.ids })
  if not rows then return nil, err end
  local result = service.run(request.user, input.action, rows, input)
  for _, failure in ipairs(result.failures) do failure.name = nil end
  return respond.json({ action = result.action, done = result.done, failed = result.failed, not_found = #input.ids - #rows,
    failures = json.array(result.failures) })
end

return {
  { "GET", "/api/v1/applications", list, access = "user", query = fields.LIST, returns = "ApplicationList",
    summary = "Заявки: сотруднику по фильтрам, слушателю свои" },
  { "POST", "/api/v1/applications/bulk", bulk, access = { "application.decide" }, body = fields.BULK_BODY, returns = "BulkResult", status = 200,
    summary = "Действие над многими заявками с итогом по каждой" },
}
