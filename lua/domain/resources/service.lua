--- Resources of the network: cards of all kinds, their states, photos and tables.
local audit = require("kit.audit")
local because = require("kit.because")
local bindings = require("domain.resources.binding")
local card_store = require("domain.resources.store_card")
local core_db = require("core.db")
local errors = require("kit.errors")
local extras = require("domain.resources.store_extras")
local fields = require("domain.resources.fields")
local form = require("kit.form")
local json = require("core.json")
local kinds = require("domain.resources.kinds")
local parts = require("domain.resources.parts")
local people = require("domain.resources.people")
local personal = require("kit.personal")
local policy = require("domain.resources.policy")
local setting = require("kit.setting")
local settings = require("core.settings")
local store = require("domain.resources.store")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local service = {}

--- The kind of an address, or 404.
---@return table? kind
---@return kit.Error? err
function service.kind(code)
  local kind = kinds.BY_CODE[code or ""]
  if not kind then return nil, errors.not_found("resource_kind", code) end
  return kind
end

--- Counts of the kinds that the user may see, in order.
function service.overview(user)
  local list, counts, own = {}, {}, nil
  for _, code in ipairs(kinds.ORDER) do
    local kind = kinds.BY_CODE[code]
    local scope = policy.scope(user, kind)
    if scope and not scope.person_id then
      list[#list + 1], own = { kind = kind }, scope.organization_id
    end
  end
  if #list == 0 then return nil, errors.forbidden() end
  for _, row in ipairs(store.counts(own)) do counts[row.code] = row end
  for _, entry in ipairs(list) do entry.count, entry.waiting = counts[entry.kind.code].n, counts[entry.kind.code].waiting end
  return list
end

--- The card when the user may read it; special data masked.
---@return table? card
---@return kit.Error? err
function service.find(user, kind, id)
  local card = id and store.find(kind, id)
  if not card then return nil, errors.not_found(kind.table, id) end
  local ok, err = policy.need_read(user, kind, card)
  if not ok then return nil, err end
  if kind.is_person then
    personal.show(user, kind.fields, card, { entity = "person", id = card.person_id, object = card })
    card.name, card.label = personal.name(user, card.name), personal.name(user, card.label)
  end
  return card
end

--- The card with all that hangs on it.
---@return table? card
---@return kit.Error? err
function service.card(user, kind, id)
  local card, err = service.find(user, kind, id)
  if not card then return nil, err end
  card.can_manage, card.is_moderator = policy.can_manage(user, card), policy.is_moderator(user)
  for name, value in pairs(card_store.parts(kind.table, id, card.booked_id, card.zone or settings.region.zone)) do card[name] = value end
  card.uses = card_store.uses(kind, id, card.booked_id)
  card.actions = card.can_manage and workflow.actions(bindings[kind.code], card, user) or {}
  card.tables = parts.read(kind, card)
  card.history = card.can_manage and because.history(user, "resource", id, bindings[kind.code].series) or {}
  for _, field in ipairs(kind.fields) do
    if field.extra and extras[field.extra].read then card[field.name] = extras[field.extra].read(id) end
  end
  return card
end

-- ---- writing

-- Choices are asked for once a request: a table to import has many rows.
local function choice_set(memo, ref, organization_id)
  local key = ref .. ":" .. organization_id
  if not memo[key] then
    memo[key] = {}
    for _, row in ipairs(store.choices(ref, organization_id)) do memo[key][tostring(row.value)] = row.label end
  end
  return memo[key]
end

local WRONG = { site = "Такой площадки у организации нет", room = "Такого помещения у организации нет", competence = "Такой компетенции нет в справочнике",
  zone = "Такого часового пояса нет" }

local function is_given(value) return value ~= nil and value ~= core_db.null end

local function check_refs(kind, organization_id, input, memo, add)
  for _, field in ipairs(kind.fields) do
    local value = input[field.name]
    if field.ref and is_given(value) then
      local known = choice_set(memo, field.ref, organization_id)
      for _, item in ipairs(type(value) == "table" and value or { value }) do
        if not known[tostring(item)] then add(field.name, WRONG[field.ref] .. ".") end
      end
    end
  end
end

-- Faults of a card that its fields cannot find one by one; what extras wrote as text becomes rows.
local function check(kind, organization_id, input, memo)
  local faults, parsed = {}, {}
  local function add(name, message) faults[#faults + 1] = { field = name, code = "invalid", message = message } end
  check_refs(kind, organization_id, input, memo or {}, add)
  if kind.check then kind.check(input, add) end
  for _, field in ipairs(kind.fields) do
    if field.extra and input[field.name] ~= nil then
      local value = input[field.name]
      if value == core_db.null then value = field.type == "list" and {} or "" end
      local rows, fault = extras[field.extra].parse(value)
      if fault then add(field.name, fault .. ".") else parsed[field.name] = rows end
    end
  end
  if #faults > 0 then return nil, errors.invalid(faults) end
  return parsed
end

-- What the database refused, in words that name the field.
local function explain(kind, refused)
  local name = refused and refused.constraint
  if name == "room_site_id_number_key" then return errors.invalid("number", "taken", "Помещение с таким номером на этой площадке уже есть.") end
  if name == "staff_resource_person_id_organization_id_key" then
    return errors.invalid("last_name", "taken", "У этого человека в организации уже есть карточка.")
  end
  if name == "slot_use_capacity" then
    local field = kind.by_name.qty and "qty" or "seats"
    return errors.invalid(field, "in_use", "Столько уже занято в расписании: уменьшить количество пока нельзя. Сначала перенесите занятия.")
  end
  return refused
end

local function write_extras(kind, id, parsed)
  for _, field in ipairs(kind.fields) do
    if field.extra and parsed[field.name] ~= nil then
      local ok, refused = extras[field.extra].write(id, parsed[field.name])
      if ok == nil and refused then return nil, refused end
    end
  end
  return true
end

-- A card of the staff works at once; that of a partner when the region does not check it, otherwise he sends it himself.
local function begin(kind, id, user)
  local is_moderator = policy.is_moderator(user)
  if not is_moderator and setting.get("resources.check_new") then return true end
  local ok, err = workflow.fire(bindings[kind.code], id, "submit", user, {})
  if ok then ok, err = workflow.fire(bindings[kind.code], id, "approve", is_moderator and user or workflow.SYSTEM, {}) end
  return ok, err
end

-- What stands for nothing given: the default of the field, no for a box, an empty list.
local function nothing(field)
  if field.default ~= nil then return field.default end
  if field.type == "boolean" then return false end
  return field.type == "list" and {} or nil
end

local function with_defaults(kind, input)
  for _, field in ipairs(kind.fields) do
    if input[field.name] == nil then input[field.name] = nothing(field) end
  end
  return input
end

--- The organisation that a new card is for: one's own, or the one that is named.
function service.organization_for(user, given)
  local own = policy.own_organization(user)
  if own and given and given ~= own then return nil, errors.forbidden("Вы ведёте ресурсы только своей организации.", "foreign_organization") end
  local id = own or given
  if not id then return nil, errors.invalid("organization_id", "required", "Выберите организацию.") end
  if not own and not store.choices("organization", id)[1] then return nil, errors.invalid("organization_id", "unknown", "Такой организации-партнёра нет.") end
  return id
end

--- Makes a card.
---@param input table values of fields.CREATE[kind.code]
---@param memo table? choices already read: for tables
---@return table? card
---@return kit.Error? err
function service.create(user, kind, input, memo)
  local organization_id, err = service.organization_for(user, input.organization_id)
  local ok
  if organization_id then ok, err = policy.need_manage(user, kind, { organization_id = organization_id }) end
  if not ok then return nil, err end
  with_defaults(kind, input)
  local parsed
  parsed, err = check(kind, organization_id, input, memo)
  if not parsed then return nil, err end
  return transaction.run(function()
    if kind.is_person then
      input.person_id, err = people.of(organization_id, input, user)
      if not input.person_id then return nil, err end
    end
    local row, refused = transaction.attempt(function() return store.insert(kind, organization_id, input, user.id) end)
    if not row then return nil, explain(kind, refused) end
    ok, refused = write_extras(kind, row.id, parsed)
    if not ok then return nil, explain(kind, refused) end
    audit.write(kind.table .. ".create", kind.table, row.id, { organization_id = { "", tostring(organization_id) } })
    ok, refused = begin(kind, row.id, user)
    if not ok then return nil, refused end
    return store.find(kind, row.id)
  end)
end

local function shown(value)
  if value == nil or value == core_db.null then return "" end
  return type(value) == "table" and table.concat(value, ", ") or tostring(value)
end

local function diff_of(kind, old, new)
  local diff = {}
  for _, field in ipairs(kind.fields) do
    if not field.on_create and not (field.extra and field.extra ~= "qty") and shown(old[field.name]) ~= shown(new[field.name]) then
      diff[field.name] = { shown(old[field.name]), shown(new[field.name]) }
    end
  end
  return diff
end

-- Somebody was faster: which fields differ from what was sent.
local function stale(kind, sent, current)
  local changed = {}
  for name in pairs(diff_of(kind, current, sent)) do changed[#changed + 1] = kind.by_name[name].label end
  table.sort(changed)
  local words = #changed > 0 and (" Отличается: " .. table.concat(changed, ", ") .. ".") or ""
  return errors.conflict("version_conflict", "Карточку изменили, пока вы её правили." .. words .. " Ниже — ваши значения; сохраните ещё раз, чтобы записать их.",
    { version = current.version, changed = json.array(changed) })
end

local function merged(kind, card, input)
  local values = {}
  for _, field in ipairs(kind.fields) do
    local given = input[field.name]
    if given == nil and not field.extra then given = card[field.name] end
    if given == core_db.null and (not field.extra or field.default ~= nil) then given = nothing(field) end
    values[field.name] = given
  end
  return values
end

--- Changes a card; `input` holds what changes, db.null erases. A partner's edit is checked anew where the region says so.
---@return table? card
---@return kit.Error? err
function service.save(user, kind, id, input)
  local card, err = service.editable(user, kind, id)
  if not card then return nil, err end
  local values = merged(kind, card, input)
  local parsed
  parsed, err = check(kind, card.organization_id, values)
  if not parsed then return nil, err end
  return transaction.run(function()
    local count, refused = transaction.attempt(function() return store.update(kind, id, input.version or card.version, values, user.id) end)
    if not count then return nil, explain(kind, refused) end
    if count == 0 then return nil, stale(kind, values, store.find(kind, id)) end
    local ok
    ok, refused = write_extras(kind, id, parsed)
    if not ok then return nil, explain(kind, refused) end
    audit.write(kind.table .. ".update", kind.table, id, diff_of(kind, card, values))
    if card.state == "active" and not policy.is_moderator(user) and setting.get("resources.check_edits") then
      ok, refused = workflow.fire(bindings[kind.code], id, "edit", user, {})
      if not ok then return nil, refused end
    end
    return store.find(kind, id)
  end)
end

--- The card with the values of a form, when the user may change it.
function service.editable(user, kind, id)
  local card, err = service.find(user, kind, id)
  local ok
  if card then ok, err = policy.need_manage(user, kind, card) end
  if not ok then return nil, err end
  if card.state == "archived" then return nil, errors.conflict("archived", "Карточка в архиве: её уже не правят.") end
  return card
end

--- Values that are no columns, for the form.
function service.extras(kind, card)
  for _, field in ipairs(kind.fields) do
    if field.extra and extras[field.extra].read then card[field.name] = extras[field.extra].read(card.id) end
  end
  return card
end

--- Choices for the fields of a form: by `ref`.
function service.choices(kind, organization_id, refs)
  local found = {}
  for _, entry in ipairs(refs or kind.fields) do
    if entry.ref and not found[entry.ref] then found[entry.ref] = store.choices(entry.ref, organization_id) end
  end
  return found
end
service.organizations = function() return store.choices("organization", nil) end
service.own_organization, service.is_moderator = policy.own_organization, policy.is_moderator

--- Fires an action of the machine. `hold` takes {until, lessons} in data.
---@return table? card
---@return kit.Error? err
function service.transition(user, kind, id, input)
  local card, err = service.find(user, kind, id)
  if not card then return nil, err end
  if input.action == "hold" then
    local ok
    ok, err = form.parse(fields.HOLD, input.data or {})
    if not ok then return nil, err end
  end
  return workflow.fire(bindings[kind.code], id, input.action, user, input)
end

--- Lessons to come that taking the card out of work would hit.
---@return table? found {card, lessons}
---@return kit.Error? err
function service.hits(user, kind, id, until_day)
  local card, err = service.editable(user, kind, id)
  if not card then return nil, err end
  return { card = card, lessons = card_store.hits(kind, card, until_day) }
end

--- For notifications: what was taken out of work, and whom it concerns. nil when no lesson is hit.
---@param payload table event resource.maintenance
function service.hold_news(payload)
  local kind = kinds.BY_TABLE[payload.entity]
  local card = kind and store.find(kind, math.tointeger(tonumber(payload.id)))
  local lessons = card and card_store.hits(kind, card, card.held_until) or {}
  if #lessons == 0 then return nil end
  local ids, users = {}, {}
  for i, lesson in ipairs(lessons) do ids[i] = lesson.id end
  for i, row in ipairs(card_store.concerned(core_db.array(ids))) do users[i] = row.id end
  return { name = card.label, count = #lessons, reason = card.reason or "", path = ("%s/%d"):format(kind.code, card.id), user_ids = users }
end

return service
