--- Organisations: the base of partners and customers, their cards, moderation.
local access = require("kit.access")
local audit = require("kit.audit")
local because = require("kit.because")
local binding = require("domain.organizations.binding")
local db = require("core.db")
local errors = require("kit.errors")
local fields = require("domain.organizations.fields")
local form = require("kit.form")
local invitations = require("domain.organizations.invitations")
local json = require("core.json")
local members = require("domain.organizations.members")
local outbox = require("kit.outbox")
local people = require("domain.organizations.store_people")
local policy = require("domain.organizations.policy")
local requisites = require("domain.organizations.requisites")
local store = require("domain.organizations.store")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local service = {}

--- The organisation when the user may read its card.
---@return table? organization
---@return kit.Error? err
function service.find(user, id)
  local organization = id and store.find(id)
  if not organization then return nil, errors.not_found("organization", id) end
  local ok, err = policy.need_read(user, organization)
  if not ok then return nil, err end
  return organization
end

--- The card with all that hangs on it and what the user may do.
---@return table? card
---@return kit.Error? err
function service.card(user, id)
  local card, err = service.find(user, id)
  if not card then return nil, err end
  card.can_edit, card.can_run = policy.need_edit(user, card) ~= nil, policy.need_members(user, card) ~= nil
  card.is_moderator = policy.is_moderator(user)
  card.can_change_rules = card.is_partner and access.can(user, "rule.manage") or false
  for name, list in pairs(store.parts(card.id, card.can_run)) do card[name] = list end
  card.members, card.claims = people.members(card.id), card.can_run and people.pending_claims(card.id) or {}
  card.history = card.is_moderator and because.history(user, "organization", card.id) or {}
  card.actions = card.is_moderator and workflow.actions(binding, card, user) or {}
  return card
end

-- ---- writing

local function duplicate(o)
  local known = store.by_numbers(o.inn, o.kpp, o.id)
  local err = errors.invalid("inn", "duplicate", known and ("С этими ИНН и КПП уже есть «%s» (№ %d)."):format(known.short_name, known.id)
    or "С этими ИНН и КПП уже есть другая организация.")
  err.extra = known and { organization_id = tostring(known.id) } or nil
  return err
end

local function is_kind(value)
  for _, kind in ipairs(store.kinds()) do
    if kind.value == value then return true end
  end
  return false
end

local function check(o)
  local faults = requisites.mismatches(o)
  if not is_kind(o.kind) then faults[#faults + 1] = { field = "kind", code = "unknown", message = "Выберите вид организации из списка." } end
  if o.parent_id and (o.parent_id == o.id or not store.find(o.parent_id)) then
    faults[#faults + 1] = { field = "parent_id", code = "unknown", message = "Нет организации с таким номером." }
  end
  return #faults > 0 and errors.invalid(faults) or nil
end

-- By the staff: what they write is checked already, so it goes through the states in one breath.
local function make_active(id, user)
  for _, action in ipairs({ "take", "approve" }) do
    local ok, err = workflow.fire(binding, id, action, user, {})
    if not ok then return nil, err end
  end
  return true
end

--- A card made by the staff, active at once; a curator is invited when his address is given.
---@param input table values of fields.CREATE
---@return table? organization
---@return kit.Error? err
function service.create(user, input)
  local ok, err = policy.need_moderate(user)
  if not ok then return nil, err end
  err = check(input)
  if err then return nil, err end
  return transaction.run(function()
    local row, refused = transaction.attempt(function() return store.insert(input, user.id) end)
    if not row then return nil, refused.constraint == "organization_inn_kpp_key" and duplicate(input) or refused end
    audit.write("organization.create", "organization", row.id, { short_name = { "", input.short_name } })
    outbox.emit("organization.created", nil, { organization_id = tostring(row.id) })
    ok, refused = make_active(row.id, user)
    if not ok then return nil, refused end
    if input.curator_email then
      ok, refused = invitations.send(user, row.id, { email = input.curator_email, capacity = "curator" })
      if not ok then return nil, refused end
    end
    return store.find(row.id)
  end)
end

local function given(value)
  if value == db.null then return nil end
  return value
end

local function merge(old, input, schema)
  local o = {}
  for key, value in pairs(old) do o[key] = value end
  for _, field in ipairs(schema) do
    if input[field.name] ~= nil then o[field.name] = given(input[field.name]) end
  end
  return o
end

-- Somebody was faster: in which fields his values differ from those that were sent.
local function stale(sent, current)
  local changed = {}
  for _, field in ipairs(fields.CARD) do
    if field.name ~= "version" and sent[field.name] ~= current[field.name] then changed[#changed + 1] = field.label end
  end
  return errors.conflict("version_conflict", "Карточку изменили, пока вы её правили. Откройте её заново и внесите правку ещё раз.",
    { version = current.version, changed = json.array(changed) })
end

local function diff_of(old, new, schema)
  local diff = {}
  for _, field in ipairs(schema) do
    if field.name ~= "version" and old[field.name] ~= new[field.name] then
      diff[field.name] = { tostring(old[field.name] or ""), tostring(new[field.name] or "") }
    end
  end
  return diff
end

--- Changes a card: the staff all of it, a curator what was not checked. `input` holds what changes; db.null erases.
---@return table? organization
---@return kit.Error? err
function service.save(user, id, input)
  local organization, err = service.editable(user, id)
  if not organization then return nil, err end
  local schema = policy.is_moderator(user) and fields.CARD or fields.OWN
  local o = merge(organization, input, schema)
  o.version = input.version or organization.version
  err = check(o)
  if err then return nil, err end
  return transaction.run(function()
    local changed, refused = transaction.attempt(function() return store.save(o, user.id) end)
    if not changed then return nil, refused.constraint == "organization_inn_kpp_key" and duplicate(o) or refused end
    if changed == 0 then return nil, stale(o, store.find(id)) end
    if o.is_partner ~= organization.is_partner or o.is_customer ~= organization.is_customer then members.refresh(o, user) end
    audit.write("organization.update", "organization", id, diff_of(organization, o, schema))
    outbox.emit("organization.updated", nil, { organization_id = tostring(id) })
    return store.find(id)
  end)
end

--- The organisation when the user may change it.
---@return table? organization
---@return kit.Error? err
function service.editable(user, id)
  local organization, err = service.find(user, id)
  if not organization then return nil, err end
  local ok
  ok, err = policy.need_edit(user, organization)
  if not ok then return nil, err end
  return organization
end

service.is_moderator = policy.is_moderator
function service.can_add(user) return policy.is_moderator(user) end

--- The schema of what this user may change.
function service.schema(user) return policy.is_moderator(user) and fields.CARD or fields.OWN end

--- Fires an action of the machine.
---@param input {action: string, reason: string?, data: table?, version: integer?}
---@return table? organization
---@return kit.Error? err
function service.transition(user, id, input)
  local organization, err = service.find(user, id)
  if not organization then return nil, err end
  local schema, data = fields.DATA[input.action], {}
  if schema then
    data, err = form.parse(schema, type(input.data) == "table" and input.data or {}, { strict = true })
    if not data then return nil, err end
    if data.successor_id and (data.successor_id == id or not store.find(data.successor_id)) then
      return nil, errors.invalid("successor_id", "unknown", "Нет организации с таким номером.")
    end
  end
  return workflow.fire(binding, id, input.action, user, { reason = input.reason, data = data, version = input.version })
end

-- ---- where the user works himself

--- Memberships and requests of the user.
---@return table[] memberships
---@return table[] claims
function service.own(user)
  return people.of_user(user.id), people.claims_of(user.id)
end

--- Gives a place by a trusted source that names the organisation by ОГРН (ЕСИА: chief). Asked by other modules.
---@param user_id integer
---@param ogrn string
---@param capacity "curator"|"member"
---@return {organization_id: integer, short_name: string}? place
---@return kit.Error? err 404 when no active organisation has this ОГРН
function service.offer_membership(user_id, ogrn, capacity)
  local known = store.by_ogrn(ogrn)
  if not known then return nil, errors.not_found("organization", ogrn) end
  local id, err = members.start(store.find(known.id), user_id, capacity, nil, workflow.SYSTEM)
  if not id then return nil, err end
  return { organization_id = known.id, short_name = known.short_name }
end

--- The active organisation with this ОГРН, before anything is offered.
function service.by_ogrn(ogrn) return store.by_ogrn(ogrn) end

return service
