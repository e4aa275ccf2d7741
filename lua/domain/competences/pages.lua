--- Priority competences: for visitors, and their list for staff.
local content = require("domain.content")
local fields = require("domain.competences.fields")
local form = require("kit.form")
local programs = require("domain.programs")
local respond = require("kit.respond")
local service = require("domain.competences.service")

local CARDS = 6

local function list(request)
  return respond.site(request, "competences/list", {
    title = "Приоритетные компетенции региона", nav = "competences", sectors = service.by_sector(), total = #service.list(),
    description = "Чему важнее всего учиться в регионе: приоритетные компетенции по отраслям и программы обучения по ним.",
    blocks = content.section_blocks("competences"),
  })
end

local function show(request)
  local found, err = service.get(request.params.code)
  if not found then return nil, err end
  local icon, tone = service.look(found.sector)
  return respond.site(request, "competences/show", {
    title = found.name, nav = "competences", competence = found, icon = icon, tone = tone,
    cards = programs.cards({ competence = { found.competence } }, CARDS), description = found.summary ~= "" and found.summary or nil,
  })
end

-- ---- staff

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function manage(request)
  local rows, err = service.all(request.user)
  if not rows then return nil, err end
  return respond.page(request, "competences/manage", { title = "Приоритетные компетенции", nav = "competences", rows = rows })
end

local function options()
  local list_of = {}
  for index, choice in ipairs(service.choices()) do
    list_of[index] = { value = choice.code, label = choice.sector and choice.name .. " — " .. choice.sector or choice.name }
  end
  return list_of
end

local function editor(request, values, fault, status)
  local shown = form.render(fields.PRIORITY, values, fault)
  shown[1].type, shown[1].options, shown[1].empty = "select", options(), "— выберите —"
  for index = 2, 3 do shown[index].type = "number" end
  shown[5].type = "textarea"
  return respond.page(request, "competences/edit", {
    title = values.id and "Приоритетная компетенция" or "Новая приоритетная компетенция", nav = "competences", fields = shown, values = values,
    fault = fault, audited = values.id and { "regional_priority", values.id } or nil,
  }, status)
end

local function new(request)
  local year = tonumber(os.date("%Y"))
  return editor(request, { year_from = year, year_to = year + 2 })
end

local function edit(request)
  local found, err = service.find(request.user, id_of(request))
  if not found then return nil, err end
  return editor(request, found)
end

local function save(request, id)
  local typed = request:form()
  local input, err = form.parse(fields.PRIORITY, typed)
  local saved
  if input then saved, err = service.save(request.user, id, input) end
  if not saved then
    if err.status ~= 422 and err.status ~= 409 then return nil, err end
    typed.id = id
    return editor(request, typed, err, err.status)
  end
  return respond.redirect("/cabinet/competences", { notice = id and "Запись сохранена" or "Компетенция добавлена" })
end

local function create(request) return save(request, nil) end
local function update(request) return save(request, id_of(request)) end

local function remove(request)
  local ok, err = service.delete(request.user, id_of(request), math.tointeger(tonumber(request:form().version)) or 0)
  if not ok then return nil, err end
  return respond.redirect("/cabinet/competences", { notice = "Компетенция убрана из приоритетных" })
end

local function move(request)
  local input, err = form.parse(fields.ORDER, request:form())
  if not input then return nil, err end
  local ok
  ok, err = service.move(request.user, input.id, input.move)
  if not ok then return nil, err end
  return respond.redirect("/cabinet/competences")
end

local STAFF = { "competence.prioritize" }

return {
  { "GET", "/competences", list, access = "public", summary = "Приоритетные компетенции региона" },
  { "GET", "/competences/{code}", show, access = "public", summary = "Приоритетная компетенция" },
  { "GET", "/cabinet/competences", manage, access = STAFF, summary = "Список приоритетных компетенций" },
  { "GET", "/cabinet/competences/new", new, access = STAFF, summary = "Форма приоритетной компетенции" },
  { "POST", "/cabinet/competences", create, access = STAFF, body = fields.PRIORITY, summary = "Новая приоритетная компетенция" },
  { "POST", "/cabinet/competences/order", move, access = STAFF, body = fields.ORDER, summary = "Порядок приоритетных компетенций" },
  { "GET", "/cabinet/competences/{id}", edit, access = STAFF, summary = "Правка приоритетной компетенции" },
  { "POST", "/cabinet/competences/{id}", update, access = STAFF, body = fields.PRIORITY, summary = "Сохранение приоритетной компетенции" },
  { "POST", "/cabinet/competences/{id}/delete", remove, access = STAFF, summary = "Удаление приоритетной компетенции" },
}
