--- Words and shapes of organisations for views and JSON.
local fields = require("domain.organizations.fields")
local json = require("core.json")
local russian = require("kit.russian")
local present = {}

local function label_of(options, value)
  for _, option in ipairs(options) do
    if option.value == value then return option.label end
  end
  return value
end

local function agreement_view(a)
  local state = a.ended_on and { "расторгнуто", "bad" } or a.is_in_force and (a.ends_soon and { "скоро кончится", "warn" } or { "действует", "ok" })
    or { "истекло", "neu" }
  a.kind_name, a.state_name, a.tone = label_of(fields.AGREEMENTS, a.kind), state[1], state[2]
  return a
end

-- Those who work now and those who did.
local function split(list)
  local now, past = {}, {}
  for _, member in ipairs(list) do
    member.capacity_name = fields.CAPACITY_NAMES[member.capacity]
    member.name = member.name or member.email
    table.insert(member.ended_at and past or now, member)
  end
  return now, past
end

local function heirs(now, user_id)
  local options = {}
  for _, member in ipairs(now) do
    if member.user_id ~= user_id and member.capacity ~= "expert" then options[#options + 1] = { value = member.id, label = member.name } end
  end
  return options
end

-- The way through the states, newest first.
local function history(events)
  local items = {}
  for index = #events, 1, -1 do
    local event = events[index]
    items[#items + 1] = { title = event.state.label, at = russian.datetime(event.at), who = event.who, text = event.reason, state = "on",
      because = event.because }
  end
  return items
end

--- Everything that the views of a card take.
function present.card(card, data)
  data.organization, data.history = card, history(card.history)
  data.now, data.past = split(card.members)
  data.heirs = heirs(data.now, data.user_id)
  for _, member in ipairs(data.now) do
    if member.user_id == data.user_id and member.capacity ~= "expert" then data.own = member end
  end
  for _, a in ipairs(card.agreements) do agreement_view(a) end
  for _, row in ipairs(card.invitations) do row.capacity_name = fields.CAPACITY_NAMES[row.capacity] end
  data.capacities, data.agreement_kinds = fields.CAPACITIES, fields.AGREEMENTS
  data.accept, data.max_bytes = fields.FILE_ACCEPT, fields.FILE_MAX_BYTES
  data.danger = { reject = true, close = true, suspend = true }
  return data
end

--- The page of the card for this user: of a curator his own one.
function present.home(user, id)
  if user.grant and user.grant.organization_id == id then return "/cabinet/organization" end
  return "/cabinet/organizations/" .. id
end

--- A box that is not ticked is not sent: on a page it means "no".
function present.with_boxes(schema, typed)
  local all = {}
  for name, value in pairs(typed) do all[name] = value end
  for _, field in ipairs(schema) do
    if field.type == "boolean" and all[field.name] == nil then all[field.name] = "0" end
  end
  return all
end

function present.memberships(list, user)
  for _, row in ipairs(list) do
    row.capacity_name = fields.CAPACITY_NAMES[row.capacity]
    for _, grant in ipairs(user.grants) do
      if grant.organization_id == row.organization_id then row.grant_id = row.grant_id or grant.id end
    end
    row.is_current = user.grant ~= nil and user.grant.organization_id == row.organization_id
  end
  return list
end

-- ---- JSON

local SCALARS = { "kind", "full_name", "short_name", "inn", "kpp", "ogrn", "okved_main", "municipality", "legal_address", "actual_address",
  "director_name", "director_post", "director_basis", "phone", "email", "site_url", "state", "reason" }

local function null(value)
  if value == nil then return json.null end
  return value
end

local function key(value) return value and tostring(value) or json.null end

---@return table organization as JSON shows it
function present.json(o)
  local out = { id = tostring(o.id), is_partner = o.is_partner, is_customer = o.is_customer, parent_id = key(o.parent_id),
    successor_id = key(o.successor_id), version = o.version }
  for _, name in ipairs(SCALARS) do out[name] = null(o[name]) end
  return out
end

function present.row_json(o)
  return { id = tostring(o.id), kind = o.kind, short_name = o.short_name, full_name = o.full_name, inn = null(o.inn), kpp = null(o.kpp), ogrn = null(o.ogrn),
    is_partner = o.is_partner, is_customer = o.is_customer, municipality = null(o.municipality), state = o.state, parent_id = key(o.parent_id) }
end

function present.member_json(m)
  return { id = tostring(m.id), name = null(m.name), email = null(m.email), capacity = m.capacity, post = null(m.post), started_at = m.started_at,
    ended_at = null(m.ended_at), version = m.version }
end

return present
