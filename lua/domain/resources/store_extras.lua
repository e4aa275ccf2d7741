--- Values of a card that are no columns of its table: bells of a site, hours of a teacher, quantity, rooms of a program. Each is read
--- as a form shows it, checked, and written.
local db = require("core.db")
local query = require("kit.query")
local text = require("core.text")
local extras = {}

local DAYS = { ["пн"] = 1, ["вт"] = 2, ["ср"] = 3, ["чт"] = 4, ["пт"] = 5, ["сб"] = 6, ["вс"] = 7 }
local DAY_NAMES = { "Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс" }

local function clock(h, m)
  h, m = tonumber(h), tonumber(m)
  return h and m and h < 24 and m < 60 and ("%02d:%02d"):format(h, m) or nil
end

-- "09:00–10:30", whatever dash it has.
local function span(line)
  local h1, m1, h2, m2 = line:match("(%d%d?)[:.](%d%d)%D+(%d%d?)[:.](%d%d)%s*$")
  local from, to = clock(h1, m1), clock(h2, m2)
  if not from or not to or to <= from then return nil end
  return from, to
end

local function each_line(typed, fn)
  local number = 0
  for line in ((typed or "") .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if line:find("%S") then
      local fault = fn(line, number)
      if fault then return ("Строка %d: %s"):format(number, fault) end
    end
  end
end

-- ---- bells: "1 смена 09:00–10:30"

local bells = {}
extras.bells = bells

function bells.read(id)
  local lines = {}
  for i, row in ipairs(query.rows([[
    SELECT shift, to_char(starts, 'HH24:MI') AS starts, to_char(ends, 'HH24:MI') AS ends FROM bell_schedule WHERE site_id = $1 ORDER BY shift, starts
  ]], id)) do
    lines[i] = ("%d смена %s–%s"):format(row.shift, row.starts, row.ends)
  end
  return table.concat(lines, "\n")
end

---@return table[]? rows {shift, starts, ends}
---@return string? fault
function bells.parse(typed)
  local rows, last = {}, {}
  local fault = each_line(typed, function(line)
    local shift = tonumber(line:match("^%s*(%d)%s*смена")) or tonumber(line:match("^%s*(%d)%s+%d")) or 1
    local from, to = span(line)
    if not from then return "пишите так: «1 смена 09:00–10:30»" end
    if shift < 1 or shift > 4 then return "смен бывает от 1 до 4" end
    if last[shift] and from < last[shift] then return "пара начинается раньше, чем кончилась предыдущая" end
    last[shift] = to
    if #rows >= 24 then return "больше 24 пар не бывает" end
    rows[#rows + 1] = { shift = shift, starts = from, ends = to }
  end)
  if fault then return nil, fault end
  return rows
end

function bells.write(id, rows)
  local shifts, numbers, starts, ends, count = {}, {}, {}, {}, {}
  for i, row in ipairs(rows) do
    count[row.shift] = (count[row.shift] or 0) + 1
    shifts[i], numbers[i], starts[i], ends[i] = row.shift, count[row.shift], row.starts, row.ends
  end
  -- Pairs are numbered through the day over all shifts, as timetables print them.
  local order = {}
  for i in ipairs(rows) do order[i] = i end
  table.sort(order, function(a, b) return starts[a] < starts[b] or (starts[a] == starts[b] and a < b) end)
  for place, i in ipairs(order) do numbers[i] = math.min(place, 12) end
  query.exec("DELETE FROM bell_schedule WHERE site_id = $1", id)
  return query.exec([[
    INSERT INTO bell_schedule (site_id, shift, pair_no, starts, ends)
    SELECT $1, s, p, a, b FROM unnest($2::int[], $3::int[], $4::time[], $5::time[]) AS x(s, p, a, b)
  ]], id, db.array(shifts), db.array(numbers), db.array(starts), db.array(ends))
end

-- ---- when a teacher can be asked: "Пн 09:00–18:00"

local available = {}
extras.available = available

function available.read(id)
  local lines = {}
  for i, row in ipairs(query.rows([[
    SELECT weekday, to_char(starts, 'HH24:MI') AS starts, to_char(ends, 'HH24:MI') AS ends FROM staff_availability WHERE staff_id = $1 ORDER BY weekday, starts
  ]], id)) do
    lines[i] = ("%s %s–%s"):format(DAY_NAMES[row.weekday], row.starts, row.ends)
  end
  return table.concat(lines, "\n")
end

function available.parse(typed)
  local rows, seen = {}, {}
  local fault = each_line(typed, function(line)
    local day = DAYS[text.lower(line:match("^%s*(%S+)") or "")]
    local from, to = span(line)
    if not day or not from then return "пишите так: «Пн 09:00–18:00»" end
    if seen[day .. from] then return "такая строка уже есть" end
    seen[day .. from] = true
    if #rows >= 30 then return "строк не больше 30" end
    rows[#rows + 1] = { weekday = day, starts = from, ends = to }
  end)
  if fault then return nil, fault end
  return rows
end

function available.write(id, rows)
  local days, starts, ends = {}, {}, {}
  for i, row in ipairs(rows) do days[i], starts[i], ends[i] = row.weekday, row.starts, row.ends end
  query.exec("DELETE FROM staff_availability WHERE staff_id = $1", id)
  return query.exec([[
    INSERT INTO staff_availability (staff_id, weekday, starts, ends) SELECT $1, d, a, b FROM unnest($2::int[], $3::time[], $4::time[]) AS x(d, a, b)
  ]], id, db.array(days), db.array(starts), db.array(ends))
end

-- ---- quantity, refused by slot_use_capacity when more is promised already

extras.qty = {
  parse = function(value) return value end,
  write = function(id, value)
    return query.exec([[
      UPDATE resource SET capacity = $2 WHERE id = $1 AND capacity <> $2
        AND NOT EXISTS (SELECT FROM equipment_unit WHERE equipment_id = $1 AND state <> 'gone')
    ]], id, value)
  end,
}

-- ---- rooms of a program

extras.rooms = {
  parse = function(value) return value end,
  write = function(id, value)
    query.exec("DELETE FROM software_room WHERE software_id = $1 AND room_id <> ALL ($2::bigint[])", id, db.array(value))
    return query.exec("INSERT INTO software_room (software_id, room_id) SELECT $1, r FROM unnest($2::bigint[]) AS r ON CONFLICT DO NOTHING", id, db.array(value))
  end,
}

return extras
