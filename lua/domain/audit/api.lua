--- JSON of the journal of actions.
local fields = require("domain.audit.fields")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.audit.service")
local shape = require("kit.shape")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function list(request)
  local found, err = service.list(request.user, request.query_all)
  if not found then return nil, err end
  local items = {}
  for index, e in ipairs(found.items) do
    items[index] = {
      id = tostring(e.id), at = e.at, user_id = e.user_id and tostring(e.user_id) or json.null, who = null(e.who), role = null(e.role),
      action = e.action, entity = null(e.entity), entity_id = e.entity_id and tostring(e.entity_id) or json.null,
      diff = json.raw(e.diff or "{}"), reason = null(e.reason), ip = null(e.ip), request_id = null(e.request_id),
    }
  end
  return respond.json({ items = json.array(items), next_cursor = found.next_cursor or json.null })
end

local maybe, text = shape.maybe, shape.text
local AUDIT = shape.object({
  id = shape.id, at = shape.moment, user_id = maybe(shape.id), who = maybe(text), role = maybe(text), action = text, entity = maybe(text),
  entity_id = maybe(shape.id), diff = shape.any, reason = maybe(text), ip = maybe(text), request_id = maybe(text),
})

return {
  schemas = { Audit = AUDIT },
  { "GET", "/api/v1/audit", list, access = { "audit.read" }, query = fields.LIST, returns = "AuditList", summary = "Журнал действий" },
}
