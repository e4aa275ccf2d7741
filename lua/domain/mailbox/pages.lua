--- Pages of the outgoing mail.
local fields = require("domain.mailbox.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.mailbox.service")

local BASE = "/admin/outbox"

local function state_label(state)
  for _, known in ipairs(fields.STATES) do
    if known.value == state then return known.label end
  end
  return state
end

local function id_of(request) return math.tointeger(tonumber(request.params.id:match("^%d+$"))) end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.list(request.user, input)
  if not found then return nil, err end
  local rows = {}
  for index, letter in ipairs(found.items) do
    rows[index] = { href = BASE .. "/" .. letter.id, cells = {
      { text = russian.datetime(letter.created_at) }, { text = letter.to_address },
      { text = letter.subject, sub = letter.error, href = BASE .. "/" .. letter.id },
      { text = state_label(letter.state), tone = fields.TONES[letter.state] },
    } }
  end
  return respond.page(request, "mailbox/list", {
    title = "Исходящая почта", nav = "outbox", rows = rows, next_cursor = found.next_cursor, input = input, query = request.query_all,
    states = fields.STATES, is_sending = service.is_sending(),
  })
end

local function show(request)
  local letter, err = service.get(request.user, id_of(request))
  if not letter then return nil, err end
  return respond.page(request, "mailbox/show", {
    title = letter.subject, nav = "outbox", letter = letter, state = state_label(letter.state), tone = fields.TONES[letter.state],
    is_sending = service.is_sending(), audited = { "mail_message", letter.id },
  })
end

local function resend(request)
  local ok, err = service.resend(request.user, id_of(request))
  if not ok then return nil, err end
  return respond.redirect(BASE .. "/" .. request.params.id, { notice = "Письмо поставлено в очередь" })
end

return {
  { "GET", BASE, list, access = { "mail.read" }, query = fields.LIST, summary = "Исходящая почта" },
  { "GET", BASE .. "/{id}", show, access = { "mail.read" }, summary = "Письмо" },
  { "POST", BASE .. "/{id}/resend", resend, access = { "mail.read" }, summary = "Отправить письмо ещё раз" },
}
