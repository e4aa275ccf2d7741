--- JSON of organisations.
local claims = require("domain.organizations.claims")
local fields = require("domain.organizations.fields")
local form = require("kit.form")
local invitations = require("domain.organizations.invitations")
local json = require("core.json")
local list = require("domain.organizations.list")
local members = require("domain.organizations.members")
local present = require("domain.organizations.present")
local respond = require("kit.respond")
local service = require("domain.organizations.service")
local shape = require("kit.shape")

local BASE = "/api/v1/organizations"

local function key(value) return math.tointeger(tonumber((value or ""):match("^%d+$"))) end
local function id_of(request) return key(request.params.id) end

local function body_of(request, schema, options)
  local body, err = request:json()
  if not body then return nil, err end
  return form.parse(schema, body, options)
end

local function show_list(request)
  local found, err = list.read(request.user, request.query_all)
  if not found then return nil, err end
  local items = {}
  for index, row in ipairs(found.rows) do items[index] = present.row_json(row) end
  return respond.json({ items = json.array(items), next_cursor = found.next_cursor or json.null })
end

local function show(request)
  local organization, err = service.find(request.user, id_of(request))
  if not organization then return nil, err end
  return respond.json(present.json(organization))
end

local function create(request)
  local input, err = body_of(request, fields.CREATE)
  local organization
  if input then organization, err = service.create(request.user, input) end
  if not organization then return nil, err end
  return respond.json(present.json(organization), 201, { location = BASE .. "/" .. organization.id })
end

local function update(request)
  local organization, err = service.editable(request.user, id_of(request))
  if not organization then return nil, err end
  local input, saved
  input, err = body_of(request, service.schema(request.user), { partial = true })
  if input then saved, err = service.save(request.user, organization.id, input) end
  if not saved then return nil, err end
  return respond.json(present.json(saved))
end

local function transition(request)
  local input, err = body_of(request, form.TRANSITION)
  local organization
  if input then organization, err = service.transition(request.user, id_of(request), input) end
  if not organization then return nil, err end
  return respond.json(present.json(organization))
end

local REGISTER = { { name = "role", type = "enum", label = "Кем", required = true, options = fields.SIDES } }
for _, field in ipairs(fields.REGISTER) do REGISTER[#REGISTER + 1] = field end

local function register(request)
  local input, err = body_of(request, REGISTER)
  local id
  if input then id, err = claims.register(request.user, input, input.role) end
  if not id then return nil, err end
  return respond.json({ id = tostring(id), state = "pending" }, 201)
end

local function join(request)
  local body, err = request:json()
  if not body then return nil, err end
  local input, id
  input, err = form.parse(fields.JOIN, body)
  if input then id, err = claims.join(request.user, input) end
  if not id then return nil, err end
  return respond.json({ id = tostring(id), state = "pending" }, 201)
end

local function decide(request)
  local input, err = body_of(request, fields.DECIDE)
  local ok
  if input then ok, err = claims.decide(request.user, id_of(request), key(request.params.claim), input) end
  if not ok then return nil, err end
  return respond.empty()
end

local function show_members(request)
  local card, err = service.card(request.user, id_of(request))
  if not card then return nil, err end
  local items = {}
  for index, member in ipairs(card.members) do items[index] = present.member_json(member) end
  return respond.json({ items = json.array(items), next_cursor = json.null })
end

local function invite(request)
  local input, err = body_of(request, fields.INVITE)
  local row
  if input then row, err = invitations.send(request.user, id_of(request), input) end
  if not row then return nil, err end
  return respond.json({ id = tostring(row.id), state = "pending" }, 201)
end

local function change_member(request)
  local input, err = body_of(request, fields.MEMBER)
  local member
  if input then member, err = members.change(request.user, id_of(request), key(request.params.member), input) end
  if not member then return nil, err end
  return respond.json(present.member_json(member))
end

local function end_member(request)
  local ok, err = members.finish(request.user, id_of(request), key(request.params.member))
  if not ok then return nil, err end
  return respond.empty()
end

local maybe, text = shape.maybe, shape.text
local BRIEF = { id = shape.id, kind = text, short_name = text, full_name = text, inn = maybe(text), kpp = maybe(text), ogrn = maybe(text),
  is_partner = shape.boolean, is_customer = shape.boolean, municipality = maybe(text), state = text, parent_id = maybe(shape.id) }
local WHOLE = { okved_main = maybe(text), legal_address = maybe(text), actual_address = maybe(text), director_name = maybe(text), director_post = maybe(text),
  director_basis = maybe(text), phone = maybe(text), email = maybe(text), site_url = maybe(text), reason = maybe(text), successor_id = maybe(shape.id),
  version = shape.integer }
for name, kind in pairs(BRIEF) do WHOLE[name] = kind end

local SCHEMAS = {
  OrganizationRow = shape.object(BRIEF),
  Organization = shape.object(WHOLE),
  OrganizationMember = shape.object({ id = shape.id, name = maybe(text), email = maybe(text), capacity = text, post = maybe(text),
    started_at = shape.moment, ended_at = maybe(shape.moment), version = shape.integer }),
  OrganizationRequest = shape.object({ id = shape.id, state = text }),
}

local CODES = "403 not_allowed; 409 wrong_state, version_conflict; 422 reason_required (reject, suspend, close), requisites_invalid, duplicate, "
  .. "side_required (approve), still_open (close)."

return {
  schemas = SCHEMAS,
  { "GET", BASE, show_list, access = { "organization.list" }, query = fields.LIST, returns = "OrganizationRowList", summary = "Партнёры и заказчики" },
  { "POST", BASE, create, access = { "organization.moderate" }, body = fields.CREATE, returns = "Organization", summary = "Добавить действующую организацию" },
  { "POST", BASE .. "/register", register, access = "user", body = REGISTER, returns = "OrganizationRequest",
    description = "422 already_registered с organization_id: попросите доступ через /join.", summary = "Зарегистрировать свою организацию" },
  { "POST", BASE .. "/join", join, access = "user", body = fields.JOIN, returns = "OrganizationRequest", summary = "Попросить доступ в организацию" },
  { "GET", BASE .. "/{id}", show, access = "user", returns = "Organization", summary = "Карточка организации" },
  { "PATCH", BASE .. "/{id}", update, access = { "organization.manage" }, body = fields.CARD, returns = "Organization", summary = "Изменить карточку" },
  { "POST", BASE .. "/{id}/transitions", transition, access = { "organization.moderate" }, body = form.TRANSITION, returns = "Organization",
    description = CODES, summary = "Действие: take, approve, reject, suspend, resume, close" },
  { "GET", BASE .. "/{id}/members", show_members, access = "user", returns = "OrganizationMemberList", summary = "Люди организации" },
  { "POST", BASE .. "/{id}/invitations", invite, access = { "organization.members" }, body = fields.INVITE, returns = "OrganizationRequest",
    summary = "Пригласить по почте" },
  { "POST", BASE .. "/{id}/claims/{claim}", decide, access = { "organization.members" }, body = fields.DECIDE, status = 204,
    summary = "Решить по запросу о доступе" },
  { "PATCH", BASE .. "/{id}/members/{member}", change_member, access = { "organization.members" }, body = fields.MEMBER, returns = "OrganizationMember",
    summary = "Изменить, кем работает" },
  { "DELETE", BASE .. "/{id}/members/{member}", end_member, access = { "organization.members" }, status = 204, summary = "Завершить работу в организации" },
}
