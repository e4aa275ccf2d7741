--- A person's notifications: the list, what is new, choices, the daily digest.
local errors = require("kit.errors")
local fields = require("domain.notifications.fields")
local live = require("kit.live")
local mail = require("kit.mail")
local policy = require("domain.notifications.policy")
local settings = require("core.settings")
local store = require("domain.notifications.store")
local tell = require("domain.notifications.tell")
local transaction = require("kit.transaction")
local service = {}

local PAGE_SIZE = 30
local DIGESTS_AT_ONCE = 200
local DIGEST_LINES = 50

-- ---- the list

---@return {items: table[], next_cursor: integer?, unread: integer}
function service.list(user, input)
  local limit = input.limit or PAGE_SIZE
  local rows = store.list(user.id, input.kind, input.unread or false, input.cursor, limit + 1)
  local next_cursor
  if #rows > limit then
    rows[#rows] = nil
    next_cursor = rows[#rows].id
  end
  return { items = rows, next_cursor = next_cursor, unread = store.unread(user.id) }
end

--- How many are new; 100 stands for more.
---@return integer
function service.unread(user) return store.unread(user.id) end

local function changed(user) live.notify("notification." .. user.id) end

--- Marks one as read and says where it leads.
---@return string? link
---@return kit.Error? err
function service.open(user, id)
  return transaction.run(function()
    local row = id and store.mark(user.id, id)
    if not row then return nil, errors.not_found("notification", id) end
    changed(user)
    return row.link or "/cabinet/notifications"
  end)
end

--- Marks all up to one as read.
---@return integer count
function service.read_all(user, last_id)
  return transaction.run(function()
    local count = store.mark_all(user.id, last_id)
    changed(user)
    return count
  end)
end

-- ---- choices

--- Kinds with what holds for this person, and the hours.
---@return {kinds: table[], setting: table}
function service.choices(user)
  local chosen, kinds = {}, {}
  for _, row in ipairs(store.choices(user.id)) do chosen[row.kind] = row end
  for _, kind in ipairs(fields.KINDS) do
    if policy.concerns(user, kind) then
      local own = chosen[kind.id]
      local page, way = tell.ways(kind, own and own.page, own and own.mail)
      kinds[#kinds + 1] = { id = kind.id, label = kind.label, hint = kind.hint, obligatory = kind.obligatory, page = page, mail = way }
    end
  end
  return { kinds = kinds, setting = store.setting(user.id) or { zone = settings.region.zone, digest_at = "09:00" } }
end

local WAYS = { now = true, digest = true, off = true }

--- Keeps the hours and the ways of the kinds that are named: {[kind] = {page, mail}}.
---@return true? ok
---@return kit.Error? err
function service.choose(user, setting, ways)
  if (setting.quiet_from == nil) ~= (setting.quiet_to == nil) then
    return nil, errors.invalid(setting.quiet_from and "quiet_to" or "quiet_from", "required", "Укажите и начало, и конец тихих часов, или очистите оба поля.")
  end
  if setting.quiet_from and setting.quiet_from:sub(1, 5) == setting.quiet_to:sub(1, 5) then
    return nil, errors.invalid("quiet_to", "same", "Начало и конец тихих часов совпадают. Укажите разное время.")
  end
  return transaction.run(function()
    store.save_setting(user.id, setting.zone, setting.digest_at, setting.quiet_from, setting.quiet_to)
    for _, kind in ipairs(fields.KINDS) do
      local way = ways[kind.id]
      if way and not kind.obligatory and policy.concerns(user, kind) then
        store.save_choice(user.id, kind.id, way.page and true or false, WAYS[way.mail] and way.mail or kind.mail)
      end
    end
    return true
  end)
end

local UUID = "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"

local function kind_to_stop(token, kind_id)
  local owner = token:match(UUID) and store.owner_of(token)
  if not owner or not fields.has_kind(kind_id or "") or fields.kind(kind_id).obligatory then return nil, errors.not_found("page") end
  return { user_id = owner.user_id, kind = fields.kind(kind_id) }
end

--- What the link in a letter would end; needs no log-in.
service.what_to_stop = kind_to_stop

--- Ends the letters of a kind; the cabinet goes on showing it.
---@return table? stopped {user_id, kind}
---@return kit.Error? err
function service.stop(token, kind_id)
  local found, err = kind_to_stop(token, kind_id)
  if not found then return nil, err end
  store.save_choice(found.user_id, found.kind.id, true, "off")
  return found
end

-- ---- digests

local function send_digest(user_id)
  return transaction.run(function()
    local lines = store.take_digest(user_id)
    local first = lines[1]
    if not first or not first.email then return true end
    local shown = table.move(lines, 1, math.min(#lines, DIGEST_LINES), 1, {})
    mail.send("notification_digest", first.email, { lines = shown, count = #lines, more = #lines - #shown },
      { run_at = first.quiet_until, foot = "Как часто присылать письма, настраивается в кабинете: {base}/cabinet/notifications/settings" })
    return true
  end)
end

--- One letter for each person whose hour has come: a timer.
---@return true
function service.send_digests()
  for _, row in ipairs(store.due_digests(DIGESTS_AT_ONCE)) do send_digest(row.user_id) end
  return true
end

--- Half a year is enough: a timer.
function service.forget()
  store.forget()
  return true
end

return service
