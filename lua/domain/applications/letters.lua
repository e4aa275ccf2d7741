--- Letters to applicants. Rows of mail in the transaction of the change; nothing leaves before its commit.
local mail = require("kit.mail")
local letters = {}

--- Sends views/mail/application_<kind>. A person without an address gets none: the cabinet tells the same.
---@param application table of store.get
---@param kind string
---@param more table? further fields for the letter
function letters.send(application, kind, more)
  if not application.person_email then return end
  local data = { application = application }
  for key, value in pairs(more or {}) do data[key] = value end
  mail.send("application_" .. kind, application.person_email, data)
end

return letters
