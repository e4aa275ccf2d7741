--- JSON of roles and their rights.
local fields = require("domain.roles.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.roles.service")
local shape = require("kit.shape")

local function null(value)
  if value == nil then return json.null end
  return value
end

local function role_json(role)
  return { code = role.code, kind = role.kind, name = role.name, note = null(role.note), base = null(role.base), cabinet = null(role.cabinet),
    inherits = role.inherits, needs_organization = role.needs_organization, is_product = role.is_product, archived_at = null(role.archived_at),
    version = role.version }
end

local function full_json(found)
  local out, rules = role_json(found.role), {}
  for _, group in ipairs(found.groups) do
    for _, rule in ipairs(group.rules) do
      rules[#rules + 1] = { permission = rule.permission, feature = group.code, label = rule.label, kind = rule.kind, scope = rule.scope,
        shipped = rule.shipped, is_changed = rule.is_changed, is_locked = rule.is_locked }
    end
  end
  out.rules = json.array(rules)
  return out
end

local function list(request)
  local found, err = service.list(request.user)
  if not found then return nil, err end
  local items = {}
  for index, entry in ipairs(found) do
    items[index] = role_json(entry.role)
    items[index].holders, items[index].changed = entry.holders, entry.changed
  end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function answer(found, err, status)
  if not found then return nil, err end
  return respond.json(full_json(found), status)
end

local function show(request)
  return answer(service.get(request.user, request.params.code))
end

-- A body read by a schema, or the error.
local function input_of(request, schema)
  local body, err = request:json()
  if not body then return nil, err end
  return form.parse(schema, body)
end

local function create(request)
  local input, err = input_of(request, fields.NEW)
  if not input then return nil, err end
  local found
  found, err = service.create(request.user, input)
  return answer(found, err, 201)
end

local function change(request)
  local input, err = input_of(request, fields.CHANGE)
  if not input then return nil, err end
  return answer(service.change(request.user, request.params.code, input))
end

local function reset(request)
  local input, err = input_of(request, fields.REASON)
  if not input then return nil, err end
  return answer(service.reset(request.user, request.params.code, input))
end

local function archive(request)
  local input, err = input_of(request, fields.REASON)
  if not input then return nil, err end
  local ok
  ok, err = service.archive(request.user, request.params.code, input)
  if not ok then return nil, err end
  return answer(service.get(request.user, request.params.code))
end

local maybe, text, bool = shape.maybe, shape.text, shape.boolean
local ROLE = { code = text, kind = text, name = text, note = maybe(text), base = maybe(text), cabinet = maybe(text), inherits = bool,
  needs_organization = bool, is_product = bool, archived_at = maybe(shape.moment), version = shape.integer }
local RULE = shape.object({ permission = text, feature = text, label = text, kind = text, scope = text, shipped = text, is_changed = bool,
  is_locked = bool })

return {
  schemas = { Role = shape.object(ROLE, { holders = shape.integer, changed = shape.integer, rules = shape.list(RULE) }) },
  { "GET", "/api/v1/roles", list, access = { "user.manage" }, returns = "RoleList", summary = "Роли и наборы прав" },
  { "POST", "/api/v1/roles", create, access = { "user.manage" }, proof = true, body = fields.NEW, returns = "Role", summary = "Новая роль или набор прав" },
  { "GET", "/api/v1/roles/{code}", show, access = { "user.manage" }, returns = "Role", summary = "Роль с её правами" },
  { "PATCH", "/api/v1/roles/{code}", change, access = { "user.manage" }, proof = true, body = fields.CHANGE, returns = "Role", summary = "Изменить права роли" },
  { "POST", "/api/v1/roles/{code}/reset", reset, access = { "user.manage" }, proof = true, body = fields.REASON, returns = "Role", status = 200,
    summary = "Вернуть права, как в поставке" },
  { "POST", "/api/v1/roles/{code}/archive", archive, access = { "user.manage" }, proof = true, body = fields.REASON, returns = "Role", status = 200,
    summary = "Убрать свою роль в архив" },
}
