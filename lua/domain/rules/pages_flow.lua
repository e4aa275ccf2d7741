--- Pages of processes: the diagram with its lists, and forms of states and transitions.
local desk = require("domain.rules.desk")
local diagram = require("kit.diagram")
local errors = require("kit.errors")
local fields = require("domain.rules.form_fields")
local flow = require("domain.rules.flow")
local form = require("kit.form")
local form_view = require("domain.rules.form_view")
local forms = require("domain.rules.forms")
local frame = require("domain.rules.frame")
local kinds = require("domain.applications").document_kinds
local respond = require("kit.respond")

local PATH = frame.BASE .. "/{kind}/{name}"

local function open(request)
  local id, organization_id = frame.id_of(request)
  return desk.open(request.user, id, organization_id)
end

local function is_machine(request) return request.params.kind == "workflow" end

local function show(request)
  if not is_machine(request) then return respond.redirect(request.path .. "/code") end
  local made, err = open(request)
  if not made then return nil, err end
  local graph = flow.graph(made.flow, function(path) return frame.link(made.card, path) end)
  return frame.page(request, made.card, "map", "rules/flow", { flow = made.flow, layers = flow.LAYERS, fault = made.fault,
    drawing = diagram.draw(graph), column = diagram.column(graph), may_add = made.card.can_manage and desk.may_change(made, "states.new.label")
      and desk.may_change(made, "states.new.final"), can_manage = made.card.can_manage })
end

-- ---- states

local function state_page(request, typed, fault)
  local made, err = open(request)
  if not made then return nil, err end
  local code = request.params.code
  local state = made.flow.state[code]
  if not state then return nil, errors.not_found("page", code) end
  return frame.page(request, made.card, "map", "rules/state", { state = state, crumb = state.label, title = ("Состояние «%s»"):format(state.label),
    fields = form_view.state(made, state, typed, fault and fault.by_field), fault = fault, version = made.draft and made.draft.version, layers = flow.LAYERS,
    is_own = made.below.states[code] == nil, is_changed = state.origin ~= "product" and made.below.states[code] ~= nil, can_manage = made.card.can_manage },
    fault and fault.status)
end

local function new_state_page(request, typed, fault)
  local made, err = open(request)
  if not made then return nil, err end
  return frame.page(request, made.card, "map", "rules/state_new", { crumb = "Новое состояние", title = "Новое состояние",
    groups = form_view.new_state(made, typed, fault and fault.by_field), fault = fault, version = made.draft and made.draft.version }, fault and fault.status)
end

-- ---- transitions

local function words_of(made, one)
  if not one then return { crumb = "Новый переход", title = "Новый переход" } end
  return { one = one, crumb = one.label, title = ("Переход «%s»"):format(one.label),
    is_changed = one.origin ~= "product" and made.below_transitions[one.key] ~= nil }
end

-- «Переход отсюда» of a state names it.
local function begun(request)
  local from = request.query.from
  return from and { from = { from }, by = { "staff" } } or nil
end

local function transition_page(request, typed, fault)
  local made, err = open(request)
  if not made then return nil, err end
  local key = request.params.key
  local one = made.flow.transition[key or ""]
  if key and not one then return nil, errors.not_found("page", key) end
  local data = words_of(made, one)
  data.left, data.right, data.locked = form_view.transition(made, one, made.id == "workflow/application" and kinds() or nil, typed or begun(request),
    fault and fault.by_field)
  data.fault, data.version, data.can_manage, data.layers = fault, made.draft and made.draft.version, made.card.can_manage, flow.LAYERS
  return frame.page(request, made.card, "map", "rules/transition", data, fault and fault.status)
end

-- ---- acts

-- Reads a form, runs a use case, goes back to the diagram; what was refused is shown in the form with all that was typed.
local function act(schema, run, again, notice)
  return function(request)
    local typed = request:form_all()
    local input, err = form.parse(schema, typed)
    local id, organization_id = frame.id_of(request)
    local draft
    if input then
      input.organization_id = organization_id or 0
      draft, err = run(request, id, input)
    end
    if draft then
      return respond.redirect(frame.link({ id = id, organization_id = organization_id or 0 }, ""), { notice = notice })
    end
    if again and (err.status == 422 or err.status == 409) then return again(request, typed, err) end
    return nil, err
  end
end

local SAVED = "Записано в черновик. Проверьте и опубликуйте"

local add_state = act(fields.NEW_STATE, function(request, id, input) return forms.add_state(request.user, id, input) end, new_state_page,
  "Состояние добавлено в черновик. Проверьте и опубликуйте")
local change_state = act(fields.STATE, function(request, id, input)
  return forms.change_state(request.user, id, request.params.code, input)
end, state_page, SAVED)
local drop_state = act(fields.DROP, function(request, id, input)
  return forms.drop_state(request.user, id, request.params.code, input)
end, state_page, "Состояние убрано из черновика")
local restore_state = act(fields.DROP, function(request, id, input)
  return forms.restore(request.user, id, "states", request.params.code, input)
end, state_page, "Состояние снова как в поставке")
local add_transition = act(fields.TRANSITION, function(request, id, input) return forms.add_transition(request.user, id, input) end, transition_page,
  "Переход добавлен в черновик. Проверьте и опубликуйте")
local change_transition = act(fields.TRANSITION, function(request, id, input)
  return forms.change_transition(request.user, id, request.params.key, input)
end, transition_page, SAVED)
local drop_transition = act(fields.DROP, function(request, id, input)
  return forms.drop_transition(request.user, id, request.params.key, input)
end, transition_page, "Переход убран из черновика")
local restore_transition = act(fields.DROP, function(request, id, input)
  return forms.restore(request.user, id, "transitions", request.params.key, input)
end, transition_page, "Переход снова как в поставке")

local function page(handler) return function(request) return handler(request) end end

local READ, MANAGE = { "rule.read" }, { "rule.manage" }
local STATE, TRANSITION = PATH .. "/states/{code}", PATH .. "/transitions/{key}"

return {
  { "GET", PATH, show, access = READ, summary = "Процесс: схема состояний" },
  { "GET", PATH .. "/states/new", page(new_state_page), access = MANAGE, summary = "Новое состояние" },
  { "POST", PATH .. "/states", add_state, access = MANAGE, body = fields.NEW_STATE, summary = "Добавить состояние в черновик" },
  { "GET", STATE, page(state_page), access = READ, summary = "Состояние процесса" },
  { "POST", STATE, change_state, access = MANAGE, body = fields.STATE, summary = "Изменить состояние в черновике" },
  { "POST", STATE .. "/drop", drop_state, access = MANAGE, body = fields.DROP, summary = "Убрать состояние в черновике" },
  { "POST", STATE .. "/restore", restore_state, access = MANAGE, body = fields.DROP, summary = "Вернуть состояние поставки в черновике" },
  { "GET", PATH .. "/transitions/new", page(transition_page), access = MANAGE, summary = "Новый переход" },
  { "POST", PATH .. "/transitions", add_transition, access = MANAGE, body = fields.TRANSITION, summary = "Добавить переход в черновик" },
  { "GET", TRANSITION, page(transition_page), access = READ, summary = "Переход процесса" },
  { "POST", TRANSITION, change_transition, access = MANAGE, body = fields.TRANSITION, summary = "Изменить переход в черновике" },
  { "POST", TRANSITION .. "/drop", drop_transition, access = MANAGE, body = fields.DROP, summary = "Убрать переход в черновике" },
  { "POST", TRANSITION .. "/restore", restore_transition, access = MANAGE, body = fields.DROP, summary = "Вернуть переход поставки в черновике" },
}
