--- Pages of study groups in the cabinet.
local fields = require("domain.groups.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local service = require("domain.groups.service")
local slots = require("kit.plugin.slots")
local workflow = require("kit.workflow")

local function id_of(request) return math.tointeger(tonumber(request.params.id)) or 0 end

local function state_choices(chosen)
  local is_chosen = {}
  for _, code in ipairs(chosen or {}) do is_chosen[code] = true end
  local choices = {}
  for i, code in ipairs(fields.STATES) do
    choices[i] = { value = code, label = workflow.state("group", code).label, checked = is_chosen[code] }
  end
  return choices
end

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.list(input, request.user)
  if not found then return nil, err end
  local role = request.user.grant and request.user.grant.role
  return respond.page(request, "groups/list", {
    title = "Группы", nav = "groups", groups = found.items, next_cursor = found.next_cursor,
    states = state_choices(input.state), state = input.state and input.state[1],
    text = input.q, query = request.query_all, can_create = role == "staff" or role == "partner",
  })
end

local function show(request)
  local group, err = service.get(id_of(request), request.user)
  if not group then return nil, err end
  return respond.page(request, "groups/show", { title = "Группа " .. group.code, nav = "groups", group = group, audited = { "group", group.id },
    slots = slots.fill("group.page.sections", { group_id = group.id }, request) })
end

local function new_page(request, values, fault, status)
  local intake_id = math.tointeger(tonumber(values.intake_id or request.query.intake or ""))
  local found, err = service.new_form(intake_id, request.user)
  if not found then return nil, err end
  local intake = found.intake
  if intake and not values.starts_on then
    values.starts_on, values.ends_on = intake.starts_on, intake.ends_on
    values.capacity_max, values.capacity_min = math.min(intake.places, intake.max_group), intake.min_group
    values.site_id = intake.site_id
  end
  return respond.page(request, "groups/new", {
    title = "Новая группа", nav = "groups", choices = found.choices, intake = intake, sites = found.sites, values = values,
    errors = fault and fault.by_field or {}, fault = fault,
  }, status)
end

local function new(request) return new_page(request, {}) end

local function create(request)
  local typed = request:form()
  local input, err = form.parse(fields.GROUP, typed)
  if not input then return new_page(request, typed, err, 422) end
  local group
  group, err = service.create(input, request.user)
  if not group then
    if err.status == 422 then return new_page(request, typed, err, 422) end
    return nil, err
  end
  return respond.redirect("/cabinet/groups/" .. group.id, { notice = "Группа " .. group.code .. " создана" })
end

local function transition(request)
  local typed = request:form()
  local id = id_of(request)
  local group, err = service.transition(id, typed.action, request.user, {
    reason = typed.reason, version = math.tointeger(tonumber(typed.version)), data = {},
  })
  if not group then
    if err.status == 403 or err.status == 404 then return nil, err end
    return respond.redirect("/cabinet/groups/" .. id, { notice = err.text, tone = "bad" })
  end
  return respond.redirect("/cabinet/groups/" .. id, { notice = "Группа: " .. workflow.state("group", group.state).label })
end

return {
  { "GET", "/cabinet/groups", list, access = "user", query = fields.LIST, summary = "Список групп" },
  { "GET", "/cabinet/groups/new", new, access = "user", summary = "Форма новой группы" },
  { "POST", "/cabinet/groups", create, access = "user", body = fields.GROUP, summary = "Создание группы" },
  { "GET", "/cabinet/groups/{id}", show, access = "user", summary = "Карточка группы" },
  { "POST", "/cabinet/groups/{id}/transitions", transition, access = "user", body = form.TRANSITION, summary = "Действие над группой" },
}
