--- Pages of roles: the matrix, the editor of one role, a new one.
local fields = require("domain.roles.fields")
local form = require("kit.form")
local respond = require("kit.respond")
local roles = require("kit.roles")
local russian = require("kit.russian")
local service = require("domain.roles.service")

local BASE = "/admin/roles"
local CRUMBS = { { label = "Роли и права", href = BASE } }

local function holders_words(entry)
  return russian.number(math.min(entry.holders, 1000)) .. (entry.is_capped and "+" or "")
end

local function role_row(entry)
  local role = entry.role
  local changed = entry.changed > 0 and russian.plural(entry.changed, "%s право изменено", "%s права изменено", "%s прав изменено")
    or role.is_product and "как в поставке" or ""
  return { href = BASE .. "/" .. role.code, label = role.name, cells = {
    { text = role.name, sub = role.note, href = BASE .. "/" .. role.code },
    role.archived_at and { text = "В архиве", tone = "neu" } or role.is_product and "платформы" or "региона",
    role.kind == "role" and roles.name(role.cabinet) or "",
    { text = holders_words(entry), href = role.kind == "role" and "/admin/users?role=" .. role.code or nil },
    changed,
  } }
end

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local rows = { role = {}, set = {} }
  for _, entry in ipairs(found) do table.insert(rows[entry.role.kind], role_row(entry)) end
  return respond.page(request, "roles/list", { title = "Роли и права", nav = "roles", rows = rows })
end

local MARKS = { none = "–", own = "своё", organization = "орг.", all = "всё" }

local function matrix(request)
  local found, err = service.matrix(request.user)
  if not found then return nil, err end
  return respond.page(request, "roles/matrix", { title = "Кто что может", nav = "roles", columns = found.columns, groups = found.groups,
    marks = MARKS, words = fields.SCOPE_WORDS, crumbs = CRUMBS })
end

-- What was ticked goes before what is stored when a form comes back.
local function overlay(found, typed)
  for _, group in ipairs(found.groups) do
    for _, rule in ipairs(group.rules) do
      rule.typed = rule.scope
      if typed and not rule.is_locked then
        rule.typed = typed["can." .. rule.permission] and typed["scope." .. rule.permission] or "none"
      end
    end
  end
end

local function editor(request, found, typed, err)
  overlay(found, typed)
  local role = found.role
  return respond.page(request, "roles/show", {
    title = role.name, nav = "roles", role = role, groups = found.groups, changed = found.changed, authors = found.authors,
    scopes = fields.SCOPES, words = fields.SCOPE_WORDS, crumbs = CRUMBS, base = role.base and role.base ~= role.code and roles.name(role.base),
    cabinet = role.cabinet and roles.name(role.cabinet), version = typed and typed.version or role.version,
    name = typed and typed.name or role.name, note = typed and typed.note or role.note, reason = typed and typed.reason,
    fault = err, by_field = err and err.by_field or {},
  }, err and err.status or 200)
end

local function show(request)
  local found, err = service.get(request.user, request.params.code)
  if not found then return nil, err end
  return editor(request, found)
end

-- Tick boxes → permission → scope: an unticked one is "none".
local function rules_of(found, typed)
  local rules = {}
  for _, group in ipairs(found.groups) do
    for _, rule in ipairs(group.rules) do
      if not rule.is_locked then
        rules[rule.permission] = typed["can." .. rule.permission] and (typed["scope." .. rule.permission] or "all") or "none"
      end
    end
  end
  return rules
end

local function change(request)
  local code, typed = request.params.code, request:form()
  local found, err = service.get(request.user, code)
  if not found then return nil, err end
  local input
  input, err = form.parse(fields.CHANGE, { name = typed.name, note = typed.note, reason = typed.reason, version = typed.version })
  if not input then return editor(request, found, typed, err) end
  input.rules = rules_of(found, typed)
  local saved
  saved, err = service.change(request.user, code, input)
  if saved then return respond.redirect(BASE .. "/" .. code, { notice = "Сохранено. Новые права действуют сразу, во всех сеансах." }) end
  if err.status == 403 then return nil, err end
  return editor(request, found, typed, err)
end

-- Resetting and archiving: a reason in a dialog; a refusal is a notice on the editor.
local function act(service_fn, done)
  return function(request)
    local code = request.params.code
    local input, err = form.parse(fields.REASON, request:form())
    local ok
    if input then ok, err = service_fn(request.user, code, input) end
    if ok then return respond.redirect(BASE .. "/" .. code, { notice = done }) end
    if err.status == 403 or err.status == 404 then return nil, err end
    return respond.redirect(BASE .. "/" .. code, { notice = err.text, tone = "bad" })
  end
end

local function product_choices()
  local choices = {}
  for _, role in ipairs(roles.state().order) do
    if role.is_product and role.kind == "role" then choices[#choices + 1] = { value = role.code, label = role.name } end
  end
  return choices
end

local OF_ROLES = { base = true, cabinet = true, inherits = true } -- a set has none of these

local function new_page(request, typed, err)
  local is_set, shown = typed.kind == "set", {}
  for _, field in ipairs(form.render(fields.NEW, typed, err)) do
    if field.name == "kind" then
      field.type, field.value = "hidden", is_set and "set" or "role"
    elseif OF_ROLES[field.name] and field.name ~= "inherits" then
      field.type, field.options, field.empty, field.required = "select", product_choices(), "Выберите", true
    end
    if not (is_set and OF_ROLES[field.name]) then shown[#shown + 1] = field end
  end
  return respond.page(request, "roles/new", { title = is_set and "Новый набор прав" or "Новая роль", nav = "roles", fields = shown, fault = err,
    crumbs = CRUMBS, is_set = is_set }, err and err.status or 200)
end

local function new(request) return new_page(request, { kind = request.query.kind }) end

local function create(request)
  local typed = request:form()
  local input, err = form.parse(fields.NEW, typed)
  local made
  if input then made, err = service.create(request.user, input) end
  if made then return respond.redirect(BASE .. "/" .. made.role.code, { notice = "Создано. Отметьте права." }) end
  if err.status == 403 then return nil, err end
  return new_page(request, typed, err)
end

local ACCESS = { "user.manage" }

return {
  { "GET", BASE, list, access = ACCESS, summary = "Роли и наборы прав" },
  { "GET", BASE .. "/matrix", matrix, access = ACCESS, summary = "Кто что может: таблица" },
  { "GET", BASE .. "/new", new, access = ACCESS, summary = "Форма новой роли" },
  { "POST", BASE, create, access = ACCESS, proof = true, body = fields.NEW, summary = "Новая роль или набор прав" },
  { "GET", BASE .. "/{code}", show, access = ACCESS, summary = "Права роли" },
  { "POST", BASE .. "/{code}", change, access = ACCESS, proof = true, summary = "Сохранить права роли" },
  { "POST", BASE .. "/{code}/reset", act(service.reset, "Права снова как в поставке."), access = ACCESS, proof = true, body = fields.REASON,
    summary = "Вернуть права, как в поставке" },
  { "POST", BASE .. "/{code}/archive", act(service.archive, "Роль в архиве."), access = ACCESS, proof = true, body = fields.REASON,
    summary = "Убрать роль в архив" },
}
