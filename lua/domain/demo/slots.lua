--- Who and what is busy when, so that the made-up timetable has no clash. Minutes of local days. Pure.
local slots = {}
slots.__index = slots

function slots.new() return setmetatable({ days = {} }, slots) end

local function key(resource_id, day) return resource_id << 24 | day end

--- Is the resource free on `day` from minute `from` to minute `to`?
function slots:is_free(resource_id, day, from, to)
  for _, taken in ipairs(self.days[key(resource_id, day)] or {}) do
    if taken[1] < to and from < taken[2] then return false end
  end
  return true
end

function slots:take(resource_id, day, from, to)
  local list = self.days[key(resource_id, day)]
  if not list then
    list = {}
    self.days[key(resource_id, day)] = list
  end
  list[#list + 1] = { from, to }
end

return slots
