--- What letters about an application tell (views/mail/application_*). Who gets one, and when, is decided by rules/notifications.lua.
local store = require("domain.applications.store")
local letters = {}

--- The application as it is now, with what letters quote; nil when it is gone.
---@param id integer|string inner key or public_id
---@return {application: table, documents: table[], reason: string?, text: string?}?
function letters.data(id)
  local application = math.type(id) == "integer" and store.get(id) or type(id) == "string" and store.find(id)
  if not application then return nil end
  return { application = application, documents = store.documents(application.id), reason = application.reason,
    text = store.last_note_to_applicant(application.id) }
end

return letters
