--- Letters that the platform has written. While no SMTP is set they wait here, and an administrator reads them.
local audit = require("kit.audit")
local errors = require("kit.errors")
local job = require("kit.job")
local mail = require("kit.mail")
local policy = require("domain.mailbox.policy")
local settings = require("core.settings")
local store = require("domain.mailbox.store")
local transaction = require("kit.transaction")
local service = {}

local PAGE_SIZE = 50

---@return boolean
function service.is_sending()
  return settings.smtp_url ~= nil and settings.smtp_url ~= ""
end

--- Letters, newest first.
---@return table? result {items, next_cursor}
---@return kit.Error? err
function service.list(user, input)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local limit = input.limit or PAGE_SIZE
  local rows = store.list(input.q, input.state, input.cursor, limit)
  local next_cursor
  if #rows > limit then
    rows[#rows] = nil
    next_cursor = rows[#rows].id
  end
  return { items = rows, next_cursor = next_cursor }
end

---@return table? letter
---@return kit.Error? err
function service.get(user, id)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local letter = id and store.find(id)
  if not letter then return nil, errors.not_found("mail", id) end
  return letter
end

--- Sends a letter once more.
---@return true? ok
---@return kit.Error? err
function service.resend(user, id)
  local letter, err = service.get(user, id)
  if not letter then return nil, err end
  return transaction.run(function()
    store.requeue(letter.id)
    if service.is_sending() then job.enqueue(mail.JOB, { mail_id = letter.id }, { key = "mail:" .. letter.id, priority = 50 }) end
    audit.write("mail.resend", "mail_message", letter.id, {})
    return true
  end)
end

return service
