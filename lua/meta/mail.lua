---@meta core.mail
local mail = {}

--- Hands a finished message to a mail server. Yields.
---@param letter {url: string, from: string, to: string|string[], message: string, timeout_ms: integer?} bare addresses
---@return true?
---@return core.Error? err smtp_code tells the server's word; "invalid": another try is useless
function mail.send(letter) end

return mail
