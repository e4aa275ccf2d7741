--- Pages of the journal of actions.
local fields = require("domain.audit.fields")
local form = require("kit.form")
local present = require("domain.audit.present")
local respond = require("kit.respond")
local roles = require("kit.roles")
local russian = require("kit.russian")
local service = require("domain.audit.service")

local BASE = "/admin/audit"

-- People have a card; of all else the journal shows the history.
local function href_of(event)
  if not event.entity_id then return nil end
  if event.entity == "person" then return "/cabinet/people/key/" .. event.entity_id end
  return BASE .. "?entity=" .. event.entity .. "&id=" .. event.entity_id
end

local function row_view(event)
  return {
    cells = {
      { text = russian.datetime(event.at), sub = event.ip },
      { text = present.who(event), sub = event.role and roles.name(event.role) },
      { text = present.action(event) or event.action, sub = event.action },
      { text = present.object(event) .. (event.entity_id and " № " .. event.entity_id or ""),
        href = href_of(event) },
      { text = present.changes(event), sub = event.reason },
    },
  }
end

local function check_words(check)
  if not check then return { tone = "info", text = "Цепочка записей ещё не проверялась." } end
  if check.broken then
    return { tone = "bad", title = ("Цепочка нарушена: запись %d не сходится."):format(check.broken),
      text = "Сохраните журнал и сообщите ответственному за безопасность." }
  end
  return { tone = "ok", text = ("Цепочка цела: %s, проверена %s."):format(
    russian.plural(check.checked, "%s запись", "%s записи", "%s записей"), russian.datetime(check.checked_at)) }
end

local function list(request)
  local found, err = service.list(request.user, request.query_all)
  if not found then return nil, err end
  local rows = {}
  for index, event in ipairs(found.items) do rows[index] = row_view(event) end
  return respond.page(request, "audit/list", {
    title = "Журнал действий", nav = "audit", rows = rows, next_cursor = found.next_cursor, input = found.input, query = request.query_all,
    entities = fields.ENTITIES, actions = present.actions(), export = form.render(fields.EXPORT, { format = "xlsx" }), check = check_words(service.last_check()),
  })
end

local function export(request)
  local input, err = form.parse(fields.EXPORT, request:form())
  if not input then return nil, err end
  return service.export(request.user, request.query_all, input)
end

local function verify(request)
  local id, err = service.verify(request.user)
  if not id then return nil, err end
  return respond.redirect(BASE, { tone = "info", notice = "Проверка идёт. Итог появится здесь и на странице «Состояние»." })
end

return {
  { "GET", BASE, list, access = { "audit.read" }, query = fields.LIST, summary = "Журнал действий" },
  { "POST", BASE .. "/export", export, access = { "audit.read" }, query = fields.LIST, body = fields.EXPORT, summary = "Выгрузить журнал действий" },
  { "POST", BASE .. "/verify", verify, access = { "audit.read" }, summary = "Проверить цепочку журнала" },
}
