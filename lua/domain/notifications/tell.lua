--- From an event to people: rules choose kind and words, each person's choices the ways. Runs in the transaction that marks the
--- event delivered, hence once; the key keeps it so when an event is delivered again.
local db = require("core.db")
local facts = require("domain.notifications.facts")
local fields = require("domain.notifications.fields")
local live = require("kit.live")
local mail = require("kit.mail")
local settings = require("core.settings")
local store = require("domain.notifications.store")
local urls = require("kit.urls")
local tell = {}

--- "{number}" → the number; what has no value goes with the dot before it left clean.
---@param template string
---@param words table<string, any>
---@return string
function tell.fill(template, words)
  return (template:gsub("{([%w_]+)}", function(name) return tostring(words[name] or "") end):gsub("%s+$", ""))
end

-- Letters end with the way out of them.
local function foot(kind, recipient)
  local lines = { "Уведомления и письма настраиваются в кабинете: {base}/cabinet/notifications/settings" }
  if not kind.obligatory then
    lines[2] = ("Не присылать письма «%s»: {base}%s"):format(kind.label, urls.with("/notifications/stop/" .. recipient.stop_token, { kind = kind.id }))
  end
  return table.concat(lines, "\n")
end

--- How a person is told of a kind: the choice, or what the rule says.
---@return boolean in_page, "now"|"digest"|"off" mail
function tell.ways(kind, chosen_page, chosen_mail)
  if kind.obligatory then return true, "now" end
  if chosen_page == nil then return true, kind.mail end
  return chosen_page, chosen_mail
end

local function send(rule, kind, recipient, notice, letter)
  if rule.letter == false then return end
  local data = { title = notice.title, text = notice.text, link = notice.link }
  for name, value in pairs(rule.letter and letter or {}) do data[name] = value end
  mail.send(rule.letter or "notification", recipient.email, data, { run_at = recipient.quiet_until, foot = foot(kind, recipient) })
end

local function tell_one(rule, kind, recipient, notice, letter)
  local in_page, way = tell.ways(kind, recipient.page, recipient.mail)
  if not recipient.email then way = "off" end
  if not in_page and way == "off" then return end
  local row = store.insert({
    user_id = recipient.id, kind = kind.id, title = notice.title, text = notice.text, link = notice.link, key = notice.key, in_page = in_page,
    mail = way == "now" and "sent" or way, mail_at = way == "digest" and recipient.digest_at or nil,
  })
  if not row then return end
  if way == "now" then send(rule, kind, recipient, notice, letter) end
  if in_page then live.notify("notification." .. recipient.id) end
end

local function fits(rule, payload)
  return (not rule.action or rule.action == payload.action) and (not rule.from or rule.from == payload.from)
end

local function apply(rule, index, known, event)
  local kind = fields.kind(rule.kind)
  local notice = { title = tell.fill(rule.title, known.words), text = tell.fill(rule.text or "", known.words),
    link = rule.link and tell.fill(rule.link, known.words), key = ("event:%d:%d"):format(event.id, index) }
  local user_ids = known.who[rule.to]()
  -- Somebody whom a clerk has entered has an address and no account.
  if #user_ids == 0 and rule.to == "applicant" and rule.letter and known.email then mail.send(rule.letter, known.email, known.letter) end
  if #user_ids == 0 then return end
  for _, recipient in ipairs(store.recipients(db.array(user_ids), kind.id, settings.region.zone)) do
    -- Nobody needs news of what he has just done himself; an applicant wants it in writing.
    if recipient.id ~= event.actor_id or rule.to == "applicant" or kind.obligatory then tell_one(rule, kind, recipient, notice, known.letter) end
  end
end

--- The handler of an event.
---@param payload table
---@param event {id: integer, topic: string}
function tell.of(payload, event)
  local known
  for index, rule in ipairs(fields.RULES) do
    if rule.event == event.topic and fits(rule, payload) then
      known = known or facts[event.topic:match("^[%w_]+")](payload)
      if not known then return end
      apply(rule, index, known, { id = event.id, actor_id = math.tointeger(tonumber(payload.user_id)) })
    end
  end
end

return tell
