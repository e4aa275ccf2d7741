--- Letters that the platform has written, and events that its modules have not taken. While no SMTP is set letters wait here, and an
--- administrator reads them.
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.mailbox.fields")
local form = require("kit.form")
local job = require("kit.job")
local mail = require("kit.mail")
local outbox = require("kit.outbox")
local policy = require("domain.mailbox.policy")
local settings = require("core.settings")
local store = require("domain.mailbox.store")
local transaction = require("kit.transaction")
local service = {}

local MOST_AT_ONCE = 1000

---@return boolean
function service.is_sending()
  return settings.smtp_url ~= nil and settings.smtp_url ~= ""
end

--- Letters, newest first.
---@return table? result {items, next_cursor, input}
---@return kit.Error? err
function service.list(user, query_all)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local input
  input, err = form.parse(fields.LIST, query_all)
  if not input then return nil, err end
  local rows, next_cursor = store.LIST:page({
    filters = { q = input.q and input.q:gsub("[\\%%_]", "\\%0") or nil, state = input.state, kind = input.kind, from = input.from, to = input.to },
    cursor = input.cursor, limit = input.limit,
  })
  if not rows then return nil, next_cursor end
  return { items = rows, next_cursor = next_cursor, input = input }
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

local function enqueue(id)
  if service.is_sending() then job.enqueue(mail.JOB, { mail_id = id }, { key = "mail:" .. id, priority = 50 }) end
end

--- Sends a letter once more.
---@return true? ok
---@return kit.Error? err
function service.resend(user, id)
  local letter, err = service.get(user, id)
  if not letter then return nil, err end
  return transaction.run(function()
    store.requeue(letter.id)
    enqueue(letter.id)
    audit.write("mail.resend", "mail_message", letter.id, { state = { letter.state, "queued" } })
    return true
  end)
end

--- Sends all that did not go once more: after the post server was away.
---@return integer? count
---@return kit.Error? err
function service.resend_failed(user)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  return transaction.run(function()
    local rows = store.requeue_failed(MOST_AT_ONCE)
    for _, row in ipairs(rows) do enqueue(row.id) end
    audit.write("mail.resend", "mail_message", nil, { count = { nil, #rows } })
    return #rows
  end)
end

--- Keeps a letter from being sent.
---@return true? ok
---@return kit.Error? err 409 it has gone already
function service.cancel(user, id)
  local letter, err = service.get(user, id)
  if not letter then return nil, err end
  return transaction.run(function()
    if store.cancel(letter.id) == 0 then
      return nil, errors.conflict("not_waiting", "Отменить можно только письмо, которое ещё не ушло.", { state = letter.state })
    end
    audit.write("mail.cancel", "mail_message", letter.id, { state = { letter.state, "cancelled" } })
    return true
  end)
end

-- ---- events

local STATE_FILTERS = { waiting = outbox.ATTEMPTS, dead = outbox.ATTEMPTS, cancelled = true }

--- Events that nobody has taken yet, newest first.
---@return table? result {items, next_cursor, input}
---@return kit.Error? err
function service.events(user, query_all)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  local input
  input, err = form.parse(fields.EVENTS, query_all)
  if not input then return nil, err end
  local filters = { topic = input.topic }
  if input.state then filters[input.state] = STATE_FILTERS[input.state] end
  local rows, next_cursor = store.EVENTS:page({ filters = filters, cursor = input.cursor })
  if not rows then return nil, next_cursor end
  for _, row in ipairs(rows) do
    row.state = row.cancelled_at and "cancelled" or row.attempts >= outbox.ATTEMPTS and "dead" or "waiting"
  end
  return { items = rows, next_cursor = next_cursor, input = input }
end

local function change_event(user, id, action, change)
  local ok, err = policy.need_read(user)
  if not ok then return nil, err end
  return transaction.run(function()
    if not id or change(id) == 0 then return nil, errors.conflict("not_waiting", "Событие уже доставлено или отменено.") end
    audit.write(action, "outbox_event", id, {})
    return true
  end)
end

--- Tries an event once more, with all its attempts.
---@return true? ok
---@return kit.Error? err
function service.retry_event(user, id) return change_event(user, id, "outbox.retry", store.retry_event) end

--- Gives an event up.
---@return true? ok
---@return kit.Error? err
function service.cancel_event(user, id) return change_event(user, id, "outbox.cancel", store.cancel_event) end

return service
