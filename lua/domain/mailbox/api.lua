--- JSON of the outgoing mail.
local fields = require("domain.mailbox.fields")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.mailbox.service")
local shape = require("kit.shape")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function letter_json(letter)
  return { id = tostring(letter.id), kind = letter.kind, to = letter.to_address, subject = letter.subject, text = letter.body_text,
    state = letter.state, error = null(letter.error), created_at = letter.created_at, sent_at = null(letter.sent_at) }
end

local function list(request)
  local found, err = service.list(request.user, request.query_all)
  if not found then return nil, err end
  local items = {}
  for index, letter in ipairs(found.items) do items[index] = letter_json(letter) end
  return respond.json({ items = json.array(items), next_cursor = found.next_cursor or json.null })
end

local function show(request)
  local letter, err = service.get(request.user, math.tointeger(tonumber(request.params.id:match("^%d+$"))))
  if not letter then return nil, err end
  return respond.json(letter_json(letter))
end

local function act(run)
  return function(request)
    local id = math.tointeger(tonumber(request.params.id:match("^%d+$")))
    local ok, err = run(request.user, id)
    if not ok then return nil, err end
    local letter = service.get(request.user, id)
    return respond.json(letter_json(letter))
  end
end

local LETTER = shape.object({
  id = shape.id, kind = shape.text, to = shape.text, subject = shape.text, state = shape.enum({ "queued", "sent", "failed", "cancelled" }),
  error = shape.maybe(shape.text), created_at = shape.moment, sent_at = shape.maybe(shape.moment),
}, { text = shape.text })

return {
  { "GET", "/api/v1/outbox", list, access = { "mail.read" }, query = fields.LIST, returns = "LetterList", summary = "Исходящая почта" },
  { "GET", "/api/v1/outbox/{id}", show, access = { "mail.read" }, returns = "Letter", summary = "Письмо" },
  { "POST", "/api/v1/outbox/{id}/resend", act(service.resend), access = { "mail.read" }, returns = "Letter", summary = "Отправить письмо ещё раз" },
  { "POST", "/api/v1/outbox/{id}/cancel", act(service.cancel), access = { "mail.read" }, returns = "Letter", summary = "Отменить письмо" },
  schemas = { Letter = LETTER },
}
