--- JSON of one's own notifications.
local fields = require("domain.notifications.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.notifications.service")
local shape = require("kit.shape")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function notification_json(row)
  return { id = tostring(row.id), kind = row.kind, title = row.title, text = row.text, link = null(row.link), created_at = row.created_at,
    read_at = null(row.read_at) }
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found = service.list(request.user, input)
  local items = {}
  for index, row in ipairs(found.items) do items[index] = notification_json(row) end
  return respond.json({ items = json.array(items), next_cursor = found.next_cursor and tostring(found.next_cursor) or json.null, unread = found.unread })
end

local function read(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(fields.READ, body)
  if not input then return nil, err end
  return respond.json({ read = service.read_all(request.user, input.last_id) })
end

local NOTIFICATION = shape.object({
  id = shape.id, kind = shape.text, title = shape.text, text = shape.text, link = shape.maybe(shape.text), created_at = shape.moment,
  read_at = shape.maybe(shape.moment),
})

return {
  { "GET", "/api/v1/me/notifications", list, access = "user", private = true, query = fields.LIST, returns = "NotificationList", summary = "Свои уведомления" },
  { "POST", "/api/v1/me/notifications/read", read, access = "user", private = true, body = fields.READ, returns = { type = "object" },
    summary = "Отметить прочитанными до указанного" },
  schemas = { Notification = NOTIFICATION },
}
