--- Letters: views/mail/<kind>.txt (kit.letter), declared in rules/letters. A letter is a row of mail_message in the caller's
--- transaction; a job sends it by SMTP. Without smtp_url letters stay in the outbox, where an administrator reads them.
---
---   mail.send("application_approved", "anna@example.ru", { application = application })
---
--- base_url and region are added to the data.
local clock = require("core.clock")
local context = require("kit.context")
local core_mail = require("core.mail")
local crypto = require("core.crypto")
local job = require("kit.job")
local letter = require("kit.letter")
local letter_book = require("kit.letter_book")
local letter_html = require("kit.letter_html")
local mime = require("kit.mime")
local settings = require("core.settings")
local store = require("kit.store")
local mail = {}

local JOB = "mail.send"

local function base_url()
  local public = settings.public_url
  if public and public ~= "" then return (public:gsub("/+$", "")) end
  local request = context.get()
  if request.origin and request.host and request.host ~= "" then return request:origin() end
  return "http://" .. (settings.listen or "127.0.0.1:8080")
end

local function is_sending()
  return settings.smtp_url ~= nil and settings.smtp_url ~= ""
end

local function prepared(data)
  local copy = {}
  for key, value in pairs(data or {}) do copy[key] = value end
  copy.base_url = copy.base_url or base_url()
  copy.region = copy.region or settings.region
  return copy
end

local FOOT = "%s\n\n-- \n%s\n"

---@class kit.MailContent
---@field subject string
---@field text string
---@field html string

--- A template with its values.
---@param template kit.LetterTemplate
---@param data table?
---@param foot string? words below the letter, where {base} is the address of the site
---@return kit.MailContent
function mail.content(template, data, foot)
  local it = prepared(data)
  local subject = letter.fill(template.subject, it):gsub("%c", " ")
  local text = letter.fill(template.text, it):gsub("%s+$", "") .. "\n"
  if foot then text = FOOT:format((text:gsub("%s+$", "")), (foot:gsub("{base}", it.base_url))) end
  return { subject = subject, text = text, html = letter_html.document(subject, text, { base_url = it.base_url, sender = it.region and it.region.full }) }
end

--- Writes a made letter into the outbox.
---@param kind string
---@param to string address
---@param content kit.MailContent
---@param run_at string? not before this moment
---@return integer id of mail_message
function mail.put(kind, to, content, run_at)
  local row = store.insert_mail(kind, to, content.subject, content.text, content.html)
  if is_sending() then job.enqueue(JOB, { mail_id = row.id }, { key = "mail:" .. row.id, priority = 50, run_at = run_at }) end
  return row.id
end

--- Writes a letter into the outbox.
---@param kind string id of rules/letters
---@param to string address
---@param data table?
---@param options {run_at: string?, foot: string?}? not before this moment; words below the letter, where {base} is the address of the site
---@return integer id of mail_message
function mail.send(kind, to, data, options)
  local given = options or {}
  return mail.put(kind, to, mail.content(letter_book.template(kind), data, given.foot), given.run_at)
end

--- The bytes of a letter as SMTP wants them.
---@param row table of mail_message
---@return string
function mail.message(row)
  local from = settings.mail_from or "noreply@localhost"
  return mime.message({
    from = from, from_name = settings.region and settings.region.short or nil, to = row.to_address, subject = row.subject,
    text = row.body_text, html = row.body_html, date = clock.now(),
    id = ("<%d.%s@%s>"):format(row.id, crypto.token(9), from:match("@(.+)$") or "localhost"),
  })
end

--- The job: sends one letter. Sent ones are left alone.
---@param payload {mail_id: integer}
function mail.deliver(payload)
  local row = store.find_mail(payload.mail_id)
  if not row or row.state == "sent" or row.state == "cancelled" then return {} end
  if not is_sending() then return {} end
  local ok, err = core_mail.send({
    url = settings.smtp_url, from = settings.mail_from or "noreply@localhost", to = row.to_address, message = mail.message(row),
  })
  if not ok then
    store.mark_mail(row.id, "failed", err and err.text)
    return nil, err
  end
  store.mark_mail(row.id, "sent")
  return {}
end

mail.JOB = JOB

return mail
