--- What letters about an application tell (views/mail/application_*). Who gets one, and when, is decided by rules/notifications.lua.
local store = require("domain.applications.store")
local letters = {}

local function is_wanted(document) return document.state == "asked" or document.state == "rejected" end

--- The application as it is now, with what letters quote; nil when it is gone.
---@param id integer|string inner key or public_id
---@return {application: table, documents: table[], reason: string?, text: string?}?
function letters.data(id)
  local application = math.type(id) == "integer" and store.get(id) or type(id) == "string" and store.find(id)
  if not application then return nil end
  local wanted = {}
  for _, document in ipairs(store.documents(application.id)) do
    if is_wanted(document) then wanted[#wanted + 1] = document end
  end
  application.starts_on = application.group_starts_on or application.starts_on
  return { application = application, documents = wanted, reason = application.reason,
    text = store.last_note_to_applicant(application.id) }
end

return letters
