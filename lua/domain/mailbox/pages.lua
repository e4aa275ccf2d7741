--- Pages of what goes out: letters, and events.
local fields = require("domain.mailbox.fields")
local letter_book = require("kit.letter_book")
local letter_html = require("kit.letter_html")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.mailbox.service")

local BASE = "/admin/outbox"
local EVENTS = BASE .. "/events"
local READ = { "mail.read" }

local function label_of(options, value)
  for _, known in ipairs(options) do
    if known.value == value then return known.label end
  end
  return value
end

local function id_of(request) return math.tointeger(tonumber(request.params.id:match("^%d+$"))) end

local function kind_label(id)
  local kind = letter_book.kind(id)
  return kind and kind.label or id
end

local function kinds()
  local options = {}
  for index, kind in ipairs(letter_book.all()) do options[index] = { value = kind.id, label = kind.group .. ": " .. kind.label } end
  return options
end

local function tabs(current)
  return { { label = "Письма", href = BASE, current = current == "letters" }, { label = "События", href = EVENTS, current = current == "events" } }
end

local function list(request)
  local found, err = service.list(request.user, request.query_all)
  if not found then return nil, err end
  local rows = {}
  for index, letter in ipairs(found.items) do
    rows[index] = { href = BASE .. "/" .. letter.id, cells = {
      { text = russian.datetime(letter.created_at) }, { text = letter.to_address },
      { text = letter.subject, sub = letter.error or kind_label(letter.kind), href = BASE .. "/" .. letter.id },
      { text = label_of(fields.STATES, letter.state), tone = fields.TONES[letter.state] },
    } }
  end
  return respond.page(request, "mailbox/list", {
    title = "Исходящая почта", nav = "outbox", rows = rows, next_cursor = found.next_cursor, input = found.input, query = request.query_all,
    states = fields.STATES, kinds = kinds(), is_sending = service.is_sending(), tabs = tabs("letters"),
  })
end

local function attempts_words(letter)
  if not letter.job_state then return nil end
  return ("%d из %d, следующая %s"):format(letter.attempts, letter.max_attempts, russian.datetime(letter.run_at))
end

local function show(request)
  local letter, err = service.get(request.user, id_of(request))
  if not letter then return nil, err end
  return respond.page(request, "mailbox/show", {
    title = letter.subject, nav = "outbox", letter = letter, state = label_of(fields.STATES, letter.state), tone = fields.TONES[letter.state],
    kind = kind_label(letter.kind), attempts = attempts_words(letter), can_cancel = letter.state == "queued" or letter.state == "failed",
    html = letter.body_html and letter_html.framed(letter.body_html, request.nonce), frames = true, audited = { "mail_message", letter.id },
  })
end

-- A button: goes back with the outcome.
local function act(run, back, notice)
  return function(request)
    local ok, err = run(request.user, id_of(request))
    if not ok and err.status ~= 409 then return nil, err end
    return respond.redirect(back(request), { notice = ok and notice or err.text, tone = not ok and "bad" or nil })
  end
end

local function to_letter(request) return BASE .. "/" .. request.params.id end
local function to_events() return EVENTS end

local function resend_failed(request)
  local count, err = service.resend_failed(request.user)
  if not count then return nil, err end
  return respond.redirect(BASE, { notice = count == 0 and "Все письма и так ушли" or "В очереди снова "
    .. russian.plural(count, "%s письмо", "%s письма", "%s писем") })
end

local function events(request)
  local found, err = service.events(request.user, request.query_all)
  if not found then return nil, err end
  local rows = {}
  for index, event in ipairs(found.items) do
    rows[index] = { id = event.id, state = event.state, cells = {
      { text = russian.datetime(event.created_at) }, { text = event.topic, sub = event.key },
      { text = label_of(fields.EVENT_STATES, event.state), tone = fields.EVENT_TONES[event.state] },
      { text = tostring(event.attempts), sub = event.state == "waiting" and event.attempts > 0 and "ещё раз " .. russian.datetime(event.retry_at) or nil },
      { text = event.error or "" },
    } }
  end
  return respond.page(request, "mailbox/events", {
    title = "События", nav = "outbox", rows = rows, next_cursor = found.next_cursor, input = found.input, query = request.query_all,
    states = fields.EVENT_STATES, tabs = tabs("events"),
  })
end

return {
  { "GET", BASE, list, access = READ, query = fields.LIST, summary = "Исходящая почта" },
  { "POST", BASE .. "/resend", resend_failed, access = READ, summary = "Отправить ещё раз всё, что не ушло" },
  { "GET", EVENTS, events, access = READ, query = fields.EVENTS, summary = "Недоставленные события" },
  { "POST", EVENTS .. "/{id}/retry", act(service.retry_event, to_events, "Событие доставим ещё раз"), access = READ, summary = "Доставить событие ещё раз" },
  { "POST", EVENTS .. "/{id}/cancel", act(service.cancel_event, to_events, "Событие отменено"), access = READ, summary = "Отменить событие" },
  { "GET", BASE .. "/{id}", show, access = READ, summary = "Письмо" },
  { "POST", BASE .. "/{id}/resend", act(service.resend, to_letter, "Письмо поставлено в очередь"), access = READ, summary = "Отправить письмо ещё раз" },
  { "POST", BASE .. "/{id}/cancel", act(service.cancel, to_letter, "Письмо отменено"), access = READ, summary = "Отменить письмо" },
}
