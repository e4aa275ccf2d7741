--- Pages of plugins for administrators: the list, a card, «Что выполняется».
local fields = require("domain.plugins.fields")
local form = require("kit.form")
local present = require("domain.plugins.present")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.plugins.service")

local BASE, RUNNING = "/admin/plugins", "/admin/running"
local MANAGE = { "plugin.manage" }

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local rows = {}
  for i, one in ipairs(found) do
    local words = fields.STATES[one.state]
    rows[i] = { href = BASE .. "/" .. one.id, cells = {
      { text = one.title, sub = one.id .. (one.is_regional and ", плагин региона" or ""), href = BASE .. "/" .. one.id },
      one.version or "—", { text = words[1], tone = words[2] }, one.description or "",
      { text = russian.number(one.faults), tone = one.faults > 0 and "bad" or nil }, { text = russian.number(one.held), tone = one.held > 0 and "bad" or nil },
    } }
  end
  return respond.page(request, "plugins/list", { title = "Плагины", nav = "plugins", rows = rows })
end

local CONTROLS = { integer = "number", enum = "select", boolean = "checkbox" }

local function setting_items(list_of)
  local items = {}
  for i, entry in ipairs(list_of) do
    local copy = {}
    for key, value in pairs(entry.field) do copy[key] = value end
    copy.type, copy.value, copy.hint, copy.required = CONTROLS[copy.type] or copy.type, entry.value, copy.reason, false
    items[i] = { key = entry.field.name, version = entry.version, is_changed = entry.is_changed, default = tostring(entry.field.default), field = copy }
  end
  return items
end

local function problem_lines(list_of)
  local lines = {}
  for i, fault in ipairs(list_of) do lines[i] = ("%s:%d: %s"):format(fault.file, fault.line or 0, fault.text) end
  return lines
end

local function card_page(request, id, fault)
  local card, err = service.get(request.user, id)
  if not card then return nil, err end
  local runs = {}
  for i, run in ipairs(card.runs) do
    local cells = present.run_cells(run)
    table.insert(cells, 1, { text = run.event, sub = run.title })
    runs[i] = { cells = cells }
  end
  return respond.page(request, "plugins/show", {
    title = card.title, nav = "plugins", card = card, words = fields.STATES[card.state], asks = card.plugin.manifest and present.asks(card.plugin) or {},
    problems = problem_lines(card.problems), plan = present.plan(card.pending), plan_error = card.plan_error and card.plan_error.text,
    faults = present.fault_rows(card.recent), runs = runs, settings = setting_items(card.settings), base = BASE .. "/" .. id, fault = fault,
  }, fault and fault.status)
end

local function show(request) return card_page(request, request.params.id) end

-- Runs an act and shows the card with what was refused.
local function act(run, notice)
  return function(request)
    local id = request.params.id
    local done, err = run(request, id)
    if done then return respond.redirect(BASE .. "/" .. id, { notice = notice }) end
    if err.status == 422 or err.status == 409 then return card_page(request, id, err) end
    return nil, err
  end
end

local function enable(request, id)
  local input, err = form.parse(fields.ENABLE, request:form())
  if not input then return nil, err end
  return service.enable(request.user, id, input.consent)
end

local function uninstall(request)
  local id = request.params.id
  local input, err = form.parse(fields.UNINSTALL, request:form())
  if input and input.confirm ~= id then err = require("kit.errors").invalid("confirm", "other", "Наберите имя плагина: " .. id) end
  if err then return card_page(request, id, err) end
  local archive
  archive, err = service.uninstall(request.user, id)
  if archive then
    return respond.redirect(BASE .. "/archives", { notice = ("Данные плагина удалены: %s. Они сохранены в файле."):format(
      russian.plural(archive.rows, "%s строка", "%s строки", "%s строк")) })
  end
  if err.status == 409 then return card_page(request, id, err) end
  return nil, err
end

local function release(request, id)
  local input, err = form.parse(fields.RELEASE, request:form())
  if not input then return nil, err end
  return service.release(request.user, id, math.tointeger(tonumber(request.params.delivery)) or 0, input.what)
end

local function archives(request)
  local found, err = service.archives(request.user)
  if not found then return nil, err end
  local rows = {}
  for i, one in ipairs(found) do
    rows[i] = { cells = { russian.datetime(one.created_at), one.plugin .. " " .. one.version, russian.number(one.rows),
      { text = one.name, sub = russian.size(one.size_bytes), href = BASE .. "/archives/" .. one.id } } }
  end
  return respond.page(request, "plugins/archives", { title = "Архивы плагинов", nav = "plugins", rows = rows })
end

local function archive(request)
  local row, err = service.archive(request.user, math.tointeger(tonumber(request.params.id)) or 0)
  if not row then return nil, err end
  return respond.file(row)
end

local function running_page(request)
  local groups, err = service.running(request.user)
  if not groups then return nil, err end
  for _, group in ipairs(groups) do
    group.rows = {}
    for i, run in ipairs(group.runs) do
      local cells = present.run_cells(run)
      table.insert(cells, 1, tostring(i))
      group.rows[i] = { cells = cells, href = run.kind == "plugin" and BASE .. "/" .. run.owner or nil }
    end
  end
  return respond.page(request, "plugins/running", { title = "Что выполняется", nav = "running", groups = groups })
end

return {
  { "GET", BASE, list, access = MANAGE, summary = "Плагины" },
  { "GET", BASE .. "/archives", archives, access = MANAGE, summary = "Архивы удалённых плагинов" },
  { "GET", BASE .. "/archives/{id}", archive, access = MANAGE, summary = "Файл с данными удалённого плагина" },
  { "GET", BASE .. "/{id}", show, access = MANAGE, summary = "Плагин" },
  { "POST", BASE .. "/{id}/enable", act(enable, "Плагин включён"), access = MANAGE, body = fields.ENABLE, summary = "Включить плагин" },
  { "POST", BASE .. "/{id}/disable", act(function(request, id) return service.disable(request.user, id) end, "Плагин выключен, его данные сохранены"),
    access = MANAGE, summary = "Выключить плагин" },
  { "POST", BASE .. "/{id}/resume", act(function(request, id) return service.resume(request.user, id) end, "Плагин снова работает"),
    access = MANAGE, summary = "Возобновить плагин" },
  { "POST", BASE .. "/{id}/uninstall", uninstall, access = MANAGE, body = fields.UNINSTALL, summary = "Удалить данные плагина" },
  { "POST", BASE .. "/{id}/deliveries/{delivery}", act(release, "Готово"), access = MANAGE, body = fields.RELEASE, summary = "Повторить или пропустить событие" },
  { "GET", RUNNING, running_page, access = MANAGE, summary = "Что выполняется" },
}
