--- The list of applications: for clerks with filters and actions on many, for learners their own.
local applications = require("domain.applications")
local fields = require("domain.inbox.fields")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.inbox.service")
local text = require("core.text")
local urls = require("kit.urls")

local BASE = "/cabinet/applications"
local FINAL = { completed = true, expelled = true, rejected = true, withdrawn = true, expired = true }

-- ---- own

local function own_list(request)
  local current, past = {}, {}
  for _, application in ipairs(applications.own(request.user)) do
    if FINAL[application.state] then
      if application.submitted_at then past[#past + 1] = { application = application } end
    else
      current[#current + 1] = { application = application, next_step = applications.present.next_step(application) }
    end
  end
  return respond.page(request, "applications/own_list", { title = "Мои заявки", nav = "applications", current = current, past = past })
end

-- ---- the list

local function row_view(row)
  local sla = applications.present.sla(row)
  local deadline = sla and { text = sla.text, tone = sla.tone, icon = sla.icon }
    or row.state == "docs_required" and { text = "ждём до " .. russian.date(row.docs_due_on, "short") } or { text = "—" }
  return {
    id = row.public_id, label = row.number, href = BASE .. "/" .. row.public_id,
    cells = {
      { text = russian.datetime(row.submitted_at), sub = "№ " .. row.number },
      { text = row.person_name, sub = row.category, href = BASE .. "/" .. row.public_id },
      { text = row.program, sub = row.organization },
      { chip = { "application", row.state } },
      deadline,
      { text = row.responsible or "Не назначен" },
    },
  }
end

local function bulk_actions(user)
  if not (user.grant and (user.grant.role == "staff" or user.grant.role == "partner")) then return {} end
  local list = {}
  for index, name in ipairs(fields.BULK_ORDER) do
    local action = fields.BULK[name]
    list[index] = { value = name, label = action.label, icon = action.icon, class = action.class }
  end
  return list
end

local function columns_of(found)
  local by_key = {}
  for _, column in ipairs(found.columns) do by_key[column.key] = column end
  local submitted, due = by_key.submitted_at, by_key.sla_due_at
  return {
    { label = "Поступила", nowrap = true, lead = true, sort = submitted.sort, dir = submitted.dir },
    { label = "Заявитель", lead = true, wide = true }, { label = "Программа", lead = true }, { label = "Статус" },
    { label = "Срок ответа", nowrap = true, sort = due.sort, dir = due.dir }, { label = "Ответственный" },
  }
end

local function tabs(counters, query)
  local is_plain = next(query) == nil
  local function tab(label, params, count)
    local current = not is_plain
    for name, value in pairs(params) do
      local given = query[name]
      if not given or (type(value) == "table" and #given ~= #value) or given[1] ~= (type(value) == "table" and value[1] or value) then current = false end
    end
    return { label = label, href = urls.with(BASE, params), count = count, current = current }
  end
  return {
    { label = "Все", href = BASE, current = is_plain },
    tab("Ждут разбора", { state = { "submitted" } }, counters.submitted),
    tab("Проверить документы", { state = { "docs_review" } }, counters.docs_review),
    tab("Мои", { responsible = "mine" }, counters.mine),
    tab("Просроченные", { overdue = "1" }, counters.overdue),
  }
end

-- What the row of filters does not show stays as it is.
local function kept(query)
  local hidden = {}
  for _, name in ipairs({ "sort", "from", "to", "program", "intake", "overdue" }) do
    for _, value in ipairs(query[name] or {}) do hidden[#hidden + 1] = { name = name, value = value } end
  end
  return hidden
end

local function clerk_list(request)
  local query = request.query_all
  local found, err = service.read(request.user, query)
  if not found then return nil, err end
  local rows = {}
  for index, row in ipairs(found.rows) do rows[index] = row_view(row) end
  return respond.page(request, "inbox/list", {
    title = "Заявки", nav = "applications", rows = rows, columns = columns_of(found), total = found.total, count = found.count,
    next_page = found.next, chosen = found.chosen, tabs = tabs(service.counters(request.user), query), input = found.input,
    query = query, filter = request.query_string or "", states = fields.STATES, responsible = fields.RESPONSIBLE, periods = fields.PERIODS, hidden = kept(query),
    organizations = service.organizations(), actions = bulk_actions(request.user),
    can_export = request.user.grant.role == "staff",
    empty = next(query) and { icon = "filter", title = "Ничего не нашли", text = "Под эти условия не подходит ни одна заявка. Уберите часть фильтров." }
      or { icon = "inbox", title = "Заявок пока нет", text = "Поданные гражданами заявки появятся здесь." },
  })
end

local function list(request)
  if service.is_clerk(request.user) then return clerk_list(request) end
  local role = request.user.grant and request.user.grant.role
  if role == "learner" or not role then return own_list(request) end
  return clerk_list(request) -- says why not
end

-- ---- exports

-- A large export without a reason is asked for it, with the filters kept.
local function export_by(service_fn)
  return function(request)
    local response, err = service_fn(request.user, request.query_all)
    if response or err.code ~= "reason_required" then return response, err end
    local hidden = {}
    for name, values in pairs(request.query_all) do
      for _, value in ipairs(name ~= "reason" and values or {}) do hidden[#hidden + 1] = { name = name, value = value } end
    end
    return respond.page(request, "inbox/export", { title = "Выгрузка заявок", nav = "applications", action = request.path, hidden = hidden,
      fault = err, is_asked = request.query.reason ~= nil }, 422)
  end
end

local csv, xlsx = export_by(service.csv), export_by(service.xlsx)

-- ---- many at once

local function chosen_of(typed, all)
  if typed.all_action and typed.all_action ~= "" then
    local _, query_all = text.parse_query(typed.filter or "")
    return typed.all_action, { query_all = query_all }
  end
  local ids = {}
  for _, id in ipairs(all.ids or {}) do
    if #id == 36 and id:find("^[%x%-]+$") and #ids < fields.DIRECT_LIMIT then ids[#ids + 1] = id end
  end
  return typed.action, { ids = ids }
end

local function documents_of(typed, all)
  local labels, documents = {}, {}
  for _, kind in ipairs(applications.document_kinds()) do labels[kind.value] = kind.label end
  local comment = typed.comment ~= "" and typed.comment or nil
  for _, code in ipairs(all.kinds or {}) do
    if labels[code] then documents[#documents + 1] = { kind = code, title = labels[code], comment = comment } end
  end
  if typed.title and typed.title:find("%S") then
    documents[#documents + 1] = { kind = "other", title = typed.title, comment = comment }
  end
  return documents
end

-- What the action needs besides the list; nil, message while it is not all there.
local function input_of(asks, typed, all)
  if asks == "reason" then
    if not (typed.reason or ""):find("%S") then return nil, "Напишите причину: её увидят заявители." end
    return { reason = typed.reason }
  elseif asks == "responsible" then
    local id = math.tointeger(tonumber(typed.responsible_id))
    if not id then return nil, "Выберите ответственного." end
    return { responsible_id = id }
  elseif asks == "documents" then
    local documents = documents_of(typed, all)
    if #documents == 0 then return nil, "Отметьте хотя бы один документ." end
    return { documents = documents }
  end
  return {}
end

local function kind_options()
  local options = {}
  for _, kind in ipairs(applications.document_kinds()) do
    if kind.value ~= "other" then options[#options + 1] = kind end
  end
  return options
end

local function ask_page(request, name, chosen, typed, count, fault)
  local action = fields.BULK[name]
  return respond.page(request, "inbox/bulk", {
    title = action.label, nav = "applications", action = name, bulk = action, chosen = chosen, typed = typed, count = count, fault = fault,
    filter = typed.filter, clerks = action.asks == "responsible" and applications.clerks(nil) or {},
    kinds = action.asks == "documents" and kind_options() or {},
  }, fault and 422 or 200)
end

local function result_page(request, result)
  return respond.page(request, "inbox/result", { title = "Готово", nav = "applications", result = result, bulk = fields.BULK[result.action] })
end

local function run(request, name, chosen, input)
  local rows, err = service.chosen(request.user, chosen, fields.DIRECT_LIMIT)
  if not rows then return nil, err end
  if #rows > fields.DIRECT_LIMIT then
    local id = service.enqueue(request.user, name, chosen.query_all, input)
    return respond.redirect(BASE .. "/bulk/" .. id)
  end
  return result_page(request, service.run(request.user, name, rows, input))
end

local function bulk(request)
  local typed, all = request:form(), request:form_all()
  local name, chosen = chosen_of(typed, all)
  local action = fields.BULK[name]
  if not action or (chosen.ids and #chosen.ids == 0) then
    return respond.redirect(BASE, { tone = "warn", notice = "Отметьте заявки и выберите действие." })
  end
  local input, fault = input_of(action.asks, typed, all)
  local is_confirmed = typed.confirmed == "1"
  if (action.asks or chosen.query_all) and not is_confirmed or not input then
    local count, err = chosen.ids and #chosen.ids, nil
    if not count then
      local words
      words, count = service.count(request.user, chosen.query_all)
      if not words then return nil, count end
    end
    if count == nil then return nil, err end
    return ask_page(request, name, chosen, typed, count, is_confirmed and fault or nil)
  end
  return run(request, name, chosen, input)
end

-- The job of an action on very many: how far it is, then its result.
local function bulk_job(request)
  local found, err = service.bulk_job(request.user, math.tointeger(tonumber(request.params.job)))
  if not found then return nil, err end
  if found.state == "done" then return result_page(request, found.result) end
  return respond.page(request, "inbox/progress", { title = "Идёт работа", nav = "applications", job = found })
end

return {
  { "GET", BASE, list, access = "user", query = fields.LIST, summary = "Заявки: список сотрудника или свои" },
  { "GET", BASE .. "/export.csv", csv, access = { "application.export" }, query = fields.LIST, summary = "Выгрузка заявок в CSV" },
  { "GET", BASE .. "/export.xlsx", xlsx, access = { "application.export" }, query = fields.LIST, summary = "Выгрузка заявок в XLSX" },
  { "POST", BASE .. "/bulk", bulk, access = { "application.decide" }, summary = "Действие над многими заявками" },
  { "GET", BASE .. "/bulk/{job}", bulk_job, access = { "application.decide" }, summary = "Ход и итог действия над многими заявками" },
}
