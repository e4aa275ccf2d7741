--- iCalendar (RFC 5545) of a person's lessons. UID stays, SEQUENCE grows with each move, so that phones update.
local clock = require("core.clock")
local settings = require("core.settings")
local calendar = {}

local function escape(value)
  return (tostring(value or ""):gsub("[\\;,]", "\\%0"):gsub("\r?\n", "\\n"))
end

-- Lines longer than 75 octets are folded, never inside a UTF-8 character.
local function fold(line)
  local parts, from = {}, 1
  while #line - from + 1 > 74 do
    local to = from + 73
    while (line:byte(to + 1) or 0) & 0xC0 == 0x80 do to = to - 1 end
    parts[#parts + 1] = line:sub(from, to)
    from = to + 1
  end
  parts[#parts + 1] = line:sub(from)
  return table.concat(parts, "\r\n ")
end

local function local_stamp(date, time)
  return date:gsub("-", "") .. "T" .. time:gsub(":", "") .. "00"
end

local function event(lines, lesson, stamp, host)
  lines[#lines + 1] = "BEGIN:VEVENT"
  lines[#lines + 1] = ("UID:lesson-%d@%s"):format(lesson.id, host)
  lines[#lines + 1] = "SEQUENCE:" .. lesson.sequence
  lines[#lines + 1] = "DTSTAMP:" .. stamp
  lines[#lines + 1] = ("DTSTART;TZID=%s:%s"):format(lesson.zone, local_stamp(lesson.held_on, lesson.starts))
  lines[#lines + 1] = ("DTEND;TZID=%s:%s"):format(lesson.zone, local_stamp(lesson.held_on, lesson.ends))
  lines[#lines + 1] = "SUMMARY:" .. escape(lesson.module or lesson.program)
  lines[#lines + 1] = "DESCRIPTION:" .. escape(("Группа %s. %s"):format(lesson.group_code, lesson.teachers or ""))
  if lesson.rooms or lesson.address then
    lines[#lines + 1] = "LOCATION:" .. escape(table.concat({ lesson.rooms or "", lesson.address or "" }, ", "))
  end
  lines[#lines + 1] = "STATUS:" .. (lesson.state == "cancelled" and "CANCELLED" or "CONFIRMED")
  lines[#lines + 1] = "END:VEVENT"
end

-- Russian zones have had no clock change since 2014, so one STANDARD part describes them whole.
local function zone_block(lines, zone, offset)
  lines[#lines + 1] = "BEGIN:VTIMEZONE"
  lines[#lines + 1] = "TZID:" .. zone
  lines[#lines + 1] = "BEGIN:STANDARD"
  lines[#lines + 1] = "DTSTART:20141026T000000"
  lines[#lines + 1] = "TZOFFSETFROM:" .. offset
  lines[#lines + 1] = "TZOFFSETTO:" .. offset
  lines[#lines + 1] = "END:STANDARD"
  lines[#lines + 1] = "END:VTIMEZONE"
end

-- "+0500" from the local time of a lesson and its moment as PostgreSQL prints it in the region's zone.
local function offset_of(lesson)
  local y, mo, d, h, mi, sign, zh, zm = lesson.starts_at:match("^(%d+)-(%d+)-(%d+)[ T](%d+):(%d+):[%d.]+([+-])(%d%d):?(%d?%d?)")
  local region = (tonumber(zh) * 60 + (tonumber(zm) or 0)) * (sign == "-" and -1 or 1)
  local ly, lmo, ld = lesson.held_on:match("^(%d+)-(%d+)-(%d+)$")
  local lh, lmi = lesson.starts:match("^(%d+):(%d+)")
  local moment = os.time({ year = y, month = mo, day = d, hour = h, min = mi }) - region * 60
  local shown = os.time({ year = ly, month = lmo, day = ld, hour = lh, min = lmi })
  local minutes = (shown - moment) // 60
  return ("%s%02d%02d"):format(minutes < 0 and "-" or "+", math.abs(minutes) // 60, math.abs(minutes) % 60)
end

--- The calendar as text.
---@param lessons table[] rows of the store, in order of time
---@return string
function calendar.render(lessons)
  local host = (settings.public_url or ""):match("^https?://([^/:]+)") or "copp.local"
  local stamp = os.date("!%Y%m%dT%H%M%SZ", clock.now() // 1 | 0)
  local lines = {
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//COPP//timetable//RU", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
    "X-WR-CALNAME:Занятия ЦОПП", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
  }
  local known = {}
  for _, lesson in ipairs(lessons) do
    if not known[lesson.zone] then
      known[lesson.zone] = true
      zone_block(lines, lesson.zone, offset_of(lesson))
    end
  end
  for _, lesson in ipairs(lessons) do event(lines, lesson, stamp, host) end
  lines[#lines + 1] = "END:VCALENDAR"
  for i, line in ipairs(lines) do lines[i] = fold(line) end
  return table.concat(lines, "\r\n") .. "\r\n"
end

return calendar
