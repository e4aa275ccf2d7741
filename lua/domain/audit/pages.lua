--- Pages of the journal of actions.
local fields = require("domain.audit.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.audit.service")
local workflow = require("kit.workflow")

local BASE = "/admin/audit"

local ENTITY_LABELS = {}
for _, entity in ipairs(fields.ENTITIES) do ENTITY_LABELS[entity.value] = entity.label end

local MACHINES = { application = true, group = true, order = true, lesson = true, enrollment = true }

local function word(value)
  if value == nil or value == json.null or value == "" then return "—" end
  return tostring(value)
end

local function state_word(entity, value)
  if MACHINES[entity] and type(value) == "string" then return workflow.state(entity, value).label end
  return word(value)
end

-- «состояние: Подана → На рассмотрении»: the fields in order of the alphabet.
local function changes(event)
  local decoded, lines = json.decode(event.diff or "{}") or {}, {}
  for field, change in pairs(decoded) do
    local show = field == "state" and function(value) return state_word(event.entity, value) end or word
    lines[#lines + 1] = type(change) == "table" and ("%s: %s → %s"):format(fields.NAMES[field] or field, show(change[1]), show(change[2]))
      or ("%s: %s"):format(fields.NAMES[field] or field, word(change))
  end
  table.sort(lines)
  return table.concat(lines, "; ")
end

local function action_label(event)
  local known = fields.ACTIONS[event.action]
  if known then return known end
  local entity, action = event.action:match("^(%w+)%.(%w+)$")
  if not MACHINES[entity] then return nil end
  for _, transition in ipairs(workflow.machine(entity).transitions) do
    if transition.action == action then return transition.label end
  end
end

local function row_view(event)
  local object = ENTITY_LABELS[event.entity] or event.entity or ""
  return {
    cells = {
      { text = russian.datetime(event.at), sub = event.ip },
      { text = event.who or event.ip and "Гость" or "Система", sub = fields.ROLES[event.role] },
      { text = action_label(event) or event.action, sub = event.action },
      { text = object .. (event.entity_id and " № " .. event.entity_id or ""),
        href = event.entity_id and BASE .. "?entity=" .. event.entity .. "&id=" .. event.entity_id or nil },
      { text = changes(event), sub = event.reason },
    },
  }
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.list(request.user, input)
  if not found then return nil, err end
  local rows = {}
  for index, event in ipairs(found.items) do rows[index] = row_view(event) end
  return respond.page(request, "audit/list", {
    title = "Журнал действий", nav = "audit", rows = rows, next_cursor = found.next_cursor, input = input, query = request.query_all,
    entities = fields.ENTITIES, verdict = nil,
  })
end

local function verify(request)
  local result, err = service.verify(request.user)
  if not result then return nil, err end
  if result.broken then
    local notice = ("Цепочка нарушена: запись %d не сходится. Сохраните журнал и сообщите ответственному."):format(result.broken)
    return respond.redirect(BASE, { tone = "bad", notice = notice })
  end
  return respond.redirect(BASE, { notice = ("Цепочка цела: проверено %s, ещё не скреплено %s."):format(
    russian.plural(result.sealed, "%s запись", "%s записи", "%s записей"), russian.number(result.waiting)) })
end

return {
  { "GET", BASE, list, access = { "audit.read" }, query = fields.LIST, summary = "Журнал действий" },
  { "POST", BASE .. "/verify", verify, access = { "audit.read" }, summary = "Проверить цепочку журнала" },
}
