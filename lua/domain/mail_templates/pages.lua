--- Pages of the templates of letters.
local fields = require("domain.mail_templates.fields")
local form = require("kit.form")
local letter_html = require("kit.letter_html")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.mail_templates.service")

local BASE = "/admin/mail"
local MANAGE = { "mail.template" }
local STATES = {
  accepted = { text = "Вступила в силу", tone = "ok" }, refused = { text = "Отклонена", tone = "bad" }, asked = { text = "Проверяется", tone = "info" },
}

local function own_words(own)
  return own and { text = "Изменено", sub = russian.datetime(own.published_at) .. (own.who and ", " .. own.who or "") } or "Из поставки"
end

local function groups_of(found)
  local groups, by_title = {}, {}
  for _, entry in ipairs(found) do
    local title, href = entry.kind.group, BASE .. "/" .. entry.kind.id
    if not by_title[title] then
      by_title[title] = { title = title, rows = {} }
      groups[#groups + 1] = by_title[title]
    end
    table.insert(by_title[title].rows, { href = href, label = entry.kind.label, cells = {
      { text = entry.kind.label, sub = entry.kind.about, href = href }, entry.subject, own_words(entry.own) } })
  end
  return groups
end

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  return respond.page(request, "mail_templates/list", { title = "Шаблоны писем", nav = "mail", groups = groups_of(found) })
end

-- ---- one letter

local function sample_words(declared)
  if declared.type == "date" then return russian.date(declared.sample) end
  if declared.type ~= "list" then return tostring(declared.sample) end
  local items = {}
  for name, item in pairs(declared.item) do items[#items + 1] = ("{{ %s }} — %s"):format(name, item.label) end
  table.sort(items)
  return "внутри: " .. table.concat(items, ", ")
end

local function names_of(kind)
  local rows = {}
  for index, name in ipairs(kind.order) do
    local declared = kind.names[name]
    local written = declared.type == "list" and ("{{#each %s}} … {{/each}}"):format(name) or ("{{ %s }}"):format(name)
    rows[index] = { cells = { { text = written }, declared.label, fields.TYPES[declared.type], sample_words(declared) } }
  end
  return rows
end

local function version_rows(id)
  local rows, is_first = {}, true
  for index, change in ipairs(service.versions(id)) do
    local state = STATES[change.state] or STATES.asked
    if change.state == "accepted" and is_first then state, is_first = { text = "В силе", tone = "ok" }, false end
    local can_open = change.state == "accepted" and not change.is_withdrawn
    rows[index] = { cells = {
      { text = russian.datetime(change.created_at), href = can_open and ("%s/%s?change=%d"):format(BASE, id, change.id) or nil },
      { text = change.summary, sub = change.reason }, change.who or "", state,
    } }
  end
  return rows
end

local function shown_preview(request, id, typed)
  local content = service.preview(request.user, id, { subject = typed.subject or "", text = typed.text or "" })
  return content and { subject = content.subject, text = content.text, html = letter_html.framed(content.html, request.nonce) }
end

-- What was typed stays; after a 409 the next try is made on what is in force now.
local function editor(request, found, more)
  local id, given = found.kind.id, more or {}
  local typed = given.typed or { subject = found.subject, text = found.text }
  local rendered = form.render(fields.PUBLISH, typed, given.fault)
  rendered[2].type, rendered[2].rows = "textarea", 16
  return respond.page(request, "mail_templates/show", {
    title = found.kind.label, nav = "mail", kind = found.kind, own = found.own, version = found.version, is_former = found.is_former,
    since = found.own and russian.datetime(found.own.published_at), fields = rendered, fault = given.fault,
    sample = shown_preview(request, id, typed), names = names_of(found.kind), versions = version_rows(id), frames = true, done = given.done,
  }, given.fault and given.fault.status or 200)
end

local function show(request)
  local input, err = form.parse(fields.SHOW, request.query_all)
  local found
  if input then found, err = service.get(request.user, request.params.id, input.change) end
  if not found then return nil, err end
  return editor(request, found)
end

local function again(request, more)
  local found, err = service.get(request.user, request.params.id)
  if not found then return nil, err end
  return editor(request, found, more)
end

local function refused(request, typed, err)
  if err.status ~= 422 and err.status ~= 409 then return nil, err end
  return again(request, { typed = typed, fault = err })
end

local function publish(request)
  local typed = request:form()
  local input, err = form.parse(fields.PUBLISH, typed)
  local change
  if input then change, err = service.publish(request.user, request.params.id, input) end
  if not change then return refused(request, typed, err) end
  return respond.redirect(BASE .. "/" .. request.params.id, { notice = "Новое письмо в силе" })
end

local function preview(request)
  local typed = request:form()
  local input, err = form.parse(fields.TEMPLATE, typed)
  local content
  if input then content, err = service.preview(request.user, request.params.id, input) end
  if not content then return refused(request, typed, err) end
  return again(request, { typed = typed, done = "Ниже — как получится. Ещё не опубликовано." })
end

local function test(request)
  local typed = request:form()
  local input, err = form.parse(fields.TEMPLATE, typed)
  local address
  if input then address, err = service.send_test(request.user, request.params.id, input) end
  if not address then return refused(request, typed, err) end
  return again(request, { typed = typed, done = "Проверочное письмо поставлено в очередь на " .. address .. ". Ещё не опубликовано." })
end

local function reset(request)
  local typed = request:form()
  local input, err = form.parse(fields.RESET, typed)
  local change
  if input then change, err = service.reset(request.user, request.params.id, input) end
  if not change then
    if err.status == 403 or err.status == 404 then return nil, err end
    return respond.redirect(BASE .. "/" .. request.params.id, { tone = "bad", notice = err.text })
  end
  return respond.redirect(BASE .. "/" .. request.params.id, { notice = "В силе письмо из поставки" })
end

return {
  { "GET", BASE, list, access = MANAGE, summary = "Шаблоны писем" },
  { "GET", BASE .. "/{id}", show, access = MANAGE, query = fields.SHOW, summary = "Шаблон письма" },
  { "POST", BASE .. "/{id}", publish, access = MANAGE, body = fields.PUBLISH, summary = "Опубликовать шаблон письма" },
  { "POST", BASE .. "/{id}/preview", preview, access = MANAGE, body = fields.TEMPLATE, summary = "Посмотреть письмо с примерами" },
  { "POST", BASE .. "/{id}/test", test, access = MANAGE, body = fields.TEMPLATE, summary = "Отправить проверочное письмо себе" },
  { "POST", BASE .. "/{id}/reset", reset, access = MANAGE, body = fields.RESET, summary = "Вернуть письмо из поставки" },
}
