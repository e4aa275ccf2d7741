--- Notifications: made from events of the outbox by rules/notifications.lua. Other modules emit events and add rules.
local fields = require("domain.notifications.fields")
local service = require("domain.notifications.service")
local tell = require("domain.notifications.tell")
local notifications = {}

notifications.events = {}
for _, topic in ipairs(fields.topics()) do notifications.events[topic] = tell.of end

-- The bell of the cabinet.
local function bell(request, data)
  if request.user.is_guest then return end
  data.bell = { count = service.unread(request.user), href = "/cabinet/notifications" }
end

notifications.page_data = { { layout = "cabinet", fn = bell } }

notifications.timers = {
  { name = "notifications.digests", every_s = 300, run = service.send_digests },
  { name = "notifications.forget", every_s = 86400, run = service.forget },
}

return notifications
