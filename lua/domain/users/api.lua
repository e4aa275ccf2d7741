--- JSON of users, for administrators.
local fields = require("domain.users.fields")
local form = require("kit.form")
local invite = require("domain.users.invite")
local json = require("core.json")
local merge = require("domain.users.merge")
local present = require("domain.users.present")
local respond = require("kit.respond")
local service = require("domain.users.service")
local shape = require("kit.shape")

local function list(request)
  local input, err = form.parse(fields.LIST, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.list(request.user, input)
  if not found then return nil, err end
  local items = {}
  for index, row in ipairs(found.rows) do items[index] = present.row_json(row) end
  return respond.json({ items = json.array(items), next_cursor = found.next_cursor or json.null })
end

local function answer(request, public_id, status)
  local found, err = service.get(request.user, public_id)
  if not found then return nil, err end
  return respond.json(present.user_json(found), status)
end

local function show(request) return answer(request, request.params.id) end

-- A handler: the body by a schema, the act, the user as he is then.
local function act(schema, fn)
  return function(request)
    local body, err = request:json()
    if not body then return nil, err end
    local input, ok
    input, err = form.parse(schema, body)
    if not input then return nil, err end
    ok, err = fn(request.user, request.params, input)
    if not ok then return nil, err end
    return answer(request, request.params.id or ok.public_id, request.params.id and 200 or 201)
  end
end

local function grant_id(params) return math.tointeger(tonumber(params.grant)) or 0 end

local create = act(fields.NEW, function(user, _, input) return invite.create(user, input) end)
local block = act(fields.REASON, function(user, params, input) return service.block(user, params.id, input) end)
local unblock = act(fields.REASON, function(user, params, input) return service.unblock(user, params.id, input) end)
local reset = act(fields.REASON, function(user, params, input) return service.reset_password(user, params.id, input) end)
local factor = act(fields.REASON, function(user, params, input) return service.reset_second_factor(user, params.id, input) end)
local grant = act(fields.GRANT, function(user, params, input) return service.add_grant(user, params.id, input) end)
local finish = act(fields.REASON, function(user, params, input) return service.end_grant(user, params.id, grant_id(params), input) end)
local sets = act(fields.SETS, function(user, params, input) return service.set_sets(user, params.id, grant_id(params), input) end)

local function preview_merge(request)
  local both, err = merge.preview(request.user, request.params.id, request.params.duplicate)
  if not both then return nil, err end
  return respond.json(present.merge_json(both))
end

local function run_merge(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input, both
  input, err = form.parse(fields.MERGE, body)
  if not input then return nil, err end
  both, err = merge.run(request.user, request.params.id, input)
  if not both then return nil, err end
  return respond.json(present.merge_json(both))
end

local maybe, text, bool, integer = shape.maybe, shape.text, shape.boolean, shape.integer
local GRANT = shape.object({ id = shape.id, role = text, role_name = text, sets = shape.list(text), organization_id = maybe(shape.id),
  organization = maybe(text), valid_from = shape.date, valid_to = maybe(shape.date), is_in_force = bool, created_at = shape.moment,
  created_by = maybe(text) })
local USER = { id = shape.uuid, email = maybe(text), name = maybe(text), person_id = maybe(shape.uuid), state = text,
  last_login_at = maybe(shape.moment), created_at = shape.moment, version = integer }
local MERGE = shape.object({ person_id = shape.uuid, duplicate_id = shape.uuid,
  moves = shape.list(shape.object({ table_name = text, column_name = text, moved = integer, kept = integer })) })

local ACCESS, BASE = { "user.manage" }, "/api/v1/users"

return {
  schemas = {
    User = shape.object(USER, { roles = text, snils = maybe(text), has_password = bool, sessions = integer, grants = shape.list(GRANT),
      alike = shape.list(shape.any) }),
    Merge = MERGE,
  },
  { "GET", BASE, list, access = ACCESS, query = fields.LIST, returns = "UserList", summary = "Пользователи" },
  { "POST", BASE, create, access = ACCESS, proof = true, body = fields.NEW, returns = "User", summary = "Пригласить пользователя" },
  { "GET", BASE .. "/{id}", show, access = ACCESS, returns = "User", summary = "Пользователь с ролями" },
  { "POST", BASE .. "/{id}/block", block, access = ACCESS, proof = true, body = fields.REASON, returns = "User", status = 200, summary = "Заблокировать" },
  { "POST", BASE .. "/{id}/unblock", unblock, access = ACCESS, body = fields.REASON, returns = "User", status = 200, summary = "Разблокировать" },
  { "POST", BASE .. "/{id}/reset-password", reset, access = ACCESS, proof = true, body = fields.REASON, returns = "User", status = 200,
    summary = "Сбросить пароль и выслать ссылку" },
  { "POST", BASE .. "/{id}/reset-second-factor", factor, access = ACCESS, proof = true, body = fields.REASON, returns = "User", status = 200,
    summary = "Снять второй фактор" },
  { "POST", BASE .. "/{id}/grants", grant, access = ACCESS, proof = true, body = fields.GRANT, returns = "User", status = 200, summary = "Дать роль" },
  { "POST", BASE .. "/{id}/grants/{grant}/end", finish, access = ACCESS, proof = true, body = fields.REASON, returns = "User", status = 200,
    summary = "Завершить роль" },
  { "PUT", BASE .. "/{id}/grants/{grant}/sets", sets, access = ACCESS, proof = true, body = fields.SETS, returns = "User", status = 200,
    summary = "Наборы прав роли" },
  { "GET", BASE .. "/{id}/merge/{duplicate}", preview_merge, access = ACCESS, returns = "Merge", summary = "Что переедет при объединении" },
  { "POST", BASE .. "/{id}/merge", run_merge, access = ACCESS, proof = true, body = fields.MERGE, returns = "Merge", status = 200, summary = "Объединить записи" },
}
