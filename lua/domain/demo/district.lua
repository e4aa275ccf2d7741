--- What the writers of a grown region share: keys of the district at hand, days as text, lines of COPY.
local dates = require("domain.demo.dates")
local layout = require("domain.demo.layout")
local district = {}
district.__index = district

local EARLIEST, LATEST = -1200, 600 -- days around the anchor that have a text ready

--- `at` = {anchor, today}; `bases` = first free key by table; `extra` = what the database knows.
function district.new(at, bases, calendar, extra)
  local self = setmetatable({ anchor = at.anchor, today = at.today, calendar = calendar, bases = bases, days = {}, due = {},
    zone = extra.zone, names = extra.names, professions = extra.professions, competences = extra.competences,
    sample_id = extra.sample_id, clerk_id = extra.clerk_id, director_id = extra.director_id,
    first_number = extra.first_number, number = 0, index = 0, keys = {} }, district)
  for offset = EARLIEST, LATEST do self.days[offset] = dates.text(at.anchor + offset) end
  return self
end

--- Goes to district number `number` (0, 1 …); districts before `first` are in the database already.
function district:enter(number, first)
  self.number, self.index = number, number - first
  for name, count in pairs(layout.KEYS) do self.keys[name] = self.bases[name] + (number - first) * count end
  return self
end

--- Text of the day `offset` days after the anchor.
function district:day(offset) return self.days[offset] end

function district:moment(offset, minute)
  return ("%s %02d:%02d:00"):format(self.days[offset], minute // 60, minute % 60)
end

--- Offset of today from the anchor.
function district:now() return self.today - self.anchor end

--- Working days of the calendar after the day at `offset`; kept, since thousands ask for the same.
function district:after_working_days(offset, count)
  local known = self.due[offset]
  if not known then
    known = self.calendar.add(self.anchor + offset, count) - self.anchor
    self.due[offset] = known
  end
  return known
end

--- Columns and a format for one table: what is constant stands in the format, the rest are arguments in order.
---@param list table each "column", an argument, or {"column", "constant"}
---@return table template {columns, format}
function district.template(list)
  local names, parts = {}, {}
  for index, column in ipairs(list) do
    local is_constant = type(column) == "table"
    names[index] = is_constant and column[1] or column
    parts[index] = is_constant and column[2]:gsub("%%", "%%%%") or "%s"
  end
  return { columns = table.concat(names, ", "), format = table.concat(parts, "\t") .. "\n" }
end

return district
