--- JSON of resources: the same routes for each kind, with its own schema.
local fields = require("domain.resources.fields")
local form = require("kit.form")
local json = require("core.json")
local kinds = require("domain.resources.kinds")
local list = require("domain.resources.list")
local present = require("domain.resources.present")
local respond = require("kit.respond")
local service = require("domain.resources.service")
local shape = require("kit.shape")

local BASE = "/api/v1/resources/"

local function id_of(request) return math.tointeger(tonumber(request.params.id:match("^%d+$"))) end

local function body_of(request, schema, options)
  local body, err = request:json()
  if not body then return nil, err end
  return form.parse(schema, body, options)
end

local function shown(kind, card, err, status)
  if not card then return nil, err end
  return respond.json(present.json(kind, card), status)
end

local function handlers(kind)
  local made = {}
  function made.list(request)
    local found, err = list.read(request.user, kind, request.query_all)
    if not found then return nil, err end
    local items = json.array({})
    for i, row in ipairs(found.rows) do items[i] = present.json(kind, row) end
    return respond.json({ items = items, next_cursor = found.next_cursor or json.null })
  end
  function made.show(request)
    local card, err = service.find(request.user, kind, id_of(request))
    return shown(kind, card and service.extras(kind, card), err)
  end
  function made.create(request)
    local input, err = body_of(request, fields.CREATE[kind.code])
    local card
    if input then card, err = service.create(request.user, kind, input) end
    return shown(kind, card and service.find(request.user, kind, card.id), err, 201)
  end
  function made.update(request)
    local input, err = body_of(request, fields.CHANGE[kind.code], { partial = true })
    local card
    if input then card, err = service.save(request.user, kind, id_of(request), input) end
    return shown(kind, card and service.find(request.user, kind, card.id), err)
  end
  function made.transition(request)
    local input, err = body_of(request, form.TRANSITION)
    local card
    if input then card, err = service.transition(request.user, kind, id_of(request), input) end
    return shown(kind, card and service.find(request.user, kind, card.id), err)
  end
  function made.hits(request)
    local input, err = form.parse(fields.HOLD, request.query_all)
    local found
    if input then found, err = service.hits(request.user, kind, id_of(request), input["until"]) end
    if not found then return nil, err end
    local items = json.array({})
    for i, l in ipairs(found.lessons) do
      items[i] = { id = tostring(l.id), held_on = l.held_on, starts = l.starts, group = l.group_code, organization = l.organization, title = l.title,
        state = l.state }
    end
    return respond.json({ items = items, next_cursor = json.null })
  end
  return made
end

-- ---- what the answers are made of

local maybe, text = shape.maybe, shape.text
local SHAPES = { id = shape.id, integer = shape.integer, boolean = shape.boolean, date = shape.date }

local function schema_of(kind)
  local all = { id = shape.id, organization_id = shape.id, organization = text, label = maybe(text), state = text, reason = maybe(text),
    held_until = maybe(shape.date),
    version = shape.integer }
  for _, field in ipairs(kind.fields) do
    if field.type == "list" then all[field.name] = { type = json.array({ "array", "null" }), items = text }
    elseif field.type == "decimal" then all[field.name] = { type = json.array({ "number", "string", "null" }) }
    else all[field.name] = maybe(SHAPES[field.type] or text) end
  end
  if kind.table == "consumable" then all.on_hand = { type = json.array({ "number", "string" }) } end
  return shape.object(all)
end

local NAMES = { rooms = "Room", staff = "StaffCard", equipment = "Equipment", software = "Software", consumables = "Consumable", sites = "Site", ict = "IctResource",
  info = "InfoResource" }
local CODES = "403 not_allowed; 409 wrong_state, version_conflict; "
  .. "422 reason_required (reject, hold, retire), lessons_hit (hold: повторите с data.lessons), still_booked (retire)."

local routes = { schemas = {
  ResourceHit = shape.object({ id = shape.id, held_on = shape.date, starts = text, group = text, organization = text, title = text, state = text }),
} }

local function add(kind)
  local name, path, does = NAMES[kind.code], BASE .. kind.code, handlers(kind)
  routes.schemas[name] = schema_of(kind)
  for _, route in ipairs({
    { "GET", path, does.list, access = { kind.read }, query = fields.LIST[kind.code], returns = name .. "List", summary = kind.title },
    { "POST", path, does.create, access = { "resource.manage" }, body = fields.CREATE[kind.code], returns = name, summary = kind.new },
    { "GET", path .. "/{id}", does.show, access = { kind.read }, returns = name, summary = kind.one .. ": карточка" },
    { "PATCH", path .. "/{id}", does.update, access = { "resource.manage" }, body = fields.CHANGE[kind.code], returns = name, summary = kind.one .. ": изменить" },
    { "POST", path .. "/{id}/transitions", does.transition, access = { "resource.manage" }, body = form.TRANSITION, returns = name, description = CODES,
      summary = kind.one .. ": submit, approve, reject, hold, restore, retire" },
    { "GET", path .. "/{id}/hits", does.hits, access = { "resource.manage" }, query = fields.HOLD, returns = "ResourceHitList",
      summary = kind.one .. ": занятия, которые заденет вывод из работы" },
  }) do routes[#routes + 1] = route end
end

for _, code in ipairs(kinds.ORDER) do add(kinds.BY_CODE[code]) end

return routes
