--- JSON of the templates of letters.
local fields = require("domain.mail_templates.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.mail_templates.service")
local shape = require("kit.shape")

local MANAGE = { "mail.template" }
local BASE = "/api/v1/mail-templates"

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local items = {}
  for index, entry in ipairs(found) do
    items[index] = { id = entry.kind.id, group = entry.kind.group, label = entry.kind.label, about = entry.kind.about, subject = entry.subject,
      version = entry.own and entry.own.version or 0 }
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function answer(request)
  local found, err = service.get(request.user, request.params.id)
  if not found then return nil, err end
  local names = {}
  for index, name in ipairs(found.kind.order) do
    local declared = found.kind.names[name]
    names[index] = { name = name, label = declared.label, type = declared.type }
  end
  return respond.json({ id = found.kind.id, group = found.kind.group, label = found.kind.label, about = found.kind.about, subject = found.subject,
    text = found.text, version = found.version, names = json.array(names) })
end

local function read(request, schema, act)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(schema, body)
  if not input then return nil, err end
  return act(request.user, request.params.id, input)
end

local function publish(request)
  local change, err = read(request, fields.PUBLISH, service.publish)
  if not change then return nil, err end
  return answer(request)
end

local function preview(request)
  local content, err = read(request, fields.TEMPLATE, service.preview)
  if not content then return nil, err end
  return respond.json(content)
end

local function reset(request)
  local change, err = read(request, fields.RESET, service.reset)
  if not change then return nil, err end
  return answer(request)
end

local HEAD = { id = shape.text, group = shape.text, label = shape.text, about = shape.text, subject = shape.text, version = shape.integer }
local NAME = shape.object({ name = shape.text, label = shape.text, type = shape.enum({ "text", "number", "date", "list" }) })
local FULL = { text = shape.text, names = shape.list(NAME) }
for name, kind in pairs(HEAD) do FULL[name] = kind end

return {
  { "GET", BASE, list, access = MANAGE, returns = "MailTemplateList", summary = "Шаблоны писем" },
  { "GET", BASE .. "/{id}", answer, access = MANAGE, returns = "MailTemplateFull", summary = "Шаблон письма" },
  { "POST", BASE .. "/{id}", publish, access = MANAGE, body = fields.PUBLISH, returns = "MailTemplateFull", summary = "Опубликовать шаблон письма" },
  { "POST", BASE .. "/{id}/preview", preview, access = MANAGE, body = fields.TEMPLATE, returns = "MailContent", summary = "Письмо с примерами" },
  { "POST", BASE .. "/{id}/reset", reset, access = MANAGE, body = fields.RESET, returns = "MailTemplateFull", summary = "Вернуть письмо из поставки" },
  schemas = {
    MailTemplate = shape.object(HEAD), MailTemplateFull = shape.object(FULL),
    MailContent = shape.object({ subject = shape.text, text = shape.text, html = shape.text }),
  },
}
