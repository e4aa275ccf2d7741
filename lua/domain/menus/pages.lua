--- Editor of menus. The whole menu is one form; every button saves what was typed and then does its own.
local content = require("domain.content")
local errors = require("kit.errors")
local fields = require("domain.menus.fields")
local respond = require("kit.respond")
local service = require("domain.menus.service")

local function next_id(items)
  local taken, n = {}, 1
  for _, item in ipairs(items) do
    taken[item.id] = true
    for _, child in ipairs(item.items) do taken[child.id] = true end
  end
  while taken["m" .. n] do n = n + 1 end
  return "m" .. n
end

-- Ids live in the form only.
local function with_ids(items)
  local list, n = {}, 0
  local function copy(item)
    n = n + 1
    return { id = "m" .. n, label = item.label, href = item.href, items = {} }
  end
  for index, item in ipairs(items) do
    list[index] = copy(item)
    for position, child in ipairs(item.items or {}) do list[index].items[position] = copy(child) end
  end
  return list
end

local function read(typed)
  local function item(id)
    return { id = id, label = (typed[id .. ".label"] or {})[1], href = (typed[id .. ".href"] or {})[1], items = {} }
  end
  local list = {}
  for index, id in ipairs(typed["order[]"] or {}) do
    if index > fields.MAX_ITEMS then break end
    list[index] = item(id)
    for position, child in ipairs(typed[id .. ".items[]"] or {}) do
      if position <= fields.MAX_CHILDREN then list[index].items[position] = item(child) end
    end
  end
  return list
end

local function find(items, id)
  for index, entry in ipairs(items) do
    if entry.id == id then return items, index end
    for position, child in ipairs(entry.items) do
      if child.id == id then return entry.items, position, entry end
    end
  end
end

local commands = {}
local function shift(by)
  return function(items, id)
    local list, index = find(items, id)
    if list and list[index + by] then list[index], list[index + by] = list[index + by], list[index] end
  end
end
commands.up, commands.down = shift(-1), shift(1)
function commands.remove(items, id)
  local list, index = find(items, id)
  if list then table.remove(list, index) end
end
function commands.add(items)
  if #items < fields.MAX_ITEMS then items[#items + 1] = { id = next_id(items), items = {} } end
end
function commands.child(items, id)
  local list, index = find(items, id)
  local item = list == items and items[index]
  if item and #item.items < fields.MAX_CHILDREN then item.items[#item.items + 1] = { id = next_id(items), items = {} } end
end

local function editor(request, code, menu, fault, status)
  return respond.page(request, "menus/edit", {
    title = fields.CODES[code], nav = "menus", code = code, codes = fields.CODES, order = fields.ORDER, items = menu.items, version = menu.version,
    errors = fault and fault.by_field or {}, fault = fault, problems = content.problems(fault),
    places = fields.PLACES, pages = content.choices(), scripts = { "editor.js" },
    max_items = fields.MAX_ITEMS, max_children = fields.MAX_CHILDREN,
  }, status)
end

local function show(request)
  local code = request.params.code
  local menu, err = service.edit(request.user, code)
  if not menu then return nil, err end
  return editor(request, code, { items = with_ids(menu.items), version = menu.version })
end

local function first() return respond.redirect("/admin/menus/header") end

-- Buttons that change the form alone show it again; nothing is stored before «Сохранить».
local function save(request)
  local code, typed = request.params.code, request:form_all()
  if not fields.CODES[code] then return nil, errors.not_found("page", code) end
  local items, version = read(typed), math.tointeger(tonumber((typed.version or {})[1])) or 0
  local command, id = ((typed["do"] or {})[1] or "save"):match("^(%a+):?(%w*)$")
  if commands[command] then
    local menu, err = service.edit(request.user, code)
    if not menu then return nil, err end
    commands[command](items, id)
    return editor(request, code, { items = items, version = version })
  end
  local saved, err = service.save(request.user, code, items, version)
  if not saved then
    if err.status ~= 422 and err.status ~= 409 then return nil, err end
    return editor(request, code, { items = items, version = version }, err, err.status)
  end
  return respond.redirect("/admin/menus/" .. code, { notice = "Меню сохранено: его уже видят посетители" })
end

local function reset(request)
  local code = request.params.code
  local ok, err = service.reset(request.user, code, math.tointeger(tonumber(request:form().version)) or 0)
  if not ok then return nil, err end
  return respond.redirect("/admin/menus/" .. code, { notice = "Меню из поставки возвращено" })
end

local ADMIN = { "site.manage" }

return {
  { "GET", "/admin/menus", first, access = ADMIN, summary = "Меню сайта" },
  { "GET", "/admin/menus/{code}", show, access = ADMIN, summary = "Правка меню сайта" },
  { "POST", "/admin/menus/{code}", save, access = ADMIN, summary = "Сохранение меню сайта" },
  { "POST", "/admin/menus/{code}/reset", reset, access = ADMIN, summary = "Возврат меню из поставки" },
}
