--- Rows of the demo before they go to the database, with their keys and the moment they are anchored on.
local dates = require("domain.demo.dates")
local people = require("domain.demo.people")
local random = require("domain.demo.random")
local world = {}
world.__index = world

local SEED = 5926

--- `clock` = {today, minute, anchor}; `bases` = first free key by table; `calendar` of dates.calendar().
function world.new(clock, bases, calendar, names, zone)
  return setmetatable({
    today = clock.today, minute = clock.minute, anchor = clock.anchor, calendar = calendar, zone = zone,
    random = random.new(SEED), names = names, rows = {}, bases = bases, next_ids = {}, emails = {}, known_names = {}, approved_last = {},
    snils_index = 0,
  }, world)
end

--- Adds a row and gives it a key where the table has one of its own.
function world:add(table_name, row)
  local list = self.rows[table_name]
  if not list then
    list = {}
    self.rows[table_name] = list
  end
  local base = self.bases[table_name]
  if base and not row.id then
    row.id = self.next_ids[table_name] or base
    self.next_ids[table_name] = row.id + 1
  end
  list[#list + 1] = row
  return row
end

--- A new key of `resource`: what bookings point at.
function world:add_resource(kind, capacity)
  return self:add("resource", { kind = kind, exclusive = not capacity, capacity = capacity or 1 }).id
end

--- An address nobody has yet, at a host that does not exist.
function world:email(p, host)
  local base = people.latin(p.last_name) .. "." .. people.latin(p.first_name)
  local email, number = base .. "@" .. host, 1
  while self.emails[email] do
    number = number + 1
    email = base .. number .. "@" .. host
  end
  self.emails[email] = true
  return email
end

--- A name that no other person of the demo bears.
function world:name(gender)
  while true do
    local name = people.name(self.random, self.names, gender)
    local full = people.full_name(name)
    if not self.known_names[full] then
      self.known_names[full] = true
      return name
    end
  end
end

function world:snils()
  self.snils_index = self.snils_index + 1
  return people.snils(self.snils_index - 1)
end

function world:phone() return ("+7999%07d"):format(1000000 + self.random:below(8999999)) end

function world:date(offset) return dates.text(self.anchor + offset) end

--- Lines of the timeline that people see.
function world:event(machine, object_id, action, from, to, at, user_id, role, reason)
  return self:add("workflow_event", { machine = machine, object_id = object_id, action = action, from_state = from,
    to_state = to, at = at, user_id = user_id, role = role, reason = reason })
end

return world
