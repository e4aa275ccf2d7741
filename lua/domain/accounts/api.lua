--- Tokens and the account of whoever asks.
local fields = require("domain.accounts.fields")
local form = require("kit.form")
local json = require("core.json")
local respond = require("kit.respond")
local service = require("domain.accounts.service")
local shape = require("kit.shape")

local function open_token(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input
  input, err = form.parse(fields.TOKEN, body)
  if not input then return nil, err end
  local account, grant
  account, err = service.check(input, request.ip)
  if not account then return nil, err end
  local ok
  ok, err = service.check_otp(account, input.otp, request.ip)
  if not ok then return nil, err end
  if input.grant_id then
    grant, err = service.own_grant(account.id, input.grant_id)
    if not grant then return nil, err end
  end
  local token, expires_in = service.open(request, account, "api", input.grant_id)
  return respond.json({ access_token = token, token_type = "Bearer", expires_in = expires_in })
end

local function close_token(request)
  service.close(request)
  return respond.empty()
end

local function grant_json(grant)
  if not grant then return json.null end
  local sets = {}
  for name in pairs(grant.sets) do sets[#sets + 1] = name end
  table.sort(sets)
  return {
    id = tostring(grant.id), role = grant.code, role_name = grant.name,
    organization_id = grant.organization_id and tostring(grant.organization_id) or json.null,
    organization = grant.organization_name or json.null, sets = json.array(sets),
  }
end

local function me(request)
  local user = request.user
  local row = service.account(user)
  local grants = {}
  for index, grant in ipairs(user.grants) do grants[index] = grant_json(grant) end
  return respond.json({
    id = row.public_id, email = user.email, name = user.name, person_id = row.person_public_id or json.null,
    grant = grant_json(user.grant), grants = json.array(grants),
  })
end

local GRANT = shape.object({
  id = shape.id, role = shape.text, role_name = shape.text,
  organization_id = shape.maybe(shape.id), organization = shape.maybe(shape.text), sets = shape.list(shape.text),
})
local SCHEMAS = {
  Token = shape.object({ access_token = shape.text, token_type = shape.enum({ "Bearer" }), expires_in = shape.integer }),
  Me = shape.object({ id = shape.uuid, email = shape.text, name = shape.text, person_id = shape.maybe(shape.uuid), grant = shape.maybe(GRANT),
    grants = shape.list(GRANT) }),
}

return {
  schemas = SCHEMAS,
  { "POST", "/api/v1/auth/token", open_token, access = "public", session = false, body = fields.TOKEN, returns = "Token", status = 200,
    idempotent = false, summary = "Получить токен по почте и паролю" },
  { "DELETE", "/api/v1/auth/token", close_token, access = "user", status = 204, idempotent = false, summary = "Отозвать токен этого запроса" },
  { "GET", "/api/v1/me", me, access = "user", returns = "Me", summary = "Кто я: учётная запись, роли, действующая роль" },
}
