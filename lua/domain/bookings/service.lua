--- Bookings of rooms: own ones at once, of others by a request that the owner confirms.
local access = require("kit.access")
local audit = require("kit.audit")
local errors = require("kit.errors")
local fields = require("domain.bookings.fields")
local json = require("core.json")
local live = require("kit.live")
local outbox = require("kit.outbox")
local store = require("domain.bookings.store")
local transaction = require("kit.transaction")
local workflow = require("kit.workflow")
local service = {}

local function tell_boards(booking) live.notify("schedule", { from = booking.held_on, to = booking.held_on }) end

local effects = {}

service.binding = {
  machine = "booking", entity = "booking", lock = store.lock, find = store.find,
  facts = function(booking) return store.facts(booking.id) or {} end,
  -- The state of a lesson's booking is derived from its rooms: it is changed there.
  save = function(booking, to, input)
    if booking.lesson_id and to == "confirmed" then return store.grant_room(booking.lesson_id, booking.resource_id) end
    if booking.lesson_id then
      local ok, err = store.deny_room(booking.id, booking.lesson_id, booking.resource_id)
      if err then return ok, err end
    end
    return store.save_state(booking.id, to, input.reason)
  end,
  effects = effects,
}

local function own_organization(user)
  return access.scope(user, "room.book") == "organization" and user.grant.organization_id or nil
end

--- One page of requests: those that wait for the user's rooms, or those of the user's organisation.
---@return table[]? rows
---@return kit.Error|string|nil next_cursor or the error
function service.list(input, user)
  local ok, err = access.need(user, "room.book")
  if not ok then return nil, err end
  local own = own_organization(user)
  local filters = { state = input.state }
  if input.side == "out" then filters.asker = own or user.grant.organization_id else filters.owner = own end
  local rows, more = store.LIST:page({ filters = filters, cursor = input.cursor, limit = input.limit or 30 })
  if not rows then return nil, more end
  for _, row in ipairs(rows) do row.actions = workflow.actions(service.binding, row, user, { overlaps = 0, resource_is_open = true }) end
  return rows, more
end

local function taken_text(room, holder)
  local who = holder.group_code and ("%s, группа %s"):format(holder.organization, holder.group_code) or (holder.note ~= "" and holder.note)
    or fields.PURPOSE_WORDS[holder.purpose]
  return ("%s: помещение занято: %s, %s–%s"):format(room.name, who, holder.starts, holder.ends)
end

local function write(input, room, user, state)
  local row, err = store.insert({
    room_id = room.id, held_on = input.held_on, starts = input.starts, minutes = input.minutes, zone = room.zone, purpose = input.purpose,
    exclusive = room.exclusive, state = state, note = input.note, organization_id = user.grant.organization_id or room.organization_id, user_id = user.id,
  })
  if not row then return nil, err end
  audit.write("booking.create", "booking", row.id, { state = { nil, state } }, input.note)
  if state == "requested" then outbox.emit("booking.requested", nil, { id = row.id }) end
  local booking = store.find(row.id)
  tell_boards(booking)
  return booking
end

--- Books a room, or asks its owner for it.
---@param input table values of fields.BOOKING
---@return table? booking
---@return kit.Error? err 409 when the room is taken
function service.create(input, user)
  local ok, err = access.need(user, "room.book")
  if not ok then return nil, err end
  local room = store.room(input.room_id)
  if not room then return nil, errors.invalid("room_id", "unknown", "Такого помещения нет.") end
  if room.state ~= "active" then return nil, errors.invalid("room_id", "not_active", "Помещение «" .. room.name .. "» сейчас не в работе.") end
  local is_own = access.can(user, "room.book", room)
  if not is_own and input.purpose == "maintenance" then return nil, errors.forbidden("Обслуживание назначает владелец помещения.", "not_owner") end
  return transaction.run(function()
    local holder = room.exclusive and store.holders(room.id, input.held_on, input.starts, input.minutes, room.zone)[1]
    if holder then
      local taken = errors.conflict("room_taken", taken_text(room, holder))
      taken.extra = { conflicts = json.array({ { rule = "H2", text = taken.text, overridable = false } }) }
      return nil, taken
    end
    local booking, fault = write(input, room, user, is_own and "confirmed" or "requested")
    if fault and fault.constraint == "booking_overlap" then fault = errors.conflict("room_taken", room.name .. ": это время только что заняли.") end
    return booking, fault
  end)
end

--- Confirms, declines, cancels.
---@return table? booking
---@return kit.Error? err
function service.transition(id, action, user, input)
  local booking = store.find(id)
  if not booking then return nil, errors.not_found("booking", id) end
  local ok, err = access.need(user, "room.book", booking)
  if not ok then return nil, err end
  return transaction.run(function()
    local fired, refused = transaction.attempt(function() return workflow.fire(service.binding, id, action, user, input) end)
    if not fired and refused and refused.constraint == "booking_overlap" then refused = errors.conflict("room_taken", "Помещение в это время уже занято.") end
    if not fired then return nil, refused end
    tell_boards(booking)
    return store.find(id) or fired
  end)
end

--- Every few minutes: bookings begin and end by the clock.
function service.tick()
  for _, row in ipairs(store.due(500)) do workflow.fire(service.binding, row.id, row.action, workflow.SYSTEM, {}) end
  return true
end

--- The choices of the form.
function service.rooms() return store.rooms(1000) end

--- Requests that wait for this user.
function service.waiting(user) return store.waiting(own_organization(user)) end

return service
